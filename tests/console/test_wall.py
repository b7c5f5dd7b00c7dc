"""The leads' wall says how it goes, to leads only."""

import time
from pathlib import Path

import pytest

from gateway.console.wall import spoken
from shared.adapters.sqlite.measures import open_measures
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
        assert '<bdi>agent</bdi> <span class="available">available</span> <span>1</span>' in page
        assert page.count('class="on-duty"') == 1
        assert '<tr><th scope="row">support</th><td>1</td><td>1</td>' in page
        assert 'class="late">1</td><td>2 h' in page
        assert "1 of 1 conversations" in page
        assert "<bdi>agent</bdi>" in page
        found = (await made.http("lead").get("/console/wall?window=1h")).json()
        assert found["on_duty"] == [{"name": "agent", "state": "available"}]
        assert (found["automation"], found["csat"], found["reasons"]) == (1.0, None, {"asked_for_person": 1})
        assert (await made.http("agent").get("/console/wall")).status_code == 403
        assert (await made.http("lead").get("/console/wall?window=2y")).status_code == 422


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 s"), (0, "0 s"), (59.9, "59 s"), (61, "1 min 1 s"), (7200, "2 h"), (90_061, "1 d 1 h")],
)
def test_times_are_spoken_in_two_units(seconds: float, words: str) -> None:
    """No more precise than a person would say."""
    assert spoken(seconds) == words
