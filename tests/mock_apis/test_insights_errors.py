"""What is wrong with a query is said in the words of who wrote it, and where it stands."""

from collections.abc import Iterator

import pytest

from mock_apis.insights_errors import QueryError
from mock_apis.insights_kql import Between, ask
from mock_apis.insights_store import Telemetry

_FIRST = "AppRequests\n| where Name == 'turn' // (\n"
"""Two lines that are right; the bracket stands in a comment."""
WRONG = [
    ("AppRequsts | take 3", "AppRequsts", "did you mean AppRequests?"),
    ("requests | take 3", "requests", "here it is AppRequests"),
    ("Nothing | take 3", "Nothing", "there are AppRequests, AppDependencies"),
    ("data.requests | take 1", "data", "Failed to resolve"),
    ("union AppRequests, AppDependancies", "AppDependancies", "did you mean AppDependencies?"),
    ("let latest = AppRequests; lates | count", "lates", "did you mean latest?"),
    (_FIRST + "| where Nme == 'x'", "Nme", "did you mean Name?"),
    (_FIRST + "| where name == 'x' and timestamp > ago(1h)", "timestamp", "here it is TimeGenerated"),
    (_FIRST + "| where customDimensions.agent == 'x'", "customDimensions", "here it is Properties"),
    (_FIRST + "| summarize count() by outcome", "outcome", "stands in Properties: Properties.outcome"),
    (_FIRST + "| extend state = 1 | summarize count() by stat", "stat", "did you mean state?"),
    (_FIRST + "| project-away Nmae", "Nmae", "did you mean Name?"),
    (_FIRST + "| join (AppDependencies) on OperatonId", "OperatonId", "did you mean OperationId?"),
    (_FIRST + "| where tostrng(Name) == 'x'", "tostrng", "did you mean tostring?"),
    (_FIRST + "| evaluate pivot(Name)", "evaluate", "it may run in Azure"),
    (_FIRST + "| sumarize count() by Name\n| take 3", "sumarize", "did you mean summarize?"),
    (_FIRST + "| summarize percentiles(DurationMs, 50, 95) | wher Name", "wher", "did you mean where?"),
    (_FIRST + "| order Name\n| take 3", "order", "order is not complete"),
    (_FIRST + "|\n| take 3", "|", "an operator such as where or summarize is missing"),
    (_FIRST + "| where Name = 'x'", "=", "to compare, write =="),
    (_FIRST + "| extend a = tostring(Properties.a\n| take 3", "(Prop", "this ( is not closed"),
    (_FIRST + "| where Name == 'x", "'x", "the text that begins here has no end"),
    (_FIRST + "| where Name == “x”", "“", "straight quotes"),
    (_FIRST + "| project a b", "b", "'b' is not expected here"),
    (_FIRST + "project Name", "project", "does a | or a ; lack before it?"),
    ("| take 3", "|", "a query begins with a table"),
    ("SELECT * FROM AppRequests", "SELECT", "this is Kusto, not SQL"),
    ("// all\n.drop table AppRequests", ".drop", "commands that begin with a dot do not run"),
]
_PLACELESS = [
    ("AppRequests; AppDependencies", "one query at a time"),
    ("range x from 1 to 100000000000 step 1 | count", "more rows than run here"),
]
RIGHT = (
    "AppRequests | where 'a=b' != Name and Name =~ 'x' and Name !~ 'y' | extend a = 1 | count",
    "AppRequests | where Id in (AppDependencies | summarize m = max(Id) by ParentId | project m) | count",
    "let a = (x: long) { x + 1 }; AppRequests | where DurationMs >= a(1) and ItemCount <= 5 | extend b = '('",
)


@pytest.fixture(scope="module")
def telemetry() -> Iterator[Telemetry]:
    """No rows: what is asked here never gets as far."""
    made = Telemetry(None)
    yield made
    made.close()


def refused(telemetry: Telemetry, query: str) -> QueryError:
    """The error of a query that does not run."""
    with pytest.raises(QueryError) as error:
        ask(telemetry, query, workspace=True, between=Between(), most_rows=10, seconds=10)
    return error.value


@pytest.mark.parametrize(("query", "there", "told"), WRONG)
def test_an_error_says_where_and_what_was_meant(
    telemetry: Telemetry, query: str, there: str, told: str
) -> None:
    """The place is that of the word that is wrong, in the query as it was written."""
    error = refused(telemetry, query)
    assert told in error.message
    line = query.splitlines()[error.line - 1]
    assert line[error.column - 1 :].startswith(there), f"{error.line},{error.column}: {error.message}"


@pytest.mark.parametrize(("query", "told"), _PLACELESS)
def test_what_is_nowhere_wrong_is_said_without_a_place(telemetry: Telemetry, query: str, told: str) -> None:
    """Nothing of DuckDB's own words."""
    error = refused(telemetry, query)
    assert told in error.message
    assert (error.line, "Error:" in error.message) == (0, False)


@pytest.mark.parametrize("query", RIGHT)
def test_what_is_right_still_runs(telemetry: Telemetry, query: str) -> None:
    """An = in a text, before ~ or behind an operator compares or names; it is no mistake."""
    ask(telemetry, query, workspace=True, between=Between(), most_rows=10, seconds=10)
