"""An answer as a file: CSV that a spreadsheet may open without running anything, and JSON."""

import csv
import io

import msgspec

from shared.ports.traces import Cell, Table

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula ("CSV Injection", owasp.org)."""


def as_csv(table: Table) -> bytes:
    """RFC 4180 in UTF-8, names first; a text that looks like a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(name) for name, _ in table.columns])
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8", "replace")


def as_json(table: Table) -> bytes:
    """`{"columns": [{name, kind}], "rows": [[...]], "partial"}`; dynamic values stay JSON text."""
    told = {
        "columns": [{"name": name, "kind": kind} for name, kind in table.columns],
        "rows": table.rows,
        "partial": table.partial,
    }
    return msgspec.json.encode(told) + b"\n"


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_STARTS) else cell
