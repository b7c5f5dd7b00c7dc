"""The arithmetic behind the page, against known numbers."""

import pytest

from evals.calibration import calibration_error, reliability
from evals.figures import mcnemar, wilson
from evals.plain import found_in
from evals.tally import Tally


@pytest.mark.parametrize(
    ("broke", "mended", "p"),
    [
        (0, 0, 1.0),
        (1, 9, 0.021484),  # 2 (1 + 10) / 2^10
        (9, 1, 0.021484),
        (5, 5, 1.0),
        (16, 6, 0.052479),  # the sign test of 6 among 22
        (0, 5, 0.0625),
    ],
)
def test_mcnemar(broke: int, mended: int, p: float) -> None:
    """The exact two-sided test is the binomial of the rows that changed."""
    assert mcnemar(broke, mended) == pytest.approx(p, abs=1e-6)


def test_mcnemar_of_many_rows() -> None:
    """Thousands of changed rows are no trouble."""
    assert mcnemar(4000, 4400) < 1e-4


def test_wilson_at_the_edges() -> None:
    """Nothing wrong in 24 rows still leaves 13.8 % possible; the interval of no rows is everything."""
    assert wilson([False] * 24) == (0.0, 0.138)
    assert wilson([]) == (0.0, 1.0)


def test_reliability() -> None:
    """Each answer is in one bin; the error is the distance between said and right, by rows."""
    bins = reliability([(0.95, True)] * 3 + [(1.0, False)] + [(0.25, False)] * 4)
    assert [(each.at, each.n, each.right) for each in bins] == [(0.2, 4, 0.0), (0.9, 4, 0.75)]
    assert bins[1].said == pytest.approx(0.9625)
    assert calibration_error(bins) == pytest.approx((0.25 + 0.2125) / 2, abs=1e-4)
    assert calibration_error(()) == 0.0


def test_a_plain_dict_becomes_figures() -> None:
    """A measure that hands back a dict of figures is shown with its intervals, counts, units."""
    figures = {
        figure.name: figure
        for figure in found_in(
            {
                "n": 10,
                "recall": 0.9,
                "recall_interval": (0.6, 0.98),
                "found": {"ids": {"n": 4, "share": 1.0, "interval": (0.51, 1.0), "en": 1.0}},
                "cpu_ms": {"p95": 1.5},
                "wrong": {"ids": "a text"},
                "passed": True,
            }
        ).figures
    }
    assert set(figures) == {"recall", "found.ids", "found.ids.en", "cpu_ms.p95"}
    assert (figures["recall"].n, figures["recall"].low, figures["recall"].unit) == (10, 0.6, "share")
    assert (figures["found.ids"].n, figures["found.ids"].high) == (4, 1.0)
    assert (figures["found.ids.en"].low, figures["found.ids.en"].unit) == (None, "share")
    assert figures["cpu_ms.p95"].unit == "ms"


def test_groups_stand_in_order() -> None:
    """Lengths go by number, names by letter."""
    tally = Tally()
    for name in ("11+", "1-2", "3-5", "b", "a"):
        tally.add(name, right=True, tags=(f"words:{name}",))
    assert list(tally.groups("words")) == ["1-2", "3-5", "11+", "a", "b"]


def test_rows_are_known_by_digest() -> None:
    """The same text with another label is another row, a repeated row gets a number, no text is in a row."""
    tally = Tally()
    for key in ("a", "b", "a"):
        tally.add("where is it", right=True, key=key)
    first, other, again = (row.id for row in tally.rows)
    assert first != other
    assert again == f"{first}.2"
    assert "where" not in str(tally.rows)
