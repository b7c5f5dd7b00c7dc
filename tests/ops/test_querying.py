"""The query box: what it runs, what it writes down, and how it says what is wrong."""

import re
import time
from dataclasses import replace

import httpx
import pytest

from gateway.ops.explaining.missing import missing
from gateway.ops.explaining.traced import Traced
from gateway.ops.querying import running
from shared.contracts import TracesSent
from shared.ports import AuditLine
from shared.telemetry.taking import Health
from tests.console.desk import HTMX, PAGE, ConsoleDesk
from tests.ops.traces import MemoryTraces

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def asked(
    desk: ConsoleDesk, query: str, *, where: str = "", role: str = "operator", **fields: str
) -> httpx.Response:
    """Sent as the page sends it."""
    data = {"query": query, "back": "1d", **fields}
    return await desk.http(role).post(f"/ops/query{where}", data=data, headers=HTMX | FORM)


async def lines(desk: ConsoleDesk) -> list[AuditLine]:
    """What the audit log holds of queries."""
    found = await desk.desk.entries.audit.about("")
    return [line for line in found if line.deed.action == "traces_queried"]


async def test_a_query_is_answered_and_written_down(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """With a picture; the log says who asked which text, and holds none of it."""
    for n in range(3):
        traces.span("turn", at=time.time() - 60, status="answered" if n else "refused")
    query = (
        "AppRequests | summarize turns=count() by status=tostring(Properties.status) | order by turns desc"
    )
    page = (await asked(traced, query)).text
    assert "2 rows" in page
    assert '<td class="number">2</td>' in page
    assert '<span class="name">answered</span>' in page
    (line,) = await lines(traced)
    assert line.deed.actor.startswith("staff:")
    assert line.deed.purpose == f"query own {running.Asked(query, '1d').mark} over 1d for screen"


async def test_an_error_is_marked_in_its_line(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """Kusto's own words, with the place in the text as it was written."""
    traces.span("turn", at=time.time())
    page = (await asked(traced, "AppRequests\n| wher Name == 'turn'")).text
    assert "The query does not run" in page
    assert 'data-line="2"' in page
    assert "<mark>" in page
    query = "AppRequests\n| wher Name"
    told = await asked(traced, query, where="/file", **{"as": "csv"})
    assert told.status_code == 422
    assert "<mark>wher</mark>" in told.text, "the page shows it where it shows answers"
    script = await traced.http("operator").post(
        "/ops/query/file", data={"query": query, "back": "1d", "as": "csv"}, headers=FORM
    )
    assert (script.status_code, "line 2, column 3" in script.json()["detail"]) == (422, True)


async def test_what_is_too_much_is_cut_and_said(
    traced: ConsoleDesk, traces: MemoryTraces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the page and in the file; the service never sends more than is asked for."""
    monkeypatch.setattr(running, "MOST", 3)
    for _ in range(5):
        traces.span("turn", at=time.time() - 60, status="=1+1")
    query = "AppRequests | project status=tostring(Properties.status) // all of them"
    assert "only the first 3 rows are given" in (await asked(traced, query)).text
    assert traces.asked[-1].endswith("// all of them\n| take 4")
    file = await asked(traced, query, where="/file", **{"as": "csv"})
    assert file.text.splitlines() == ["status", *["'=1+1"] * 3]
    assert file.headers["content-disposition"] == 'attachment; filename="query.csv"'
    assert file.headers["x-partial"].startswith("only the first 3 rows")
    assert [line.deed.purpose.split()[-1] for line in await lines(traced)] == ["screen", "csv"]


async def test_a_figure_is_shown_without_the_noise_of_its_bits(
    traced: ConsoleDesk, traces: MemoryTraces
) -> None:
    """`0.1 + 0.2` is 0.3 for who reads it; a script gets every bit."""
    traces.span("turn", at=time.time())
    assert ">0.3</td>" in (await asked(traced, "print cost = 0.1 + 0.2")).text
    told = await asked(traced, "print cost = 0.1 + 0.2", where="/file", **{"as": "json"})
    assert told.json()["rows"] == [[0.1 + 0.2]]


async def test_a_long_value_is_cut_on_the_page_alone(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """A browser is not given megabytes; a file has all."""
    traces.span("turn", at=time.time() - 60, outputs="x" * 9_000)
    query = "AppRequests | project outputs=tostring(Properties.outputs)"
    page = (await asked(traced, query)).text
    assert "of 9,000 characters" in page
    assert "x" * 2_001 not in page
    assert "x" * 9_000 in (await asked(traced, query, where="/file", **{"as": "csv"})).text


async def test_a_question_of_the_pack_comes_with_its_parameters(traced: ConsoleDesk) -> None:
    """Filled from the address, so that pages can point at it; its run has its name in the log."""
    http = traced.http("operator")
    page = (await http.get("/ops/query?pick=timeline&conversation=c-77", headers=PAGE)).text
    assert "// what:" not in page, "what a question says of itself stands beside the box"
    assert "What the columns say" in page
    assert "let conversation = &#34;c-77&#34;;" in page
    assert "What happened in a conversation, step by step?" in page
    assert traced.desk.ops is not None
    text = traced.desk.ops.pack["timeline"].filled({"conversation": "c-77"})
    await asked(traced, text.replace("\n", "\r\n"))
    (line,) = await lines(traced)
    assert line.deed.purpose.startswith("query timeline ")
    counted = (await http.get("/ops/query?pick=spend_exact", headers=PAGE)).text
    assert "half a minute of a process that was killed" in counted
    assert "turns that were kept" not in counted
    assert "no question" in (await http.get("/ops/query?pick=nothing", headers=PAGE)).text
    unfilled = (await asked(traced, traced.desk.ops.pack["timeline"].text)).text
    assert "Fill in the conversation" in unfilled
    assert "Fill in the conversation" not in (await asked(traced, text)).text, "it is, and there is none"
    wrong = await http.get("/ops/query?pick=timeline&conversation=%0A", headers=PAGE)
    assert wrong.status_code == 200


@pytest.mark.parametrize(
    ("lost", "renewed_ago", "says"),
    [
        ({}, 0, "Its numbers are exact: every conversation is kept, and no loss is known."),
        ({"late": 9}, 0, "Its numbers are exact: every conversation is kept, and no loss is known."),
        ({"unreachable": 7}, 0, "Missing: 7 spans that were lost since the processes were started."),
        ({}, 3600, "UTC, in a file that was damaged."),
    ],
)
async def test_what_is_missing_is_said_where_numbers_would_be_exact(
    traced: ConsoleDesk, traces: MemoryTraces, lost: dict[str, int], renewed_ago: int, says: str
) -> None:
    """A file that was set aside, or spans that nobody took, are in no number."""
    assert traced.desk.ops is not None
    told = TracesSent(service="all", run="1", at=time.time(), kind="embedded", lost=lost)
    renewed = time.time() - renewed_ago if renewed_ago else 0.0
    health = Health(kind="embedded", processes=(told,), renewed=renewed)
    whole = Traced(port=traces, ratio=1.0, health=lambda: health)
    traced.app.state.desk = replace(traced.desk, ops=replace(traced.desk.ops, traced=whole))
    page = (await traced.http("operator").get("/ops/query?pick=turns_by_status", headers=PAGE)).text
    assert says in re.sub(r"<[^>]+>", "", page)
    assert ("Its numbers are exact:" in page) == ("exact:" in says)
    turn = missing(whole, time.time() - 4000, "").why
    assert ("that was damaged" in turn, "7 spans" in turn) == (bool(renewed), "unreachable" in lost)


async def test_nothing_runs_that_cannot_be_written_down(
    traced: ConsoleDesk, traces: MemoryTraces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor for who may not, nor without a time span that exists."""
    assert (await asked(traced, "AppRequests", role="agent")).status_code == 403
    assert (await asked(traced, "AppRequests", back="9y")).status_code == 422
    assert (await asked(traced, "x" * 10_001)).status_code == 422
    assert (await asked(traced, "AppRequests", where="/file", **{"as": "exe"})).status_code == 422

    async def down(*_: object, **__: object) -> None:
        from shared.errors import AuditDown  # noqa: PLC0415

        raise AuditDown("the disk is full")

    monkeypatch.setattr(traced.desk.entries.audit, "write", down)
    assert (await asked(traced, "AppRequests")).status_code in {401, 503}
    assert not traces.asked


async def test_without_traces_the_box_says_what_to_set(ops: ConsoleDesk) -> None:
    """On the page, and to who asks all the same."""
    page = await ops.http("operator").get("/ops/query", headers=PAGE)
    assert "TRACES_URL=embedded://" in page.text
    assert (await asked(ops, "AppRequests")).status_code == 409


async def test_traces_that_are_down_are_told(traced: ConsoleDesk, traces: MemoryTraces) -> None:
    """In the place of the answer."""
    traces.down = "no answer in 30 s; ask for less, or for a shorter time"
    assert "ask for less" in (await asked(traced, "AppRequests")).text
