"""Filters of the queue, and views that members name for themselves."""

from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from gateway.console.views import filter_of, query_of
from gateway.problems import Problem
from shared import contracts as c
from shared.ports import CaseFilter
from shared.routing.waiting import AT_RISK_SECONDS
from tests.cases.examples import EMMA
from tests.console.desk import PAGE, ConsoleDesk, open_desk


def narrowed(query: str) -> CaseFilter:
    return filter_of(parse_qsl(query), EMMA, now=1000.0)


@pytest.mark.parametrize(
    ("query", "filter_"),
    [
        ("", CaseFilter()),
        ("phase=person&owner=me", CaseFilter(phases=("person",), owner="staff:m-emma")),
        ("queue=vip&queue=sales&language=fr", CaseFilter(queues=("vip", "sales"), languages=("fr",))),
        ("at_risk=1", CaseFilter(due_before=1000.0 + AT_RISK_SECONDS)),
        ("owner=staff:m-noah&cursor=x&view=mine", CaseFilter(owner="staff:m-noah")),
    ],
)
def test_what_an_address_narrows_the_queue_to(query: str, filter_: CaseFilter) -> None:
    """Each field by itself; others are none of its business."""
    assert narrowed(query) == filter_


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("phase=gone", "phase: 'gone' is not one of waiting"),
        ("language=de", "language"),
        ("queue=a'--", "queue"),
        ("owner=Emma", "owner"),
        ("at_risk=yes", "at_risk"),
        ("&".join(f"queue=q{n}" for n in range(21)), "more than 20"),
    ],
)
def test_what_is_no_filter(query: str, says: str) -> None:
    """Named, with what would be right."""
    with pytest.raises(Problem, match=says):
        narrowed(query)


def test_one_filter_has_one_address() -> None:
    """So that the view that is shown can be told apart."""
    assert (
        query_of([("queue", "b"), ("phase", "person"), ("queue", "b"), ("x", "y")]) == "phase=person&queue=b"
    )


async def keep(console: ConsoleDesk, name: str, query: str, role: str = "agent") -> int:
    answer = await console.http(role).post(
        "/console/views", data={"name": name, "query": query}, headers=PAGE
    )
    return answer.status_code


async def test_a_member_names_a_view(tmp_path: Path) -> None:
    """It is theirs alone; saved under the same name it is replaced; removed it is gone."""
    async with open_desk(tmp_path) as console:
        assert console.desk.views is not None
        assert await keep(console, "  French   sales ", "queue=sales&language=fr&cursor=zz") == 303
        assert await keep(console, "French sales", "queue=vip") == 303
        (view,) = await console.desk.views.of("m-agent")
        assert (view.name, view.query) == ("French sales", "queue=vip")
        assert await console.desk.views.of("m-lead") == []
        await console.http().post("/console/views/drop", data={"name": "French sales"}, headers=PAGE)
        assert await console.desk.views.of("m-agent") == []


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("", ""),
        ("x" * 41, ""),
        ("a\u202eb", ""),
        ("ana@example.com", ""),
        ("mine", "language=de"),
        ("mine", "&".join(["queue=vip"] * 101)),
    ],
)
async def test_what_is_no_view(tmp_path: Path, name: str, query: str) -> None:
    """No name, one that turns the line around, one of a person (nobody would erase it), no filter."""
    async with open_desk(tmp_path) as console:
        assert await keep(console, name, query) == 422
        assert console.desk.views is not None
        assert await console.desk.views.of("m-agent") == []


async def test_the_queue_is_narrowed(tmp_path: Path) -> None:
    """By the address, page after page; the view that is shown is marked, and can be saved."""
    async with open_desk(tmp_path) as console:
        for n in range(60):
            await console.waits(f"h-{n}", f"c-{n}", at=100.0 + n, priority="high" if n < 55 else "low")
        await console.cases.append(
            "h-59", c.CaseClaimed(at=200.0, by="staff:m-agent", name="x", turn_id="s-1")
        )
        http = console.http()
        page = (await http.get("/console?owner=me&phase=person", headers=PAGE)).text
        assert page.count('<li id="row-') == 1
        assert 'name="query" value="phase=person&amp;owner=me"' in page
        await keep(console, "My own", "phase=person&owner=me")
        again = (await http.get("/console?phase=person&owner=me", headers=PAGE)).text
        assert 'aria-current="true"><bdi>My own</bdi>' in again
        risky = (await http.get("/console?at_risk=1", headers=PAGE)).text
        assert risky.count('<li id="row-') == 50
        more = risky.partition('hx-get="/console/queue?at_risk=1&amp;cursor=')[2].partition('"')[0]
        rest = (await http.get(f"/console/queue?at_risk=1&cursor={more}", headers=PAGE)).text
        assert rest.count('<li id="row-') == 10
        assert (await http.get("/console?phase=none", headers=PAGE)).status_code == 422
        other = (await console.http("lead").get("/console", headers=PAGE)).text
        assert ("My own" in other, other.count('<li id="row-')) == (False, 50)


async def test_my_language_is_the_browsers(tmp_path: Path) -> None:
    """The first that we have."""
    async with open_desk(tmp_path) as console:
        page = await console.http().get(
            "/console", headers={**PAGE, "Accept-Language": "de-CH, fr;q=0.9, en"}
        )
        assert 'href="/console?language=fr"' in page.text
