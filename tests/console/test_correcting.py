"""Whoever reads a wrong reply of the bot can say so where it stands, and the knowledge base hears of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from shared import contracts as c
from shared.telemetry.flags import OURS
from tests.console.writing import Writing, alerts, form_of, open_writing
from tests.telemetry.recorded import recording


@pytest.fixture
async def writing(tmp_path: Path) -> AsyncIterator[Writing]:
    async with open_writing(tmp_path) as made:
        yield made


async def test_this_was_wrong(writing: Writing) -> None:
    """Only bot's lines have the button; what is being written stays while the reason is asked."""
    page = await writing.desk.page()
    assert page.count('value="wrong:') == 1
    card = await writing.post("compose", text="Half a sentence", do="wrong:t-1")
    assert "It is in Paris." in card.text
    fields = form_of(card.text) | {
        "why": "wrong_fact",
        "better": "It is in Lyon, jo@example.com.",
        "words": "old",
    }
    done = await writing.send("lines/t-1/wrong", fields)
    assert done.status_code == 200
    assert "Noted" in alerts(done.text)
    assert form_of(done.text)["text"] == "Half a sentence"
    (kept,) = await writing.corrections.of("c-1")
    assert (kept.kind, kept.why, kept.question, kept.reply, kept.words) == (
        "wrong", "wrong_fact", "where is my order?", "It is in Paris.", "old",
    )  # fmt: skip
    assert kept.instead.startswith("It is in Lyon, TOKEN_")
    assert not await writing.desk.store.gaps(), "nobody blamed the knowledge base"


async def test_said_again_it_replaces(writing: Writing) -> None:
    """One opinion of each member."""
    for role, why in (("agent", "unsafe"), ("agent", "wrong_tone"), ("lead", "out_of_date")):
        await writing.desk.act("lines/t-1/wrong", role=role, why=why)
    kept = await writing.corrections.of("c-1")
    assert sorted((each.by, each.why) for each in kept) == [
        ("staff:m-agent", "wrong_tone"), ("staff:m-lead", "out_of_date"),
    ]  # fmt: skip


async def test_the_knowledge_base_is_to_blame(tmp_path: Path) -> None:
    """The question is among the gaps, with what the reply cited; once however often it is said.

    So does the trace of the turn, which is kept.
    """
    async with open_writing(tmp_path, claimed=False) as writing:
        cited = (c.Citation(source="en/where.md", title="Where", section="Now", quote="Paris"),)
        trace = token_hex(16)
        await writing.desk.said(
            "Where is my tent?", "In Paris.", turn="t-5", at=95.0, citations=cited, trace_id=trace
        )
        with recording() as recorded:
            for _ in range(2):
                await writing.desk.act("lines/t-5/wrong", why="out_of_date", fault="wrong")
        (span,) = recorded.of(trace)
        assert (span.name, span.conversation, span.turn) == ("flag", "c-1", "t-5")
        assert OURS.why(trace) == "marked_wrong"
        (gap,) = await writing.desk.store.gaps()
        assert (gap.question, gap.asked, gap.status) == ("Where is my tent?", 1, "open")
        assert [(near.title, near.section) for near in gap.nearest] == [("Where", "Now")]
        (kept,) = await writing.corrections.of("c-1")
        assert kept.knowledge == "wrong"


@pytest.mark.parametrize(
    ("turn", "why", "status"), [("t-77", "unsafe", 404), ("t-1", "", 422), ("t-1", "nonsense", 422)]
)
async def test_what_is_no_correction(writing: Writing, turn: str, why: str, status: int) -> None:
    """An unknown line, no reason, an unknown one: told, and nothing is kept."""
    answer = await writing.desk.act(f"lines/{turn}/wrong", why=why)
    assert answer.status_code == status
    assert alerts(answer.text)
    assert not await writing.corrections.of("c-1")


async def test_erased_while_it_is_written(writing: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said of the reply goes with the conversation, and is no gap either."""
    store = writing.desk.store
    tokenize = writing.desk.desk.intake.said_by_staff

    async def slowly(*given: Any, **more: Any) -> Any:
        await store.erase(["c-1"])
        return await tokenize(*given, **more)

    monkeypatch.setattr(type(writing.desk.desk.intake), "said_by_staff", staticmethod(slowly))
    await writing.desk.act("lines/t-1/wrong", why="out_of_date", fault="wrong", words="old")
    assert await writing.corrections.page() == []
    assert await store.held(["c-1"]) == []
