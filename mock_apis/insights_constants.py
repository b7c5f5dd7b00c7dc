"""Writes numbers that a `let` names where duckdb-kql takes none but written ones: `take`, `limit` and `top`.

learn.microsoft.com/kusto/query/take-operator takes any constant: `let most = 20; T | take most`.
"""

import re

from mock_apis.insights_percentiles import HIDDEN

_LET = re.compile(rf"{HIDDEN} | \blet\s+(?P<name>\w+)\s*=\s*(?P<number>\d+)\s*(?=;)", re.VERBOSE)
_ROWS = re.compile(rf"{HIDDEN} | (?P<before>\|\s*(?:take|limit|top)\s+)(?P<name>[A-Za-z_]\w*)", re.VERBOSE)


def with_constants(query: str) -> str:
    """The query with such names replaced; what no `let` gives a number stays as it is."""
    numbers = {found["name"]: found["number"] for found in _LET.finditer(query) if found["name"]}

    def written(found: re.Match[str]) -> str:
        number = numbers.get(found["name"] or "")
        return f"{found['before']}{number}" if number else found[0]

    return _ROWS.sub(written, query) if numbers else query
