"""Teaches duckdb-kql the percentiles that it lacks: several at once, and weighted ones.

`percentiles(x, 50, 95)` is rewritten as `percentile` for each, `percentilesw(x, w, 50, 95)` as `percentilew`.
Names of the columns and the nearest rank, by weight: learn.microsoft.com/kusto/query/
percentiles-aggregation-function, which gives `percentile_x_50`.
"""

import re
from collections.abc import Sequence

from duckdb_kql.translate.functions import AGGREGATE_FUNCTIONS, AggregateSpec

_MOST_WEIGHT = 10_000
_WEIGHTED = (
    "list_aggregate(flatten(list("
    f"CASE WHEN {{1}} > {_MOST_WEIGHT} THEN error('weights over {_MOST_WEIGHT} do not run here') "
    "WHEN {1} > 0 THEN list_resize([{0}], CAST({1} AS BIGINT), {0}) END"
    ") FILTER (WHERE {0} IS NOT NULL)), 'quantile_disc', {2} / 100.0)"
)
"""Each value as often as it weighs: how `percentilew` is defined, for weights that are whole numbers."""
HIDDEN = r"""//[^\n]*                          # a comment
    | [hH]?@"(?:[^"]|"")*" | [hH]?@'(?:[^']|'')*'    # verbatim text
    | [hH]?"(?:[^"\\]|\\.)*" | [hH]?'(?:[^'\\]|\\.)*'"""
"""What of a query is no code: comments and texts; for verbose patterns."""
_SKIPPED = re.compile(HIDDEN, re.VERBOSE)
_CALL = re.compile(rf"{HIDDEN} | (?P<call>\bpercentiles(?P<weighted>w?)\s*\()", re.VERBOSE)
_NAMES = re.compile(r"\(\s*([\w\s,]+?)\s*\)\s*=\s*$")
_NOT_IN_NAMES = re.compile(r"\W+")
_OPEN, _CLOSE = "([{", ")]}"


def know_weights() -> None:
    """Make `percentilew` known to the translator of this process; more than once is fine."""
    AGGREGATE_FUNCTIONS.setdefault("percentilew", AggregateSpec("percentilew", _WEIGHTED, (3,)))


def without_percentiles(query: str) -> str:
    """The query with each `percentiles(...)` as several `percentile(...)`; a broken call is left as it is."""
    done, at = "", 0
    while True:
        found = _next_call(query, at)
        if found is None:
            return done + query[at:]
        parts, end = _arguments(query, found.end())
        first = 2 if found["weighted"] else 1
        if len(parts) <= first:
            done, at = done + query[at : found.end()], found.end()
            continue
        before = query[at : found.start()]
        named = _NAMES.search(before)
        names = [each.strip() for each in named[1].split(",")] if named else _names(parts[0], parts[first:])
        if named:
            before = before[: named.start()]
        if len(names) != len(parts) - first:
            done, at = done + query[at:end], end
            continue
        one = f"percentile{found['weighted']}({', '.join(parts[:first])}"
        rows = (f"{name} = {one}, {each})" for name, each in zip(names, parts[first:], strict=True))
        done, at = done + before + ", ".join(rows), end


def _next_call(query: str, at: int) -> re.Match[str] | None:
    """The next call that stands in no text and no comment."""
    return next((found for found in _CALL.finditer(query, at) if found["call"]), None)


def _arguments(query: str, at: int) -> tuple[list[str], int]:
    """What stands between the call's brackets, by commas, and where the call ends; nothing if it does not."""
    parts: list[str] = []
    depth, start = 0, at
    while at < len(query):
        if (hidden := _SKIPPED.match(query, at)) is not None:
            at = hidden.end()
            continue
        sign = query[at]
        if sign in _OPEN:
            depth += 1
        elif sign in _CLOSE and depth:
            depth -= 1
        elif sign == ")":
            return [*parts, query[start:at].strip()], at + 1
        elif sign == "," and not depth:
            parts.append(query[start:at].strip())
            start = at + 1
        at += 1
    return [], at


def _names(value: str, percentiles: Sequence[str]) -> list[str]:
    column = _NOT_IN_NAMES.sub("_", value).strip("_")
    return [f"percentile_{column}_{_NOT_IN_NAMES.sub('_', each)}" for each in percentiles]
