"""One trace per turn: the few calls that rooms make to record it.

Every turn is recorded and only then chosen (`holding`), so recording has to be nearly free: a span of the
OpenTelemetry SDK costs 60 to 110 microseconds with its attributes, one of these 5 to 8; what is kept becomes
the SDK's form in the thread that exports it. Nothing is recorded without a trace above it, or when tracing is
off.
"""

import random
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self, Unpack

import msgspec

from shared.telemetry.contract import INTERNAL, SERVER, Notes, SpanKind

_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
"""www.w3.org/TR/trace-context, the version that is in use."""
_random = random.Random(secrets.randbits(128))  # ids need to differ, not to be secret
_current: ContextVar["Span | None"] = ContextVar("span", default=None)


class Span:
    """Something that took time: `with span(...)` opens it under the current one and makes it current.

    Times are nanoseconds since 1970; `inputs` and `outputs` become text once the turn is over. A
    `slight` one is worth nothing unless something is noted, opened below it or goes wrong.
    """

    __slots__ = (
        "_clock", "_token", "attributes", "began", "conversation", "ended", "error", "id", "inputs", "kind",
        "links", "name", "outputs", "parent", "remote", "slight", "stays", "trace", "turn", "under",
    )  # fmt: skip

    def __init__(
        self, name: str, kind: SpanKind, trace: str, parent: str, conversation: str, turn: str
    ) -> None:
        self.name = name
        self.kind = kind
        self.trace = trace
        self.parent = parent
        self.id = f"{_random.getrandbits(64):016x}"
        self.conversation = conversation
        self.turn = turn
        self.attributes: dict[str, object] = {}
        self.links: list[tuple[str, str]] = []
        self.inputs: msgspec.Struct | str | None = None
        self.outputs: msgspec.Struct | str | None = None
        self.error = ""
        self.began = self.ended = 0
        self.stays = self.remote = self.slight = False
        self.under: Span | None = None
        self._clock = 0
        self._token: Token[Span | None] | None = None

    def __enter__(self) -> Self:
        self.under = _current.get()
        if self.under is not None:
            self.under.slight = False
        self._token = _current.set(self)
        self.began = time.time_ns()
        self._clock = time.perf_counter_ns()
        _opened(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        assert self._token is not None
        _current.reset(self._token)
        self._token = None  # it holds the task's whole context
        if error is not None:
            self.fail(error)
        elif self.stays:
            return
        self.end()

    def stay(self) -> "Span":
        """Leave it open when its block ends; who stays with it works `within` it and calls `end`."""
        self.stays = True
        return self

    @contextmanager
    def within(self) -> Iterator[None]:
        """Make it current again in a block, which another task may run, but which yields nothing."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def fail(self, error: BaseException) -> None:
        """It failed; the type only, for an exception's text may quote what a customer wrote.

        An `expected` one says what is wrong with what was asked: whoever could make turns fail by it could
        wake an operator.
        """
        if not getattr(error, "expected", False):
            self.error = type(error).__name__ if isinstance(error, Exception) else "cancelled"

    def end(self) -> None:
        """It is over; the first time counts."""
        if not self.ended:
            self.ended = self.began + time.perf_counter_ns() - self._clock
            self.slight = self.slight and not self.error
            _ended(self)

    def note(self, **notes: Unpack[Notes]) -> None:
        """Say more about it."""
        self.attributes.update(notes)
        self.slight = False

    def link(self, parent: str) -> None:
        """Point to the span of a `traceparent` that is no ancestor of this one."""
        if found := _PARENT.fullmatch(parent):
            self.links.append((found[1], found[2]))

    @property
    def traceparent(self) -> str:
        """What its descendants in other processes are told."""
        return f"00-{self.trace}-{self.id}-01"


class _Nothing:
    """Stands in for a span where nothing is traced."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""

    def stay(self) -> Self:
        """See `Span.stay`."""
        return self

    def within(self) -> AbstractContextManager[None]:
        """See `Span.within`."""
        return nullcontext()

    def fail(self, error: BaseException) -> None:
        """See `Span.fail`."""

    def end(self) -> None:
        """See `Span.end`."""

    def note(self, **notes: Unpack[Notes]) -> None:
        """See `Span.note`."""

    def link(self, parent: str) -> None:
        """See `Span.link`."""


class Sink:
    """What is told of spans; the one of this process is set by `record_to`."""

    def opened(self, span: Span) -> None:
        """A span has begun."""

    def ended(self, span: Span) -> None:
        """A span is over."""


_NOTHING = _Nothing()
Opened = Span | _Nothing
"""What `span` and `root` give: something to say more about, whether or not anybody records."""
_sinks: list[Sink] = []


def _opened(span: Span) -> None:
    for sink in _sinks:
        sink.opened(span)


def _ended(span: Span) -> None:
    for sink in _sinks:
        sink.ended(span)


def record_to(sink: Sink) -> Callable[[], None]:
    """Record from here on, for `sink`; what is returned ends it."""
    _sinks.append(sink)
    return lambda: _sinks.remove(sink)


def span(
    name: str,
    *,
    kind: SpanKind = INTERNAL,
    conversation: str = "",
    turn: str = "",
    inputs: msgspec.Struct | None = None,
    slight: bool = False,
    **notes: Unpack[Notes],
) -> Opened:
    """A span under the current one, here or across the bus, to be opened by `with`.

    Conversation, turn and agent are those of the span above unless they are given.
    """
    above = _current.get()
    if above is None or not _sinks:
        return _NOTHING
    opened = Span(name, kind, above.trace, above.id, conversation or above.conversation, turn or above.turn)
    if "agent" in above.attributes:
        opened.attributes["agent"] = above.attributes["agent"]
    opened.attributes.update(notes)
    opened.inputs = inputs
    opened.slight = slight
    if above.remote and above.attributes:
        # How the message came is told once, by the first span of what it started.
        opened.attributes.update(above.attributes)
        opened.links = above.links
        opened.slight = slight and above.attributes.get("delivery") == 1
        above.attributes.clear()
    return opened


def root(
    name: str, *, conversation: str = "", turn: str = "", kind: SpanKind = SERVER, **notes: Unpack[Notes]
) -> Opened:
    """A span that begins a trace of its own."""
    if not _sinks:
        return _NOTHING
    opened = Span(name, kind, f"{_random.getrandbits(128):032x}", "", conversation, turn)
    opened.attributes.update(notes)
    return opened


def note(**notes: Unpack[Notes]) -> None:
    """Say more about the current span."""
    current = _current.get()
    if current is not None and not current.remote:
        current.attributes.update(notes)
        current.slight = False


def answered(answer: msgspec.Struct) -> None:
    """What the current span's call was answered."""
    current = _current.get()
    if current is not None:
        current.outputs = answer


def current() -> Span | None:
    """The span that is open here, if any."""
    return _current.get()


def trace_id() -> str:
    """The current trace's id as 32 hex digits; a random one when nothing is traced, so replies have one."""
    found = _current.get()
    return found.trace if found is not None else secrets.token_hex(16)


def headers() -> dict[str, str]:
    """`traceparent` of the current span for who works on, or nothing when there is none."""
    found = _current.get()
    return {"traceparent": found.traceparent} if found is not None else {}


def join(
    sent: Mapping[str, str] | None,
    *,
    also: Sequence[Mapping[str, str] | None] = (),
    **arrival: Unpack[Notes],
) -> None:
    """Make the sender's span the parent of what this task does from here on; `arrival` is how it came.

    `also` are headers of what is dealt with together: the first span here points to theirs.

    Nothing is undone: call it in a task of its own, whose context ends with it, or again for the next
    message. What came without a trace begins outside of any.
    """
    parent = _PARENT.fullmatch(sent.get("traceparent", "")) if sent else None
    if parent is None:
        _current.set(None)
    else:
        far = Span("", INTERNAL, parent[1], "", "", "")
        far.id, far.remote = parent[2], True
        far.attributes.update(arrival)
        for other in also:
            far.link((other or {}).get("traceparent", ""))
        _current.set(far)
