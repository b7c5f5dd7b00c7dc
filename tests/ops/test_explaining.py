"""Why did it say that: the record and the trace of a turn on one page, each for what it is."""

import re
import time
from typing import Any

import pytest

from shared import contracts as c
from tests.console.desk import PAGE, ConsoleDesk
from tests.ops.traces import MemoryTraces

TOKEN = "TOKEN_0f8fad5b-d9cd-469f-a165-70867728950e"
PASSAGE = "kb:shipping-policy#express"
REJECTED = '{"findings":[{"rule":"output.unsourced","span":"tomorrow","remedy":"say when by the policy"}]}'
DRAFT = '{"sentences":[{"text":"It is there tomorrow."}]}'
FOUND = (
    f'{{"passages":[{{"id":"{PASSAGE}","title":"Shipping","section":"Express","score":0.8,"text":"Fast."}}]}}'
)
CITED = c.Citation(
    source="en/shipping.md", title="Shipping", section="Express", quote="Express takes 2-3 days."
)


async def a_turn(desk: ConsoleDesk, turn: str = "t-1", *, at: float | None = None, **more: Any) -> None:
    """Asked and answered, as it is stored."""
    await desk.said(
        f"I am {TOKEN}, how fast is <b>express</b>?", "Express takes 2-3 days.", turn=turn,
        at=at or time.time() - 100, intent=c.Intent.SHIPPING_ESTIMATE, confidence=0.91,
        citations=(CITED,), engine="openai", trace_id="b1" * 16,
        sentences=(c.Sentence(text="Express takes 2-3 days.", sources=(PASSAGE,)),),
        usages=(c.Usage(engine="openai", model="small", input_tokens=90, output_tokens=9, cost_usd=0.00042),),
        **more,
    )  # fmt: skip


def a_trace(traces: MemoryTraces, at: float) -> str:
    """The same turn as it is traced: a draft was rejected; the id of its last step."""
    top = traces.span("turn", at=at, ms=400, agent="gateway", action="chat", status="answered")
    heard = traces.span("invoke_agent conversation", parent=top, at=at + 0.01, ms=380, agent="conversation")
    traces.span(
        "invoke_agent intent", parent=heard, at=at + 0.02, ms=9, agent="intent", action="intent.classify.v1",
        intent="SHIPPING_ESTIMATE", confidence=0.91, delivery=2, queued_ms=12.5,
        inputs='{"text":"I am ' + TOKEN + ', how fast is express?"}',
        alternatives='[{"what":"ORDER_STATUS","score":0.06,"why":"less likely"}]',
    )  # fmt: skip
    traces.span("invoke_agent knowledge", parent=heard, at=at + 0.03, agent="knowledge", outputs=FOUND,
                action="knowledge.retrieve.v1", passages=1, best=0.8, sources=PASSAGE)  # fmt: skip
    traces.span("plan", parent=heard, at=at + 0.05, agent="conversation", route="write",
                policy="shipping_estimate.toml", reasoning="goes by the flow policy")  # fmt: skip
    traces.span("invoke_agent critic", parent=heard, at=at + 0.1, agent="critic", action="critic.judge.v1",
                passed="false", rules="output.unsourced", inputs=DRAFT, outputs=REJECTED)  # fmt: skip
    return traces.span("invoke_agent critic", parent=heard, at=at + 0.3, agent="critic", passed="true",
                       action="critic.judge.v1", outputs='{"x":"' + "y" * 5000 + '"}')  # fmt: skip


async def page(desk: ConsoleDesk, path: str, *, role: str = "operator", status: int = 200) -> str:
    """What an operator reads there; without markup and line breaks."""
    answer = await desk.http(role).get(f"/ops/conversations{path}", headers=PAGE)
    assert answer.status_code == status, answer.text[:500]
    return answer.text


