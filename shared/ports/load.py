"""What lies on the bus and who takes it: the look of operators, alarms and metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

STUCK_SECONDS = 30.0
"""Without a standing pull a consumer with messages in hand is busy for so long; after that its taker is gone.

An ask of a dead process is given to another after 5 s, so nothing that lives is silent for longer.
"""


@dataclass(frozen=True, kw_only=True)
class StreamLoad:
    """One stream: its messages and their bytes; `oldest` is the age of the first in seconds, None without.

    A stream keeps what was handled until its time is over: what waits is told by the consumers. A bus in
    memory counts no bytes, and knows ages only of dead letters.
    """

    name: str
    messages: int
    bytes: int
    oldest: float | None


@dataclass(frozen=True, kw_only=True)
class ConsumerLoad:
    """One durable consumer and the service whose messages wait there (empty: none that we know).

    `pending` were not delivered yet; `ack_pending` are in somebody's hands, `redelivered` of them not for the
    first time. `waiting` are requests for more that stand: with none, nobody asks. `idle` is how many seconds
    ago something was delivered or acknowledged, None for never. One that is not `there` was never made: then
    `pending` is what is stored for it, and 0 where the bus keeps no count of that (events).
    """

    name: str
    stream: str
    service: str
    pending: int
    ack_pending: int
    redelivered: int
    waiting: int
    idle: float | None
    there: bool = True

    @property
    def consumed(self) -> bool:
        """Whether somebody takes what comes: asks for more, or has both hands full and moves."""
        busy = self.ack_pending > 0 and self.idle is not None and self.idle < STUCK_SECONDS
        return self.waiting > 0 or busy


@dataclass(frozen=True, kw_only=True)
class Load:
    """The bus at one moment, `at` in seconds since 1970; every number is counted, none is estimated."""

    at: float
    streams: Sequence[StreamLoad]
    consumers: Sequence[ConsumerLoad]
    dead_letters: int
