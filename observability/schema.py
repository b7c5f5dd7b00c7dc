"""The schema that queries are checked against, made of our contracts and the tables of a workspace.

A parser knows columns and not what `Properties` holds, so the keys that a query reads there are found here.
"""

import re
from collections.abc import Mapping

from mock_apis.insights_tables import TABLES
from shared.metrics import LABELS
from shared.telemetry.contract import GIVEN, numbers, wire_names

_HIDDEN = r"""//[^\n]* | @"[^"]*" | (?<![\[.])"(?:[^"\\]|\\.)*" """
_KEY = re.compile(
    rf"""{_HIDDEN} | \b(?P<bag>Properties|Measurements)(?:\.(?P<plain>\w+)|\["(?P<quoted>[^"]+)"\])""",
    re.VERBOSE,
)


def tables() -> Mapping[str, Mapping[str, str]]:
    """Kusto's type of each column, by table and column, as a workspace has them."""
    return {
        table.workspace: {
            **{column.workspace: column.kind for column in table.columns if column.workspace},
            "Type": "string",
            "TenantId": "string",
        }
        for table in TABLES
    }


def known_keys() -> Mapping[str, frozenset[str]]:
    """What `Properties` and `Measurements` may hold: keys of spans by the wire's names, counters' labels."""
    return {
        "Properties": frozenset(wire_names().values()) | frozenset(GIVEN) | frozenset(LABELS),
        "Measurements": frozenset(numbers()),
    }


def keys_read(query: str) -> frozenset[tuple[str, str]]:
    """What a query reads of `Properties` and `Measurements`: pairs of column and key."""
    return frozenset(
        (found["bag"], found["plain"] or found["quoted"]) for found in _KEY.finditer(query) if found["bag"]
    )
