"""Every query of the pack, asked as operators ask it, of a desk that lived through what they ask about.

`ACCEPT_ANSWERS=1 make kql-check` writes what is answered now to `answers/`: read it before it is committed.
"""

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from observability.schema import keys_read
from shared.ports.traces import Cell, Table
from shared.traces_pack import Query, read_pack
from tests.observability.scenario import Lived, lived_through

ANSWERS = Path(__file__).parent / "answers"
FILLED = {
    "timeline": {"conversation": "return"},
    "decision_tree": {"turn": "hiccup.1"},
    "why_this_answer": {"conversation": "rejected"},
    "slow_turns": {"over": "0ms"},
    "slowest_hop": {"most": "100"},
}
"""What is filled in; names of conversations and turns stand for their ids."""
ANYTHING = {"slow_turns": {"slowest_step", "slowest_action"}}
"""Columns that tell which was fastest: that differs from run to run."""
NOT_LIVED = {("Properties", "purpose"), ("Properties", "store_error")}
"""Keys that this desk has no cause for: a reply that shows a personal value, a store that is down."""
_ID = re.compile(r"\b[ct]-[0-9a-f]{24}\b")
_TRACE = re.compile(r"\b[0-9a-f]{32}\b")
_SPAN = re.compile(r"\b[0-9a-f]{16}\b")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """The scenario; all that is asked of it stands in one test, so that it runs once."""
    with lived_through(tmp_path_factory.mktemp("lived")) as told:
        yield told


def test_the_pack_answers(lived: Lived, subtests: pytest.Subtests) -> None:
    """Rows are the expected ones, sums agree, and no query reads a key that nobody emits."""
    pack = {name: query for name, query in read_pack().items() if not query.portal_only}
    tables = asyncio.run(_asked(lived, pack))
    for name, query in pack.items():
        with subtests.test(query=name):
            _compare(query, _lines(query, tables[name], lived))
    with subtests.test("keys"):
        emitted = asyncio.run(_emitted(lived)) | NOT_LIVED
        unknown = {name: read for name, query in pack.items() if (read := keys_read(query.text) - emitted)}
        assert not unknown, f"read by queries, emitted by nobody: {unknown}"
    with subtests.test("sums"):
        costs = [_sum(tables[f"cost_by_{by}"]) for by in ("agent", "model", "conversation", "day")]
        assert costs[0] > 0
        assert costs == pytest.approx([costs[0]] * 4, abs=1e-5)


async def _asked(lived: Lived, pack: Mapping[str, Query]) -> Mapping[str, Table]:
    tables = {}
    for name, query in pack.items():
        given = {key: lived.ids.get(value, value) for key, value in FILLED.get(name, {}).items()}
        tables[name] = await lived.traces.query(query.filled(given), back=query.back)
        assert not tables[name].partial, tables[name].partial
    return tables


async def _emitted(lived: Lived) -> frozenset[tuple[str, str]]:
    found = set()
    for bag in ("Properties", "Measurements"):
        asked = f"union AppRequests, AppDependencies, AppMetrics | project {bag}"
        table = await lived.traces.query(asked, back=timedelta(days=1))
        found |= {(bag, key) for row in table.rows for key in _keys(row[0])}
    return frozenset(found)


def _keys(bag: Cell) -> list[str]:
    return re.findall(r'(?:^\{|, ?|(?<=,))"((?:[^"\\]|\\.)*)":', str(bag))


def _sum(table: Table) -> float:
    names = [name for name, _ in table.columns]
    return sum(float(row[names.index("cost_usd")] or 0) for row in table.rows)


def _compare(query: Query, lines: list[str]) -> None:
    assert [column.name for column in query.columns] == lines[0].split(" | "), "its header names others"
    file = ANSWERS / f"{query.name}.txt"
    told = "\n".join(lines) + "\n"
    if os.environ.get("ACCEPT_ANSWERS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(told)
    assert told == file.read_text(), "read the difference; ACCEPT_ANSWERS=1 takes it"


def _lines(query: Query, table: Table, lived: Lived) -> list[str]:
    """The names of the columns, then the rows in the order of their words: which is first may vary."""
    units = {column.name: column.unit for column in query.columns}
    anything = ANYTHING.get(query.name, set())
    rows = [
        " | ".join(
            "..." if name in anything else _told(name, kind, units.get(name, ""), value, lived)
            for (name, kind), value in zip(table.columns, row, strict=True)
        ).rstrip()
        for row in table.rows
    ]
    return [" | ".join(name for name, _ in table.columns), *sorted(rows)]


def _told(name: str, kind: str, unit: str, value: Cell, lived: Lived) -> str:
    """A cell without what differs between runs: times, ids, prices."""
    if value is None or value == "":
        return ""
    if kind == "datetime":
        return "(time)"
    if unit in {"ms", "s", "USD"} or name.endswith("_tokens"):
        # A time that rounds to nothing is one all the same; a price of nothing is none.
        return f"({unit or 'tokens'})" if unit in {"ms", "s"} or float(value) > 0 else "0"
    text = _ID.sub(lambda found: f"({lived.names.get(found[0], 'id')})", str(value))
    return _SPAN.sub("(span)", _TRACE.sub("(trace)", text))
