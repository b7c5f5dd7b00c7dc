"""A hand-over's place: priority and queue by reason, due times within working hours."""

import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared.hand_over import ZONE, due_at, route

HOUR = 3600.0


def eastern(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp()


@pytest.mark.parametrize(
    ("now", "hours", "due"),
    [
        ("2026-11-20T10:00", 4, "2026-11-20T14:00"),  # a Friday
        ("2026-11-20T03:00", 4, "2026-11-20T12:00"),  # before opening
        ("2026-11-20T18:00", 4, "2026-11-21T10:00"),  # goes on the next day
        ("2026-11-21T19:00", 4, "2026-11-23T11:00"),  # Saturday evening: Sunday does not count
        ("2026-11-22T12:00", 1, "2026-11-23T09:00"),  # on a Sunday
        ("2026-10-31T19:00", 2, "2026-11-02T09:00"),  # over the change of the clocks
    ],
)
def test_an_answer_is_promised_only_for_when_somebody_works(now: str, hours: float, due: str) -> None:
    """Working time is counted, nights and Sundays are not."""
    assert due_at(eastern(now), hours * HOUR) == eastern(due)


def test_the_hours_are_those_the_knowledge_base_states() -> None:
    """What customers read and what the clock counts are one."""
    facts = tomllib.loads((Path(__file__).parents[2] / "knowledge_base" / "FACTS.toml").read_text("utf-8"))
    assert facts["support"]["hours"]["value"] == "08:00-20:00"
    assert facts["support"]["days"]["value"] == "Monday-Saturday"
    assert facts["support"]["hours"]["unit"] == "Eastern time"


def test_injury_is_urgent_and_an_unknown_reason_is_normal() -> None:
    """Nothing falls through."""
    assert route("safety") == ("urgent", "safety")
    assert route("anything else") == ("normal", "support")
