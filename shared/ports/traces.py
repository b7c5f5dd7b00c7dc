"""Traces as they are asked: Kusto over what was kept of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

from shared.errors import DeskError

CellKind = Literal[
    "string", "datetime", "real", "int", "long", "bool", "dynamic", "timespan", "guid", "decimal"
]
Cell = str | float | int | bool | None
"""A value of a table; times as ISO text, dynamic values as JSON text."""


class TracesDown(DeskError):
    """The traces cannot be asked now."""

    retry = True


class BadQuery(DeskError):
    """A query that cannot be run; `line` and `column` count from 1, 0 where the service did not say."""

    def __init__(self, told: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(told)
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Table:
    """What a query found. `partial` says why rows are missing, and is empty when none are."""

    columns: tuple[tuple[str, CellKind], ...]
    rows: Sequence[tuple[Cell, ...]] = field(repr=False)
    partial: str = ""
    took_ms: float = 0.0


class Traces(Protocol):
    """Application Insights' tables of a workspace (`AppRequests`, `AppDependencies`, ...)."""

    async def query(self, kusto: str, *, back: timedelta, seconds: float = 30.0) -> Table:
        """The first table that `kusto` gives, over what is no older than `back`, within `seconds`.

        Raises:
            BadQuery: it is not Kusto, names what is not there, or asks too much.
            TracesDown: the service does not answer.
        """
        ...

    async def ping(self) -> None:
        """Raises `TracesDown` when queries are not answered."""
        ...
