"""Why there is no trace of a turn, as exactly as can be told."""

import time
from dataclasses import dataclass

from gateway.ops.explaining.traced import Traced
from shared.telemetry.holding import SHELF_SECONDS

_ARRIVES_S = 30.0
"""A trace is decided on, sent and stored seconds after its turn; a minute later where a share is kept."""
_DAY = 86_400


@dataclass(frozen=True)
class Missing:
    """In a few words, and in a sentence; `soon`: it may be there when it is looked for again."""

    short: str
    why: str
    soon: bool = False


UNREAD = "its trace cannot be read now"


def missing(traced: Traced, at: float, trouble: str) -> Missing:
    """Of a turn accepted at this time; `trouble` is why the traces could not be asked."""
    if trouble:
        short = "the traces cannot be asked now"
        return Missing(short, f"{short}: {trouble}")
    if traced.port is None:
        short = "no traces can be asked here"
        return Missing(short, f"{short}: TRACES_URL is off, or sends them where this gateway cannot ask")
    age = time.time() - at
    arrives = _ARRIVES_S if traced.ratio >= 1 else _ARRIVES_S + SHELF_SECONDS
    if age < arrives:
        why = f"too new: a trace arrives within {arrives:.0f} seconds, and this page looks again until then"
        return Missing("its trace is on its way", why, soon=True)
    if age > traced.days * _DAY:
        return Missing("its trace is no longer kept", f"too old: traces are kept for {traced.days} days")
    if traced.ratio < 1:
        why = (
            f"not kept: the sample is {traced.ratio:.0%} of the conversations, and this turn was neither slow"
            " nor failed, refused or handed over"
        )
        return Missing("its trace was not kept", why)
    lost = traced.lost()
    return Missing(
        "no trace of it arrived",
        f"no trace of it arrived; this gateway has lost {lost:,} spans since it was started",
    )
