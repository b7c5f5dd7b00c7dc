"""Writes docs/queries.md from the query pack: `python -m observability.described`."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from observability.azure.workbook import SECTIONS
from shared.traces_pack import Query, read_pack

FILE = Path(__file__).parents[1] / "docs" / "queries.md"
_HEAD = """\
# What operators ask

The query pack: one question, one file of Kusto in `observability/kql`. It is asked the same everywhere: on
the ops page, in the logs of a Log Analytics workspace (paste the file; its `let` lines are the parameters),
in the [workbook](../observability/azure/workbook.json) and by the alert rules beside it. This page is made
from the files by `python -m observability.described`; a test compares them.

- **Estimated** numbers weigh each kept row by what it stands for (`ItemCount`), and are true for all turns
  within the sample's error. **Counted** ones come from counters of every turn, which each process sends every
  half minute and at its end: one that is killed takes along what it has not sent. Only the ledger, at
  `/ops/spend`, lacks nothing then. **Kept** are those of what is in the traces, whatever was sampled: one
  conversation is always kept whole, or not at all.
- `make kql-check` parses each query with Microsoft's own parser, asks it of a desk that lived through what it
  asks about, and compares the rows. What a span says: [traces.md](traces.md).
- Adding one: write the file with its header, add its name to a section in `observability/azure/workbook.py`,
  run `ACCEPT_ANSWERS=1 make kql-check`, read the rows in `tests/observability/answers`, then
  `python -m observability.azure` and `python -m observability.described`.

"""


def page() -> str:
    """The whole page."""
    pack = read_pack()
    return _HEAD + "\n".join(
        line for title, names in SECTIONS.items() for line in _section(title, names, pack)
    )


def _section(title: str, names: tuple[str, ...], pack: Mapping[str, Query]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| question | who asks | file | numbers | columns |"
    yield "|---|---|---|---|---|"
    for name in names:
        query = pack[name]
        columns = ", ".join(
            f"{each.name} ({each.unit})" if each.unit else each.name for each in query.columns
        )
        file = f"[{name}](../observability/kql/{name}.kql)"
        yield f"| {query.what} | {query.who} | {file} | {_numbers(query)} | {columns} |"
    yield ""


def _numbers(query: Query) -> str:
    return "counted" if query.counted else "estimated" if query.estimated else "kept"


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
