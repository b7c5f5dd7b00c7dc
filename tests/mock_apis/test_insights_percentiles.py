"""`percentiles(...)` of Kusto, written for a translator that has only `percentile`."""

from datetime import UTC, datetime

import pytest

from mock_apis.insights_errors import QueryError
from mock_apis.insights_kql import Between, ask
from mock_apis.insights_percentiles import without_percentiles
from mock_apis.insights_store import Telemetry


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("T | summarize percentiles(x, 5, 95) by y", "percentile_x_5 = percentile(x, 5), percentile_x_95"),
        (
            "T | summarize (a, b) = percentiles(f(x, 1), 5, 9.5)",
            "a = percentile(f(x, 1), 5), b = percentile(f(x, 1), 9.5)",
        ),
        ("T | summarize percentiles(x, 99.9)", "percentile_x_99_9 = percentile(x, 99.9)"),
        ("T | summarize percentilesw(x, n, 50)", "percentile_x_50 = percentilew(x, n, 50)"),
        (
            "T | summarize (a, b) = percentilesw(x, f(n, 1), 5, 95)",
            "a = percentilew(x, f(n, 1), 5), b = percentilew(x, f(n, 1), 95)",
        ),
    ],
)
def test_percentiles(query: str, meant: str) -> None:
    """Written as one `percentile` each, by the names Kusto gives."""
    assert meant in without_percentiles(query)


@pytest.mark.parametrize(
    "query",
    [
        "print 'percentiles(x, 5)'",
        "T // percentiles(x, 5)\n| count",
        "T | summarize percentiles(x",
        "percentiles(x)",
        "percentilesw(x, n)",
    ],
)
def test_what_is_no_call_stays(query: str) -> None:
    """Texts, comments, and calls that are broken."""
    assert without_percentiles(query) == query


def _asked(telemetry: Telemetry, query: str) -> list[tuple[object, ...]]:
    found = ask(telemetry, query, workspace=True, between=Between(), most_rows=100, seconds=60)
    return [tuple(row) for row in found.rows]


def test_weighted_percentiles_count_a_row_as_often_as_it_weighs() -> None:
    """As if it stood there so many times; what has no value or no weight does not count."""
    telemetry = Telemetry(None)
    weighed = [(1.0, 1), (2.0, 3), (3.0, 94), (9.0, 2), (None, 50), (7.0, 0)]
    telemetry.add([_timed(took, weight) for took, weight in weighed])
    rows = _asked(telemetry, "AppRequests | summarize percentilesw(DurationMs, ItemCount, 1, 4, 5, 98, 99)")
    assert rows == [(1.0, 2.0, 3.0, 3.0, 9.0)]
    rows = _asked(
        telemetry, "AppRequests | where ItemCount > 90 | summarize percentilew(DurationMs, ItemCount, 50)"
    )
    assert rows == [(3.0,)]
    telemetry.close()


def test_a_weight_that_would_fill_the_memory_is_refused() -> None:
    """Weights are written out; an item that claims to stand for millions is said to be too much."""
    telemetry = Telemetry(None)
    telemetry.add([_timed(1.0, 10_001)])
    with pytest.raises(QueryError, match="weights over 10000 do not run here"):
        _asked(telemetry, "AppRequests | summarize percentilew(DurationMs, ItemCount, 50)")
    telemetry.close()


def _timed(took: float | None, weight: int) -> tuple[str, dict[str, object]]:
    now = datetime.now(UTC).replace(tzinfo=None).isoformat()
    return "requests", {"timestamp": now, "name": "turn", "duration": took, "itemCount": weight}
