"""What processes tell each other of their traces."""

from typing import Literal

from shared.contracts.words import Value

TracesKind = Literal["off", "embedded", "application insights", "otlp"]
"""What takes traces; never where it is."""


class TracesSent(Value, frozen=True, kw_only=True):
    """How the traces of one process are taken, counted since it was started; told every few seconds.

    `run` tells two processes of a `service` apart. `up` is None before the first batch, and `since` (seconds
    since 1970, as all times; 0.0 is never) is when it came to be so. `lost` has a count for each reason:
    a status of HTTP or one of `shared.telemetry.taking`.
    """

    service: str
    run: str
    at: float
    kind: TracesKind
    up: bool | None = None
    since: float = 0.0
    why: str = ""
    accepted_at: float = 0.0
    accepted: int = 0
    sent: int = 0
    waiting: int = 0
    lost: dict[str, int] = {}
