"""Gives kept spans the form of OpenTelemetry's SDK, and to its exporters."""

from collections.abc import Mapping, Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from shared.telemetry.contract import Attribute, Given, wire_names
from shared.telemetry.contract import SpanKind as OurKind
from shared.telemetry.holding import Kept
from shared.telemetry.shelf import LONGEST, encoded

KINDS: Mapping[OurKind, SpanKind] = {
    "server": SpanKind.SERVER,
    "internal": SpanKind.INTERNAL,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
}
"""Of spans, as the SDK names them."""
_SCOPE = InstrumentationScope("answerdesk")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_UNSET = Status(StatusCode.UNSET)


class Former:
    """Forms spans of one service."""

    def __init__(self, service: str) -> None:
        self._resource = Resource({"service.name": service})
        self._wire = wire_names()

    def form(self, kept: Sequence[Kept]) -> list[ReadableSpan]:
        """The same spans, with all that the contract gives every one of them."""
        return [self._one(each) for each in kept]

    def empty(self, kind: OurKind) -> ReadableSpan:
        """A span of which nothing is known."""
        return ReadableSpan("", _context("1", "1"), resource=self._resource, kind=KINDS[kind])

    def _one(self, kept: Kept) -> ReadableSpan:
        span = kept.span
        context = _context(span.trace, span.id)
        return ReadableSpan(
            name=span.name,
            context=context,
            parent=_context(span.trace, span.parent) if span.parent else None,
            resource=self._resource,
            attributes=attributes_of(kept, self._wire),
            links=[Link(_context(*there)) for there in span.links],
            kind=KINDS[span.kind],
            status=Status(StatusCode.ERROR, span.error) if span.error else _UNSET,
            start_time=span.began,
            end_time=span.ended,
            instrumentation_scope=_SCOPE,
        )


def attributes_of(kept: Kept, wire: Mapping[str, str]) -> dict[str, Attribute]:
    """All that is said of a span, by the names on the wire; `wire` has those of the contract."""
    span = kept.span
    found: dict[str, Attribute] = {
        wire[name]: value[:LONGEST] if isinstance(value, str) else value  # type: ignore[misc]
        for name, value in span.attributes.items()
        if value != ""
    }
    found[Given.CONVERSATION] = span.conversation
    found[Given.TURN] = span.turn
    found[Given.LATENCY] = round((span.ended - span.began) / 1e6, 3)
    found[Given.WEIGHT] = kept.weight
    if kept.why:
        found[Given.KEPT_FOR] = kept.why
    if span.error:
        found[Given.ERROR] = span.error
    if (inputs := encoded(span.inputs)) is not None:
        found[Given.INPUTS] = inputs
    if (outputs := encoded(span.outputs)) is not None:
        found[Given.OUTPUTS] = outputs
    return found


def _context(trace: str, span: str) -> SpanContext:
    return SpanContext(int(trace, 16), int(span, 16), is_remote=False, trace_flags=_SAMPLED)
