"""What the bench says is what was measured."""

import math

import pytest

from bench.floors import bare_graph
from bench.load import percentile
from bench.report import Aim, Report, Row, floor_table, number, render

NAN = math.nan


def test_an_aim_is_met_on_the_right_side_of_its_limit_only() -> None:
    """Speeds must reach their limit, times must stay under it, and what was not measured is not met."""
    assert Aim("speed", 300, 300, "turns/s", at_least=True).met
    assert not Aim("speed", 299.9, 300, "turns/s", at_least=True).met
    assert Aim("time", 40, 40, "ms").met
    assert not Aim("time", 40.1, 40, "ms").met
    assert not Aim("speed", NAN, 300, "turns/s", at_least=True).met
    assert not Aim("time", NAN, 40, "ms").met


def test_a_row_shows_ours_its_floor_and_the_ratio() -> None:
    """Ours divided by the floor; a row without a floor has no ratio."""
    table = floor_table("A turn", [Row("CPU", "ms", 6.0, 3.0), Row("rest", "ms", 1.0)])
    assert table.lines[1] == ("CPU", "6.00", "3.00", "2.00", "ms")
    assert table.lines[2] == ("rest", "1.00", "", "", "ms")


def test_the_report_says_of_every_aim_whether_it_was_met() -> None:
    """A missed aim stands out, an aim a short run leaves out reads so instead of passing."""
    report = Report(quick=True, seconds=12.3, busy=0.25)
    report.aims = [
        Aim("fast", 400, 300, "turns/s", at_least=True),
        Aim("soon", 80, 40, "ms"),
        Aim("light", NAN, 25, "ms"),
    ]
    text = render(report, {"machine": "2 cores"})
    assert "| fast | 400.0 | turns/s | met |" in text
    assert "| soon | 80.0 | ms | **not met** |" in text
    assert "| light | not measured |  |  |" in text
    assert "A short (`--quick`) run of 12 s. Other work took 25% of the machine." in text
    assert "- machine: 2 cores" in text


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    """Nearest rank: the smallest value that so many do not exceed."""
    assert percentile([float(each) for each in range(1, 101)], share) == value


def test_a_percentile_of_nothing_is_not_a_number() -> None:
    """No turns, no figure."""
    assert math.isnan(percentile([], 0.95))
    assert number(percentile([], 0.95)) == "not measured"


async def test_the_graph_can_be_measured_bare() -> None:
    """A node that the conversation gains is one that the floor has, too."""
    floor = await bare_graph(3)
    assert floor.total_ms > 0
