"""Sends kept spans to a collector, as OTLP over HTTP."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult

from shared.adapters.insights.form import Former
from shared.telemetry.holding import Kept
from shared.telemetry.taking import NO_ANSWER, UNREACHABLE, Sent

_COMES_BACK = frozenset({429, 502, 503})
"""opentelemetry.io/docs/specs/otlp, "Retryable Response Codes", without 504, which may have been taken."""
_NOT_REACHED = frozenset({"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"})
"""Of urllib3, inside of an error of requests."""


class OtlpSender:
    """The `Sends` of `Sending`."""

    def __init__(self, endpoint: str, service: str) -> None:
        self._exporter = _Exporter(endpoint=endpoint)
        self._former = Former(service)

    def send(self, kept: Sequence[Kept]) -> Sent:
        """See `Sends.send`."""
        if self._exporter.export(self._former.form(kept)) is SpanExportResult.SUCCESS:
            return Sent(len(kept))
        return self._exporter.why()

    def close(self) -> None:
        """See `Sends.close`."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


class _Exporter(OTLPSpanExporter):
    """The SDK's, which keeps to itself why it failed, and would send again what may have been taken."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._answer: Any = None
        self._exported = self._client.export
        self._client.export = self._noted  # type: ignore[method-assign]
        self._client._transport.is_connection_error = never_came  # type: ignore[assignment,method-assign]  # noqa: SLF001

    def _noted(self, data: bytes) -> Any:
        self._answer = self._exported(data)
        return self._answer

    def why(self) -> Sent:
        """What became of the batch that failed last."""
        answer, self._answer = self._answer, None
        if answer is not None and answer.status_code:
            return Sent(0, str(answer.status_code), again=answer.status_code in _COMES_BACK)
        if answer is not None and never_came(answer.error):
            return Sent(0, UNREACHABLE, again=True)
        return Sent(0, NO_ANSWER)


def never_came(error: Exception | None) -> bool:
    """Whether nobody was reached: a connection that is cut when all was sent fails alike."""
    tried = error.args[0] if error is not None and error.args else None
    return type(getattr(tried, "reason", None)).__name__ in _NOT_REACHED
