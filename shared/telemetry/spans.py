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
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self, Unpack

import msgspec

from shared.contracts import Usage
from shared.telemetry.contract import INTERNAL, SERVER, Attribute, Notes, SpanKind

_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
"""www.w3.org/TR/trace-context, the version that is in use."""
_random = random.Random(secrets.randbits(128))  # ids need to differ, not to be secret
_current: ContextVar["Span | None"] = ContextVar("span", default=None)


class Span:
    """Something that took time: `with span(...)` opens it under the current one and makes it current.

    Times are nanoseconds since 1970; `inputs` and `outputs` are encoded only when the span is kept. A
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
        self.inputs: msgspec.Struct | None = None
        self.outputs: msgspec.Struct | None = None
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
        if kind is not None and issubclass(kind, Exception):
            # The type only: an exception's text may quote what a customer wrote. An `expected` one says what is
            # wrong with what was asked: whoever could make turns fail by it could wake an operator.
            self.error = "" if getattr(error, "expected", False) else kind.__name__
        elif kind is not None:
            self.error = "cancelled"
        if error is not None or not self.stays:
            self.end()

    def stay(self) -> "Span":
        """Leave it open when its block ends; who stays with it calls `end`."""
        self.stays = True
        return self

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


def note_usage(usage: Usage, *, tried: Sequence[Usage] = ()) -> None:
    """Who answered and what it took; `tried` are the engines before it that did not answer."""
    paid = (*tried, usage)
    note(
        engine=usage.engine,
        model=usage.model,
        tried=" ".join(failed.model for failed in tried),
        cost_usd=sum(each.cost_usd for each in paid),
        input_tokens=sum(each.input_tokens for each in paid),
        cached_tokens=sum(each.cached_tokens for each in paid),
        output_tokens=sum(each.output_tokens for each in paid),
    )


def alternatives(rejected: Iterable[tuple[str, float, str]]) -> str:
    """What was not chosen, its score, and why, as the trace keeps it; empty when there was nothing else."""
    if (span := _current.get()) is None or span.remote:
        return ""
    found = [{"what": what, "score": round(score, 4), "why": why} for what, score, why in rejected]
    return msgspec.json.encode(found).decode() if found else ""


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

    Nothing is undone: call it in a task of its own, whose context ends with it.
    """
    parent = _PARENT.fullmatch(sent.get("traceparent", "")) if sent else None
    if parent is not None:
        far = Span("", INTERNAL, parent[1], "", "", "")
        far.id, far.remote = parent[2], True
        far.attributes.update(arrival)
        for other in also:
            far.link((other or {}).get("traceparent", ""))
        _current.set(far)


def plain(span: Span) -> Mapping[str, Attribute]:
    """Its attributes as they were noted, for tests and for those who record otherwise."""
    return {name: value for name, value in span.attributes.items() if isinstance(value, str | int | float)}
