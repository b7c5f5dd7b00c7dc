"""The leads' wall says how it goes, to leads only."""

import re
import time
from pathlib import Path

import pytest

from gateway.console.wall import at_work, people, spoken
from shared.adapters.sqlite.measures import open_measures
from shared.ports import Duty
from shared.ports.duty import DutyState
from tests.console.desk import PAGE, open_desk


async def test_what_a_lead_sees(tmp_path: Path) -> None:
    """Who waits, who is late, who has it; as a page and as JSON. Names are escaped."""
    now = time.time()
    async with open_desk(tmp_path) as made, open_measures(tmp_path / "desk.db") as measures:
        object.__setattr__(made.desk, "measures", measures)
        await made.said("where is it?", "It shipped.", conversation="c-9", at=now - 60)
        await made.waits("h-1", "c-1", at=now - 7200)
        await made.waits("h-2", "c-2", at=now - 60)
        await made.act("claim", "h-2")
        assert made.desk.duty is not None
        await made.desk.duty.say("m-agent", "available", at=time.time())
        await made.desk.duty.say("m-lead", "off", at=time.time())
        page = (await made.http("lead").get("/console/wall", headers=PAGE)).text
        shown = '<bdi>agent</bdi> <span class="available">takes new cases</span> <span>1 case</span>'
        assert shown in page
        assert page.count('class="on-duty"') == 1
        cells = re.findall(r'<td(?: class="([^"]+)")? data-label="([^"]+)">([^<]*)</td>', page)
        _, label, longest = cells.pop()
        assert (label, longest[:3]) == ("Longest wait", "2 h"), "and some seconds of this test"
        assert cells == [
            ("figure", "Waiting", "1"), ("figure", "With a person", "1"), ("figure", "At risk", "0"),
            ("figure late", "Too late", "1"),
        ]  # fmt: skip
        assert "1 of 1 conversations" in page
        assert "<bdi>agent</bdi>" in page
        found = (await made.http("lead").get("/console/wall?window=1h")).json()
        assert found["on_duty"] == [{"name": "agent", "state": "available"}]
        assert (found["automation"], found["csat"], found["reasons"]) == (1.0, None, {"asked_for_person": 1})
        assert (await made.http("agent").get("/console/wall")).status_code == 403
        assert (await made.http("lead").get("/console/wall?window=2y")).status_code == 422


def on_duty(name: str, state: DutyState) -> Duty:
    """A member who is there."""
    return Duty(member_id=name, name=name, state=state)


@pytest.mark.parametrize(
    ("staff", "loads", "said", "rows"),
    [
        ([], {}, "Nobody is at work on a case, nobody takes new ones.", []),
        ([], {"staff:ana": ("ana", 1)}, "1 at work on cases, nobody takes new ones.", [("ana", "off", 1)]),
        (
            [on_duty("lee", "away"), on_duty("ana", "available")],
            {"staff:lee": ("lee", 2), "helpdesk": ("", 4), "staff:kim": ("kim", 3)},
            "2 at work on cases, 1 takes new ones.",
            [("kim", "off", 3), ("lee", "away", 2), ("ana", "available", 0)],
        ),
    ],
)
def test_who_works_is_told_from_who_is_free(
    staff: list[Duty], loads: dict[str, tuple[str, int]], said: str, rows: list[tuple[str, str, int]]
) -> None:
    """A member with a case works, whether or not they said that they take more."""
    found = people(staff, loads)
    assert at_work(found) == said
    assert [(each.name, each.state, each.cases) for each in found] == rows


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 s"), (0, "0 s"), (59.9, "59 s"), (61, "1 min 1 s"), (7200, "2 h"), (90_061, "1 d 1 h")],
)
def test_times_are_spoken_in_two_units(seconds: float, words: str) -> None:
    """No more precise than a person would say."""
    assert spoken(seconds) == words