def plain(html: str) -> str:
    """Its text."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def test_a_turn_is_explained_from_both(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """What was wanted, what decided, what it rests on, who objected, who answered, and how each is known."""
    at = time.time() - 100
    await a_turn(traced, at=at)
    a_trace(traces, at)
    html = await page(traced, "/c-1")
    text = plain(html)
    for told in (
        "SHIPPING_ESTIMATE, 0.91 sure exact, from the record",
        "ORDER_STATUS at 0.06 from the trace",
        "shipping_estimate.toml: goes by the flow policy from the trace",
        "1 passage exact, from the record",
        "objected to draft 1 (output.unsourced); let draft 2 pass from the trace",
        "openai (small) in 1,000 ms, 99 tokens, $0.00042 exact, from the record",
        "Shipping › Express : Express takes 2-3 days.",
        "Draft 1 was not sent It is there tomorrow. output.unsourced : tomorrow ; say when by the policy",
        "400.0 ms in all",
        "waited 12.5 ms, delivery 2",
    ):
        assert told in text, told
    assert '<a href="#passage-1">' in html
    assert TOKEN not in html
    assert "&lt;b&gt;express" in html
    assert text.count("‹hidden 0f8f›") >= 2
    assert html.count('<rect class="run"') == 7


async def test_values_are_cut_and_whole_on_a_page_of_their_own(
    traced: ConsoleDesk, traces: MemoryTraces
) -> None:
    """The way to the rest stands beside what is cut."""
    at = time.time() - 100
    step = a_trace(traces, at)
    html = await page(traced, "/c-1")
    assert "The record of this conversation is gone" in html
    assert "y" * 2001 not in html
    assert f'<a href="/ops/conversations/c-1/spans/{step}">all of it</a>' in html
    assert "y" * 5000 in await page(traced, f"/c-1/spans/{step}")
    assert "The traces hold no step" in await page(traced, "/c-1/spans/nothing-1", status=404)


@pytest.mark.parametrize(
    ("ago", "why", "short"),
    [
        (5, "too new", "its trace is on its way"),
        (600, "the sample is 50% of the conversations", "its trace was not kept"),
        (8 * 86400, "traces are kept for 7 days", "its trace is no longer kept"),
    ],
)
async def test_what_was_not_kept_is_explained_by_the_record(
    traced: ConsoleDesk, ago: float, why: str, short: str
) -> None:
    """And the page and the list say why there is no trace; what is on its way is looked for by the page."""
    await a_turn(traced, at=time.time() - ago, timings_ms={"classify": 12.5})
    html = await page(traced, "/c-1")
    assert ('data-from="?turn=t-1"' in html) == (short == "its trace is on its way")
    assert short in plain(await page(traced, ""))
    alone = await traced.http("operator").get(
        "/ops/conversations/c-1?turn=t-1", headers={**PAGE, "HX-Request": "true"}
    )
    # A page has scripts, which no script may put into a document here.
    assert re.match(r'\s*<section class="turn open" id="turn-t-1"', alone.text)
    text = plain(html)
    assert why in text
    assert "SHIPPING_ESTIMATE, 0.91 sure" in text
    assert text.count(f"{short} not known") == 2, "who decided, and what the critic said"
    assert "classify 12.5 ms exact, from the record" in text


async def test_a_trace_that_is_incomplete_proves_nothing_by_what_it_lacks(
    traced: ConsoleDesk, traces: MemoryTraces
) -> None:
    """It was flagged days later, when its processes had let go of it; the page says what is missing."""
    at = time.time() - 3 * 86400
    await a_turn(traced, at=at)
    traces.span("lost", at=at, ms=0, agent="telemetry", action="lost", lost=7, kept_for="marked_wrong")
    traces.span(
        "flag", at=time.time() - 90, ms=0, agent="gateway", action="marked_wrong",
        reasoning="a fact is wrong", kept_for="marked_wrong",
    )  # fmt: skip
    text = plain(await page(traced, "/c-1"))
    assert "7 spans had been let go when the turn was flagged" in text
    assert "marked_wrong: a fact is wrong from the trace" in text
    assert text.count("a part of its trace was not kept not known") == 2, (
        "neither who decided nor what the critic said"
    )
    assert "nobody: it ended before" not in text
    assert "had no draft to judge" not in text
    assert 'href="/ops/conversations/c-1"' in await page(traced, "?flag=marked_wrong")
    assert 'href="/ops/conversations/c-1"' not in await page(traced, "?flag=held_back")


async def test_without_traces_the_record_stands(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """Whoever asks while they are down is told so, and gets what is exact."""
    await a_turn(traced)
    traces.down = "Application Insights answered 503"
    text = plain(await page(traced, "/c-1"))
    assert "The traces cannot be asked now: Application Insights answered 503" in text
    assert "openai (small)" in text
    assert text.count("the traces cannot be asked now not known") == 2
    assert "not kept" not in text
    assert "Application Insights answered 503" in await page(traced, "")
    assert "No turn was kept" not in await page(traced, "?flag=slow")
    for path in ("/c-404", "/c-1/spans/a1", "?id=a1"):
        assert "Application Insights answered 503. Nothing was done" in await page(traced, path, status=503)


async def test_where_no_traces_can_be_asked_nothing_is_said_of_them(ops: ConsoleDesk) -> None:
    """Nobody knows is not the same as none."""
    assert "nobody knows" in await page(ops, "?flag=slow")


async def test_an_id_of_any_kind_leads_to_its_conversation(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """Also of a turn that was not sampled; a span's only where it was."""
    letters = "t-awGzrWxzETXxGjjADZxxZ_Br"
    await a_turn(traced, "t-7")
    await a_turn(traced, letters)
    step = traces.span("turn", turn="t-9", conversation="c-9", at=time.time() - 50)
    http = traced.http("operator")
    for name, where in (
        ("c-1", "/c-1"), (letters, f"/c-1?turn={letters}#turn-{letters}"),
        ("t-7", "/c-1?turn=t-7#turn-t-7"), ("b1" * 16, "/c-1?turn=t-7#turn-t-7"),
        (step, "/c-9?turn=t-9#turn-t-9"), ("#c-1", "/c-1"), ("# t-7", "/c-1?turn=t-7#turn-t-7"),
        ("https://desk.example/console/conversations/c-1", "/c-1"), ("/ops/conversations/c-1/", "/c-1"),
        ("http://127.0.0.1:8080/ops/conversations/c-1?turn=t-7#turn-t-7", "/c-1?turn=t-7#turn-t-7"),
    ):  # fmt: skip
        answer = await http.get("/ops/conversations", params={"id": f" {name} "}, headers=PAGE)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/ops/conversations{where}")


