"""One trace per turn: what rooms call to record it, and what decides which are kept."""

from shared.telemetry.contract import CLIENT, CONSUMER, Notes
from shared.telemetry.flags import flag, flag_later
from shared.telemetry.noting import alternatives, note_usage
from shared.telemetry.spans import (
    Opened,
    Span,
    answered,
    current,
    headers,
    join,
    note,
    root,
    span,
    trace_id,
)

__all__ = [
    "CLIENT",
    "CONSUMER",
    "Notes",
    "Opened",
    "Span",
    "alternatives",
    "answered",
    "current",
    "flag",
    "flag_later",
    "headers",
    "join",
    "note",
    "note_usage",
    "root",
    "span",
    "trace_id",
]
