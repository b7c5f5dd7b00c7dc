"""Asks Application Insights in Kusto, with azure-monitor-query's client.

Limits and errors: learn.microsoft.com/azure/azure-monitor/logs/api/errors. The client is the
synchronous one: the other wants aiohttp, which we do not carry. Each query has a thread while it runs.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shared.ports.traces import BadQuery, Cell, CellKind, Table, TracesDown

if TYPE_CHECKING:
    from azure.monitor.query import LogsQueryClient

_MOST_AT_ONCE = 4
_ON_TOP_S = 5.0
"""Seconds for the way, on top of those that the query may take."""
_SOON_S = 1.5
"""Seconds after which a service that can be asked is asked whether it is there at all."""
_LONGEST = 10_000
_TOO_LONG = 504
""""Timeouts" (learn.microsoft.com/azure/azure-monitor/logs/api/timeouts)."""
_SAID_AT = re.compile(r" on line \[\d+,\d+\]$")
"""Who is told the place as numbers need not read it as well."""
_AT = re.compile(r"line[: ]+(\d+),? *(?:col(?:umn)?|position|pos)[: ]+(\d+)", re.IGNORECASE)


class InsightsTraces:
    """The `Traces` port on one workspace.

    `alive` says whether the service answers at all, where that can be asked: who waits for one that hangs is
    told so soon, and a query that merely takes long has its time.
    """

    def __init__(
        self, client: "LogsQueryClient", workspace: str, *, alive: Callable[[], Awaitable[bool]] | None = None
    ) -> None:
        self._client = client
        self._workspace = workspace
        self._alive = alive
        # Threads of its own: who stops waiting leaves one behind until the answer is out of time, and
        # those of the loop are needed for other work.
        self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="traces")

    async def query(self, kusto: str, *, back: timedelta, seconds: float = 30.0) -> Table:
        """See `Traces.query`."""
        if not kusto.strip():
            raise BadQuery("the query is empty; write one, e.g. AppRequests | take 10")
        if len(kusto) > _LONGEST:
            raise BadQuery(f"the query has {len(kusto):,} characters; at most {_LONGEST:,} are taken")
        began = time.perf_counter()
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, kusto, back, seconds)
        try:
            async with asyncio.timeout(seconds + _ON_TOP_S):
                await self._not_hanging(asked)
                found = await asked
        except TimeoutError:
            raise TracesDown(f"no answer in {seconds:.0f} s; ask for less, or for a shorter time") from None
        return _table(found, round((time.perf_counter() - began) * 1000, 1))

    async def _not_hanging(self, asked: "asyncio.Future[Any]") -> None:
        """Return when there is an answer, or whoever owes it is there."""
        if self._alive is None:
            return
        began = time.perf_counter()
        await asyncio.wait([asked], timeout=_SOON_S)
        if not asked.done() and not await self._alive() and not asked.done():
            asked.cancel()
            raise TracesDown(
                f"the traces’ service has said nothing for {time.perf_counter() - began:.0f} s and seems to "
                "hang. Load the page again in a minute: `launch all` ends a service that hangs and starts it "
                "anew. Health shows how it stands, under Traces"
            )

    async def ping(self) -> None:
        """See `Traces.ping`."""
        await self.query("print 1", back=timedelta(minutes=5), seconds=5)

    def _ask(self, kusto: str, back: timedelta, seconds: float) -> Any:
        from azure.core.exceptions import (  # noqa: PLC0415  loaded with the client
            AzureError,
            HttpResponseError,
            ServiceRequestError,
        )

        try:
            return self._client.query_workspace(
                self._workspace,
                kusto,
                timespan=back,
                server_timeout=max(1, int(seconds)),
                # azure-core waits 300 s for an answer, whatever the server was told.
                read_timeout=seconds + _ON_TOP_S,
            )
        except ServiceRequestError as error:
            raise TracesDown(
                f"Application Insights cannot be reached ({type(error).__name__}): does it run, and do DNS, "
                "firewall and proxy let this machine through to it?"
            ) from error
        except HttpResponseError as error:
            raise _told(error, seconds) from error
        except (AzureError, OSError) as error:  # OSError: its certificates are not made yet
            raise TracesDown(f"Application Insights does not answer ({type(error).__name__})") from error


def _told(error: Any, seconds: float) -> BadQuery | TracesDown:
    """A query that is wrong, or takes too long, is told from a service that is down."""
    status = error.status_code or 0
    if status == _TOO_LONG:
        return BadQuery(f"it takes longer than {seconds:g} s; narrow it with where, or ask a shorter time")
    if not status:
        return TracesDown(
            f"this process has no identity that Azure would know ({type(error).__name__}): give it a managed "
            "identity, or sign in with `az login`"
        )
    if status != 400:
        hint = ": check the identity's role on the workspace" if status in {401, 403} else ""
        return TracesDown(f"Application Insights answered {status}{hint}")
    words, line, column = _innermost(error)
    return BadQuery(words, line=line, column=column)


def _innermost(error: Any) -> tuple[str, int, int]:
    """The words of the most exact of nested errors, and where in the query they point."""
    try:
        inner = json.loads(error.response.text())["error"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return str(error.message), 0, 0
    words, line, column = str(inner.get("message", "")), 0, 0
    while isinstance(inner, dict):
        words = str(inner.get("message") or words)
        line, column = int(inner.get("line") or line), int(inner.get("pos") or column)
        inner = inner.get("innererror")
    if not line and (at := _AT.search(words)):
        line, column = int(at[1]), int(at[2])
    return _SAID_AT.sub("", words) if line else words, line, column


def _table(found: Any, took_ms: float) -> Table:
    tables = getattr(found, "tables", None)
    partial = ""
    if tables is None:
        tables = found.partial_data
        partial = told_partial(found)
    if not tables:
        return Table((), (), partial, took_ms)
    first = tables[0]
    kinds: Sequence[CellKind] = first.columns_types
    columns = tuple(zip(first.columns, kinds, strict=True))
    return Table(columns, [tuple(map(_cell, row)) for row in first.rows], partial, took_ms)


def told_partial(found: Any) -> str:
    """Why rows of a `LogsQueryPartialResult` are missing: its details know, its message does not."""
    error = found.partial_error
    details = [each.get("message") for each in error.details or () if isinstance(each, dict)]
    return str(next(filter(None, details), error.message)).rstrip(".")


def _cell(value: object) -> Cell:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
