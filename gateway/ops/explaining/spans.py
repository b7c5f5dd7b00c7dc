"""A span as the traces give it back, and what of it answers an operator's questions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.ports.traces import Cell, Table
from shared.telemetry.contract import Given

COLUMNS = "TimeGenerated, Id, ParentId, OperationId, Name, DurationMs, Success, AppRoleName, Properties"
"""What `spans_of` reads, in Kusto's `project`."""


@dataclass(frozen=True)
class Alternative:
    """What was not chosen, how it scored from 0 to 1, and why."""

    what: str
    score: float
    why: str


@dataclass(frozen=True)
class Spanned:
    """One recorded step; `began` is seconds since 1970 by the clock of `service`, `ms` how long it took."""

    id: str
    parent: str
    trace: str
    name: str
    service: str
    began: float
    ms: float
    failed: bool
    notes: Mapping[str, str] = field(repr=False)

    @property
    def ended(self) -> float:
        """Seconds since 1970."""
        return self.began + self.ms / 1000

    @property
    def action(self) -> str:
        """What was done: `critic.screen.v1`."""
        return self.notes.get("action", "")

    def number(self, name: str) -> float:
        """A figure it noted; 0 where it has none."""
        try:
            return float(self.notes.get(name, ""))
        except ValueError:
            return 0.0

    def words(self, name: str) -> list[str]:
        """What is divided by blanks, each once."""
        return list(dict.fromkeys(self.notes.get(name, "").split()))

    @property
    def alternatives(self) -> list[Alternative]:
        """What it did not choose, the best first; nothing where the text was cut."""
        try:
            found = json.loads(self.notes.get("alternatives") or "[]")
            made = [
                Alternative(str(each["what"]), float(each["score"]), str(each.get("why", "")))
                for each in found
            ]
        except (ValueError, TypeError, KeyError, AttributeError):
            return []
        return sorted(made, key=lambda each: -each.score)

    def message(self, name: str) -> Mapping[str, Any]:
        """`inputs` or `outputs` as an object; empty where it was cut, or never there."""
        try:
            found = json.loads(self.notes.get(name, ""))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def spans_of(table: Table) -> list[Spanned]:
    """The spans in a table of `COLUMNS`, the earliest first; rows that lack their time or id are left out."""
    names = [name for name, _ in table.columns]
    rows = (dict(zip(names, row, strict=False)) for row in table.rows)
    return sorted(_read(rows), key=lambda each: (each.began, -each.ms))


def _read(rows: Iterator[dict[str, Cell]]) -> Iterator[Spanned]:
    for row in rows:
        began, name = _seconds(row.get("TimeGenerated")), str(row.get("Id") or "")
        if not began or not name:
            continue
        notes = _notes(row.get("Properties"))
        try:
            # The exporter rounds `DurationMs` to a whole millisecond.
            ms = float(notes.get(Given.LATENCY) or row.get("DurationMs") or 0.0)
        except ValueError:
            ms = 0.0
        yield Spanned(
            id=name,
            parent=str(row.get("ParentId") or ""),
            trace=str(row.get("OperationId") or ""),
            name=str(row.get("Name") or ""),
            service=str(row.get("AppRoleName") or "").removeprefix("answerdesk-"),
            began=began,
            ms=max(0.0, ms),
            failed=row.get("Success") is False,
            notes=notes,
        )


def _seconds(time: Cell) -> float:
    try:
        return datetime.fromisoformat(str(time)).timestamp()
    except ValueError:
        return 0.0


def _notes(properties: Cell) -> dict[str, str]:
    try:
        found = json.loads(str(properties or "{}"))
    except ValueError:
        return {}
    return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def last(spans: Sequence[Spanned], name: str, action: str = "") -> Spanned | None:
    """The latest span whose name begins so, of this action (also in part); None where there is none."""
    found = [each for each in spans if each.name.startswith(name) and action in each.action]
    return found[-1] if found else None
