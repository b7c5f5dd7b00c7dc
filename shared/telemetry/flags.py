"""Which traces must be kept whole: those that failed, were slow, handed over or refused.

Whoever finds out says so once; every process that holds spans of the trace hears it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from shared.telemetry.spans import current

_MOST = 20_000
_listeners: list[Callable[[str, str], None]] = []
_flagged: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()


def flag(reason: str) -> None:
    """Keep the current trace, in every process."""
    if (span := current()) is not None:
        keep(span.trace, reason, tell=True)


def keep(trace: str, reason: str, *, tell: bool) -> None:
    """Remember that a trace is kept; `tell` passes it on to the other processes, the first time."""
    with _lock:
        known = trace in _flagged
        if not known:
            _flagged[trace] = reason
            while len(_flagged) > _MOST:
                _flagged.popitem(last=False)
    if tell and not known:
        for listener in tuple(_listeners):
            listener(trace, reason)


def why_kept(trace: str) -> str:
    """The reason, or empty."""
    with _lock:
        return _flagged.get(trace, "")


def on_flag(listener: Callable[[str, str], None]) -> Callable[[], None]:
    """Call `listener` with id and reason of each trace that is flagged here, from any thread.

    Returns:
        What ends it.
    """
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)
