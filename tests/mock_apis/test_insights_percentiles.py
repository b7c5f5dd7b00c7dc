"""`percentiles(...)` of Kusto, written for a translator that has only `percentile`."""

import pytest

from mock_apis.insights_percentiles import without_percentiles


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
