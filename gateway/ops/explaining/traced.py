"""Asks the traces about conversations."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json import loads

from gateway.ops.explaining.spans import COLUMNS, Spanned, spans_of
from shared.ports.traces import Table, Traces
from shared.telemetry.contract import Given
from shared.telemetry.taking import Health

ID = r"^[A-Za-z0-9_.-]{1,80}$"
"""Ids of conversations, turns, traces and spans: nothing that means something in a query."""
_SPANS = "union AppRequests, AppDependencies"
_TOLD = f'{_SPANS} | where Name in ("turn", "flag")'
"""What says why a turn is kept: the turn itself, or what became known when it had been sent."""
_CONVERSATION = f'Properties["{Given.CONVERSATION}"]'
_MOST_SPANS = 2_000
_EARLY, _LATE = timedelta(minutes=10), timedelta(days=1)
"""Around a turn: for clocks that differ, and for work that is tried again."""


@dataclass(frozen=True)
class Kept:
    """What was kept of a turn: how many spans, how many of them failed, for how many turns it stands.

    `why` it was kept whatever the sample; empty when it was merely chosen. `began` in seconds since 1970.
    """

    spans: int
    failed: int
    why: str
    weight: float
    began: float
    intent: str = ""
    status: str = ""


@dataclass(frozen=True)
class Seen:
    """A conversation as the traces have it: its reasons to be kept, its engines, its slowest turn in ms."""

    why: tuple[str, ...]
    engines: tuple[str, ...]
    slowest: float


@dataclass(frozen=True)
class Traced:
    """The traces of this installation. Raises `TracesDown`, and `BadQuery` for none of its own queries.

    `ratio` is the share of conversations kept, `days` how long; without `port` none can be asked here.
    `health` tells how they are taken, and what of them was lost.
    """

    port: Traces | None = None
    ratio: float = 0.0
    days: int = 7
    health: Callable[[], Health] = Health

    async def turns(self, conversation: str, *, since: float = 0.0) -> dict[str, Kept]:
        """What was kept of each turn, the earliest first; none is older than `since`, by much."""
        table = await self._ask(
            f"{_SPANS} | where {_CONVERSATION} == {_text(conversation)}"
            " | summarize spans=count(), broken=countif(Success == false),"
            " why=max(tostring(Properties.kept_for)), weight=max(todouble(Properties.weight)),"
            " begun=min(TimeGenerated), intent=max(tostring(Properties.intent)),"
            " status=max(tostring(Properties.status)) by turn=tostring(Properties.turn) | order by begun asc",
            since=since,
        )
        return {
            str(turn): Kept(
                int(spans or 0), int(broken or 0), str(why or ""), float(weight or 1.0), _time(begun),
                str(intent or ""), str(status or ""),
            )
            for turn, spans, broken, why, weight, begun, intent, status in table.rows
        }  # fmt: skip

    async def spans(self, conversation: str, turn: str, *, at: float) -> list[Spanned]:
        """The spans of one turn, which was accepted about then."""
        begin = datetime.fromtimestamp(at, UTC)
        table = await self._ask(
            f"{_SPANS} | where TimeGenerated > {_when(begin - _EARLY)}"
            f' | where TimeGenerated < {_when(begin + _LATE)} or Name == "flag"'  # it may come days later
            f" | where {_CONVERSATION} == {_text(conversation)} and Properties.turn == {_text(turn)}"
            f" | project {COLUMNS} | order by TimeGenerated asc | take {_MOST_SPANS}"
        )
        return spans_of(table)

    async def span(self, conversation: str, span: str) -> Spanned | None:
        """One span with all that it says, or None."""
        table = await self._ask(
            f"{_SPANS} | where Id == {_text(span)} and {_CONVERSATION} == {_text(conversation)}"
            f" | project {COLUMNS} | take 1"
        )
        return next(iter(spans_of(table)), None)

    async def found(self, name: str) -> tuple[str, str]:
        """The conversation and the turn that a trace, a turn, a span or a conversation belongs to."""
        table = await self._ask(
            f"{_SPANS} | where OperationId == {_text(name)} or Properties.turn == {_text(name)}"
            f" or {_CONVERSATION} == {_text(name)} or Id == {_text(name)}"
            f" | project conversation=tostring({_CONVERSATION}), turn=tostring(Properties.turn)"
            " | where isnotempty(conversation) | take 1"
        )
        row = next(iter(table.rows), ("", ""))
        return str(row[0]), str(row[1])

    async def seen(self, conversations: Sequence[str]) -> dict[str, Seen]:
        """What the traces have of these conversations."""
        if not conversations:
            return {}
        among = ", ".join(map(_text, conversations))
        table = await self._ask(
            f"{_TOLD} | where {_CONVERSATION} in ({among})"
            " | summarize why=make_set(tostring(Properties.kept_for)),"
            " engines=make_set(tostring(Properties.engine)), slowest=max(DurationMs)"
            f" by conversation=tostring({_CONVERSATION})"
        )
        return {
            str(name): Seen(_set(why), _set(engines), float(slowest or 0.0))
            for name, why, engines, slowest in table.rows
        }

    async def flagged(self, why: str, limit: int) -> list[str]:
        """The latest conversations of which a turn was kept for this reason."""
        table = await self._ask(
            f"{_TOLD} | where Properties.kept_for == {_text(why)}"
            f" | summarize latest=max(TimeGenerated) by conversation=tostring({_CONVERSATION})"
            f" | top {limit} by latest desc | project conversation"
        )
        return [str(row[0]) for row in table.rows]

    async def _ask(self, kusto: str, *, since: float = 0.0) -> Table:
        if self.port is None:
            return Table((), ())
        # Whoever looks no further back than there is something to see is answered sooner.
        ago = timedelta(seconds=max(0.0, time.time() - since)) + _EARLY
        return await self.port.query(kusto, back=min(timedelta(days=max(1, self.days)), ago), seconds=15)


def _text(name: str) -> str:
    """A literal of Kusto.

    Raises:
        ValueError: it holds what no id of ours holds.
    """
    if not re.fullmatch(ID, name):
        raise ValueError(f"{name[:80]!r} is no id")
    return f'"{name}"'


def _when(time: datetime) -> str:
    return f"datetime({time:%Y-%m-%dT%H:%M:%SZ})"


def _time(cell: object) -> float:
    try:
        return datetime.fromisoformat(str(cell)).timestamp()
    except ValueError:
        return 0.0


def _set(cell: object) -> tuple[str, ...]:
    found = loads(str(cell or "[]"))
    return tuple(sorted(str(each) for each in found if each))


Turns = Mapping[str, Kept]
