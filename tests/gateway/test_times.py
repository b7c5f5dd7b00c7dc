"""A time reads the same wherever it stands."""

import re
from zoneinfo import ZoneInfo

import pytest

from gateway.times import full, moment, told

PARIS = ZoneInfo("Europe/Paris")
NOW = 1_795_753_260.0
"""Fri 27 Nov 2026, 04:21 UTC."""


@pytest.mark.parametrize(
    ("away", "says"),
    [
        (-10, "now"),
        (-59.9, "now"),
        (-60, "1 min ago"),
        (-3599, "59 min ago"),
        (240, "in 4 min"),
        (-3600, "Fri 27 Nov, 04:21"),
        (-86_400, "Thu 26 Nov, 05:21"),
        (-365 * 86_400, "Thu 27 Nov 2025, 05:21"),
    ],
)
def test_how_far_away_or_when(away: float, says: str) -> None:
    """Within the hour how far, else the day and the time; the year only when it is another."""
    assert told(NOW + away, NOW, PARIS) == says


def test_the_element() -> None:
    """For machines, in full when one points at it, and marked for the script."""
    assert full(NOW, PARIS) == "Fri 27 Nov 2026, 05:21 CET"
    made = moment(NOW - 365 * 86_400)
    opens = '<time datetime="2025-11-27T04:21:00Z" title="Wed 26 Nov 2025, 23:21 EST" data-moment>'
    assert re.fullmatch(f"{opens}Wed 26 Nov[^<]+</time>", made)
