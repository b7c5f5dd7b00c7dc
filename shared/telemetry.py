"""One trace per turn: the few calls the rooms use, so that a turn that is not sampled costs nothing.

Sampling is decided once, where the trace begins (the gateway); everything after asks whether its parent
records. Recording a span costs about 60 microseconds, so no child is opened under one that does not.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from shared.contracts import Usage
from shared.errors import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

Attribute = str | int | float | bool


@contextmanager
def span(
    name: str, *, root: bool = False, kind: SpanKind = SpanKind.INTERNAL, **attributes: Attribute
) -> Iterator[Span]:
    """A span under the current one, here or across the bus; nothing at all when that one is not sampled.

    `root` begins a trace. Attribute names use `__` for a dot: `gen_ai__conversation__id`.
    """
    current = trace.get_current_span()
    if not root and not current.get_span_context().trace_flags.sampled:
        yield current
        return
    named: dict[str, Attribute] = {key.replace("__", "."): value for key, value in attributes.items()}
    with trace.get_tracer("answerdesk").start_as_current_span(
        name, kind=kind, attributes=named, record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield opened
        except Exception as error:
            # The type only: an exception's text may quote what a customer wrote.
            opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def note(**attributes: Attribute) -> None:
    """Add attributes to the current span, when it records."""
    current = trace.get_current_span()
    if current.is_recording():
        for key, value in attributes.items():
            current.set_attribute(key.replace("__", "."), value)


def note_usage(usage: Usage, *, tried: Sequence[Usage] = ()) -> None:
    """Who answered and what it took; `tried` are the engines before it that did not answer.

    Names of tokens are those of opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai.
    """
    paid = (*tried, usage)
    note(
        engine=usage.engine,
        model=usage.model,
        tried=" ".join(failed.model for failed in tried),
        cost_usd=sum(each.cost_usd for each in paid),
        gen_ai__usage__input_tokens=sum(each.input_tokens for each in paid),
        gen_ai__usage__cache_read__input_tokens=sum(each.cached_tokens for each in paid),
        gen_ai__usage__output_tokens=sum(each.output_tokens for each in paid),
    )


def trace_id() -> str:
    """The current trace's id as 32 hex digits; a random one when nothing is traced, so replies have one."""
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else secrets.token_hex(16)


def start(*, traces_url: str, service: str, ratio: float) -> None:
    """Install the exporter that `traces_url` names; `off` installs nothing.

    `otlp+http://host:4318` sends OTLP over HTTP; `InstrumentationKey=...` is an Application Insights
    connection string. Spans are batched and sent in the background, never on a request.
    """
    if traces_url in {"", "off"}:
        return
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  imported only when traces are on
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415

    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(ratio)), resource=Resource.create({"service.name": service})
    )
    provider.add_span_processor(BatchSpanProcessor(_exporter(traces_url)))
    trace.set_tracer_provider(provider)


def stop() -> None:
    """Send what is left, at most a few seconds."""
    provider = trace.get_tracer_provider()
    if hasattr(provider, "force_flush"):
        provider.force_flush(3000)
        provider.shutdown()  # type: ignore[attr-defined]


def _exporter(traces_url: str) -> "SpanExporter":
    if traces_url.startswith("otlp+http"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        base = traces_url.removeprefix("otlp+").rstrip("/")
        return OTLPSpanExporter(endpoint=f"{base}/v1/traces")
    if "InstrumentationKey=" in traces_url:
        from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter  # noqa: PLC0415

        # Without offline storage: failed batches would lie on disk as plain JSON.
        return AzureMonitorTraceExporter(connection_string=traces_url, disable_offline_storage=True)
    raise SettingsError(
        f"TRACES_URL={traces_url[:60]!r}: expected off, otlp+http://host:4318, or an Application Insights "
        "connection string (InstrumentationKey=...;IngestionEndpoint=...)"
    )
