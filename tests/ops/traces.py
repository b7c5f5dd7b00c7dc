"""Traces for tests: spans that a test writes down, asked by the Kusto that runs on this machine."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any

from mock_apis.insights_errors import QueryError
from mock_apis.insights_kql import Between, ask
from mock_apis.insights_store import Telemetry
from shared.ports.traces import BadQuery, Table, TracesDown

_ids = count(1)


class MemoryTraces:
    """The `Traces` port over spans in memory; `down` is what it answers instead."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = ""
        self.spans = 0

    @cached_property
    def telemetry(self) -> Telemetry:
        """The tables; opening them takes a tenth of a second."""
        return Telemetry(None)

    def span(
        self, name: str, *, turn: str = "t-1", conversation: str = "c-1", parent: str = "", at: float,
        ms: float = 10.0, service: str = "all", failed: bool = False, **notes: object,
    ) -> str:  # fmt: skip
        """Record one; its id."""
        name_of_it = f"{next(_ids):016x}"
        self.spans += 1
        properties = {
            **{key.replace("__", "."): value for key, value in notes.items()},
            "gen_ai.conversation.id": conversation, "turn": turn, "latency_ms": ms, "weight": 1.0,
        }  # fmt: skip
        row: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
            "id": name_of_it, "name": name, "duration": round(ms), "success": not failed,
            "operation_Id": "a1" * 16, "operation_ParentId": parent or None, "itemCount": 1,
            "cloud_RoleName": f"answerdesk-{service}", "customDimensions": _texts(properties),
        }  # fmt: skip
        outside = name == "turn" or name.startswith(("handle ", "webhook "))
        self.telemetry.add([("requests" if outside else "dependencies", row)])
        return name_of_it

    async def query(self, kusto: str, *, back: timedelta, seconds: float = 30.0) -> Table:
        """See `Traces.query`."""
        self.asked.append(kusto)
        if self.down:
            raise TracesDown(self.down)
        if not self.spans:
            return Table((), ())  # parsing takes a tenth of a second
        since = Between(datetime.now(UTC).timestamp() - back.total_seconds())
        try:
            found = await asyncio.to_thread(
                ask, self.telemetry, kusto, workspace=True, between=since, most_rows=500_000, seconds=seconds
            )
        except QueryError as error:
            raise BadQuery(error.message, line=error.line, column=error.column) from error
        rows = [tuple(_cell(cell) for cell in row) for row in found.rows]
        return Table(tuple(found.columns), rows, took_ms=1.0)  # type: ignore[arg-type]

    async def ping(self) -> None:
        """See `Traces.ping`."""


def _texts(notes: Mapping[str, object]) -> dict[str, str]:
    """As Application Insights keeps them: every value a text."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in notes.items()
        if value != ""
    }


def _cell(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else cell
