"""Which traces must be kept whole: those that failed, were slow, handed over or refused.

Whoever finds out says so once; every process that holds spans of the trace hears it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from shared.telemetry.contract import INTERNAL
from shared.telemetry.spans import Span, current

MOST = 20_000
Listener = Callable[[str, str], None]
"""Is told id and reason of a trace, from any thread."""


class Flags:
    """What one process knows to be kept, the latest 20,000."""

    def __init__(self) -> None:
        self._why: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()
        self._known: list[Listener] = []
        self._told: list[Listener] = []

    def keep(self, trace: str, reason: str, *, tell: bool) -> bool:
        """Remember that a trace is kept; `tell` passes it on to the other processes, the first time.

        Returns:
            Whether it was the first time.
        """
        with self._lock:
            if trace in self._why:
                return False
            self._why[trace] = reason
            while len(self._why) > MOST:
                self._why.popitem(last=False)
        for listener in (*self._known, *(self._told if tell else ())):
            listener(trace, reason)
        return True

    def why(self, trace: str) -> str:
        """The reason, or empty."""
        with self._lock:
            return self._why.get(trace, "")

    def on_flag(self, listener: Listener, *, heard: bool = False) -> Callable[[], None]:
        """Call `listener` with each trace that is flagged here; with `heard` also elsewhere.

        Returns:
            What ends it.
        """
        listeners = self._known if heard else self._told
        listeners.append(listener)
        return lambda: listeners.remove(listener)


OURS = Flags()
"""Those of this process."""


def flag(reason: str) -> None:
    """Keep the current trace, in every process."""
    if (span := current()) is not None:
        OURS.keep(span.trace, reason, tell=True)


def flag_later(reason: str, *, trace: str, conversation: str, turn: str, why: str) -> None:
    """Keep the trace of a turn that may be over, and say in it, once, what became known of it."""
    if not trace or not OURS.keep(trace, reason, tell=True):
        return
    with Span("flag", INTERNAL, trace, "", conversation, turn) as span:
        span.note(agent="gateway", action=reason, reasoning=why)
