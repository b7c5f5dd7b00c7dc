"""Why there is no trace of a turn, as exactly as can be told."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

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
    return _unasked(traced, trouble) or _out_of_time(traced, at) or _absent(traced)


def _unasked(traced: Traced, trouble: str) -> Missing | None:
    if trouble:
        short = "the traces cannot be asked now"
        return Missing(short, f"{short}: {trouble}")
    if traced.port is None:
        short = "no traces can be asked here"
        return Missing(short, f"{short}: TRACES_URL is off, or sends them where this gateway cannot ask")
    return None


def _out_of_time(traced: Traced, at: float) -> Missing | None:
    age, renewed = time.time() - at, traced.health().renewed
    arrives = _ARRIVES_S if traced.ratio >= 1 else _ARRIVES_S + SHELF_SECONDS
    if age < arrives:
        why = f"too new: a trace arrives within {arrives:.0f} seconds, and this page looks again until then"
        return Missing("its trace is on its way", why, soon=True)
    if age > traced.days * _DAY:
        return Missing("its trace is no longer kept", f"too old: traces are kept for {traced.days} days")
    if at < renewed:
        why = f"in the traces’ file that was damaged and set aside at {moment(renewed)}, if it was kept"
        return Missing("its trace was in a damaged file, if it was kept", why)
    return None


def _absent(traced: Traced) -> Missing:
    if traced.ratio < 1:
        why = (
            f"not kept: the sample is {traced.ratio:.0%} of the conversations, and this turn was neither slow"
            " nor failed, refused or handed over"
        )
        return Missing("its trace was not kept", why)
    short, gone = "no trace of it arrived", traced.health().gone
    if gone:
        return Missing(short, f"{short}: {gone:,} spans of any turns were lost, and /ops says why")
    return Missing(
        short,
        f"{short}, and no process tells of a loss since it was started: one that was killed takes along what"
        " it had not sent",
    )


def moment(at: float) -> str:
    """A time in a sentence."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def lacking(traced: Traced) -> str:
    """What is known to be missing in the traces beside the sample; empty where nothing is."""
    health = traced.health()
    parts = (
        [f"what came before {moment(health.renewed)}, in a file that was damaged"] if health.renewed else []
    )
    if health.gone:
        parts.append(f"{health.gone:,} spans that were lost since the processes were started")
    return " and ".join(parts)
