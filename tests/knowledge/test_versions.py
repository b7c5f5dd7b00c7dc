"""Which versions of a document are kept when the next is published."""

from datetime import date, timedelta

import pytest

from shared.adapters.knowledge.versions import Version, after, in_force
from tests.knowledge.back_ends import TODAY, source

LAST_YEAR = date(2025, 1, 1)
LAST_WEEK, NEXT_WEEK = TODAY - timedelta(7), TODAY + timedelta(7)


def kept(*periods: tuple[date, date | None]) -> list[Version]:
    """What is kept after publishing versions of one document that hold in these periods, in turn."""
    versions: list[Version] = []
    for since, until in periods:
        versions = after(versions, [source("returns", "Text.", since=since, until=until)], (), TODAY)
    return versions


@pytest.mark.parametrize(
    ("periods", "left"),
    [
        ([(LAST_YEAR, None), (LAST_WEEK, None)], [LAST_WEEK]),
        ([(LAST_YEAR, None), (NEXT_WEEK, None)], [LAST_YEAR, NEXT_WEEK]),
        ([(LAST_YEAR, None), (NEXT_WEEK, None), (NEXT_WEEK, None)], [LAST_YEAR, NEXT_WEEK]),
        ([(LAST_YEAR, None), (NEXT_WEEK, None), (LAST_WEEK, None)], [LAST_WEEK]),
    ],
    ids=["holds", "waits", "waits once", "holds over a waiting one"],
)
def test_what_is_kept(periods: list[tuple[date, date | None]], left: list[date]) -> None:
    """A document keeps the version that serves and at most one that waits."""
    assert [version.effective_from for version in kept(*periods)] == left


def test_versions_that_can_never_be_served_again_go() -> None:
    """Versions that waited for their day and took over do not pile up; one that gives back stays for that."""
    (base,) = kept((LAST_YEAR, None))
    waiting = after([base], [source("returns", "W.", since=TODAY + timedelta(1))], (), TODAY)
    third = source("returns", "Third.", since=NEXT_WEEK)
    assert [v.effective_from for v in after(waiting, [third], (), TODAY + timedelta(2))] == [
        TODAY + timedelta(1),
        NEXT_WEEK,
    ]
    limited = after(
        [base], [source("returns", "L.", since=TODAY + timedelta(1), until=TODAY + timedelta(4))], (), TODAY
    )
    assert len(after(limited, [third], (), TODAY + timedelta(2))) == 3


def test_the_newest_version_in_force_wins() -> None:
    """On each day one version of an id is served: the one that began last and has not ended."""
    base, weekend = kept((LAST_YEAR, None), (NEXT_WEEK, NEXT_WEEK + timedelta(2)))
    assert in_force([base, weekend], TODAY) == [base]
    assert in_force([base, weekend], NEXT_WEEK) == in_force([weekend, base], NEXT_WEEK) == [weekend]
    assert in_force([base, weekend], NEXT_WEEK + timedelta(3)) == [base]
    assert in_force([weekend], NEXT_WEEK + timedelta(3)) == []