async def test_an_order_that_several_spoke_of_leads_to_a_list(traced: ConsoleDesk) -> None:
    """Whose is meant is not guessed: the latest stands first, and each has its way."""
    for n in range(1, 4):
        await traced.said(
            "where is it?", f"Order #100{1 if n < 3 else 2} has left.", conversation=f"c-{n}", turn=f"t-{n}",
            at=time.time() - 500 + n,
        )  # fmt: skip
    text = await page(traced, "?id=%231001")
    assert "The 2 conversations in which 1001 stands" in plain(text)
    assert re.findall(r'<a href="/ops/conversations/(c-\d)"', text) == ["c-2", "c-1"]
    answer = await traced.http("operator").get("/ops/conversations?id=1002", headers=PAGE)
    assert answer.headers["location"] == "/ops/conversations/c-3"


async def test_what_is_unknown_says_what_to_do(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """On a page to try again from; words are no ids, and nothing of them reaches a query."""
    for path in ("/c-404", "?id=c-404"):
        assert "Check that it was copied whole" in await page(traced, path, status=404)
    for words in ("refund", '1" or true', "http://[::1", "1/2%20or%20true", "https://desk.example/"):
        assert "That is no id" in await page(traced, f"?id={words}", status=422)
    assert not any("refund" in each or "or true" in each for each in traces.asked)
    await a_turn(traced)
    assert "has no turn t-2" in await page(traced, "/c-1?turn=t-2", status=404)


async def test_of_what_was_erased_nothing_is_told(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """Its traces end by age; until then no page shows a word of it."""
    at = time.time() - 100
    await a_turn(traced, at=at)
    step = a_trace(traces, at)
    assert "how fast is" in await page(traced, "/c-1")
    await traced.desk.store.erase(["c-1"])
    assert "A conversation that was erased" in await page(traced, "/c-1", status=404)
    assert "was erased" in await page(traced, f"/c-1/spans/{step}", status=404)


async def test_long_conversations_have_pages(traced: ConsoleDesk) -> None:
    """Twenty turns each, the last first; a turn that is asked for is on the page that is shown."""
    begun = time.time() - 5000
    for n in range(1, 46):
        await a_turn(traced, f"t-{n}", at=begun + n)
    html = await page(traced, "/c-1")
    assert re.findall(r'<section class="turn[^"]*" id="turn-(t-\d+)"', html) == [
        f"t-{n}" for n in range(41, 46)
    ]
    assert "?turn=t-40#turn-t-40" in html
    html = await page(traced, "/c-1?turn=t-33")
    assert re.findall(r'<section class="turn[^"]*" id="turn-(t-\d+)"', html) == [
        f"t-{n}" for n in range(21, 41)
    ]
    assert 'class="turn open" id="turn-t-33"' in html


async def test_the_latest_are_listed_with_why_they_were_kept(
    traced: ConsoleDesk, traces: MemoryTraces
) -> None:
    """Those that failed can be chosen; what was said is nowhere in the list."""
    await a_turn(traced)
    await traced.said("hello", "Hi.", conversation="c-2", turn="t-2", at=time.time() - 50)
    traces.span("turn", at=time.time() - 100, ms=2500, engine="openai", kept_for="slow")
    text = plain(await page(traced, ""))
    assert text.index("c-2") < text.index("c-1")
    assert "openai slow 2,500 ms" in text
    assert "Express" not in text
    text = plain(await page(traced, "?flag=slow"))
    assert "c-1" in text
    assert "c-2" not in text


async def test_a_turn_without_a_reply_of_its_own_says_why(traced: ConsoleDesk) -> None:
    """Two messages in one breath are answered once; nothing is claimed of what is not known."""
    await a_turn(traced, "t-2")
    await traced.said("and overnight?", turn="t-3", at=time.time() - 90, answered_with="t-2")
    text = plain(await page(traced, "/c-1?turn=t-3"))
    assert "answered together with another turn" in text
    assert "no intent was read" not in text


async def test_a_turn_that_nobody_worked_on_says_so(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """The bus was down: there is no record, and the trace is all there is."""
    traces.span("turn", at=time.time() - 60, failed=True, agent="gateway", action="chat", error="BusDown")
    text = plain(await page(traced, "/c-1"))
    assert "it ended before anything was decided from the trace" in text
    assert "not kept" not in text


async def test_what_staff_said_needs_no_trace(traced: ConsoleDesk) -> None:
    """A person's words are their own: nobody asks what the critic thought of them."""
    await traced.said(
        "", "I look into it.", turn="t-3", at=110.0, speaker="staff", speaker_name="Ana", status="told"
    )
    text = plain(await page(traced, "/c-1"))
    assert "a person of staff, in their own words exact, from the record" in text
    assert "The critic" not in text
