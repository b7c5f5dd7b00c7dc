"""Sends kept spans to Application Insights, past what azure-monitor-opentelemetry-exporter loses.

Its connection, tries and redirects are used; its conversion of spans is not (see `envelopes`). That one keeps
numbers as text unless they stand in `microsoft.custom_measurements`, writes lists as Python shows them, takes
the type of a model's call from `gen_ai.system` alone, reads the weight of a sampled item as a rate in
`_MS.sampleRate`, and drops attributes that begin like its own conventions (`http.`, `db.`, `messaging.`,
`rpc.`, `server.`), which the contract of names does not use.

To import this takes a second.
"""

import os
from collections.abc import Sequence
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError
from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter
from opentelemetry.sdk.trace import ReadableSpan

from shared.adapters.insights.envelopes import Envelope, Envelopes, blank
from shared.adapters.insights.form import KINDS, Former
from shared.telemetry.holding import Kept
from shared.telemetry.taking import FAULT, NO_ANSWER, UNREACHABLE, Sent

_OFF = {
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED": "true",
}
"""The exporter's own traffic: usage figures to Microsoft, settings from there, itself as a metric."""
_COMES_BACK = frozenset({401, 403, 429, 502, 503})
"""Nothing was taken, and that passes: rights that are given late, too much at once, nobody there just now."""
_PACE = "429"
"""What the vendor's own pace holds back, which is that of its service, is told as the service tells it."""
_READ_S = 10.0
"""As long as the exporter waits for a connection; azure-core waits 300 s for the answer."""


class InsightsSender:
    """Kept spans to Application Insights; the `Sends` of `Sending`.

    `authority` is the file of a certificate authority that signs the endpoint's certificate, for one of our
    own; batches that fail are not kept on disk, where they would lie as plain JSON.
    """

    def __init__(self, connection_string: str, service: str, *, authority: str = "") -> None:
        self._exporter = Exporter(**vendor_options(connection_string, authority))
        former = Former(service)
        self._envelopes = Envelopes(
            {kind: blank(self._exporter.envelope(former.empty(kind))) for kind in KINDS}
        )

    def send(self, kept: Sequence[Kept]) -> Sent:
        """See `Sends.send`; what the vendor refuses is a failure here, whatever its own log says."""
        return self._exporter.send([self._envelopes.write(each) for each in kept])

    def close(self) -> None:
        """See `Sends.close`."""
        self._exporter.shutdown()


class Exporter(AzureMonitorTraceExporter):
    """The vendor's, which takes envelopes too, and says what became of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._answer: Any = None
        self._tracked = self.client.track
        self.client.track = self._track  # type: ignore[method-assign]

    def send(self, envelopes: list[Envelope]) -> Sent:
        """What the service took, and why not the rest."""
        many, self._answer = len(envelopes), None
        # To its client a model and a mapping are the same; nothing else looks at them without a disk.
        self._transmit(envelopes)  # type: ignore[arg-type]
        sent = told(self._answer, len(envelopes))
        # The vendor's pace removes from the list what it holds back.
        return Sent(sent.taken, _PACE, again=True) if len(envelopes) < many and not sent.why else sent

    def _track(self, *args: Any, **options: Any) -> Any:
        """Its client's call, whose answer the vendor makes one word of."""
        try:
            self._answer = self._tracked(*args, **options)
        except Exception as error:
            self._answer = error
            raise
        return self._answer

    def envelope(self, span: ReadableSpan) -> Envelope:
        """What the vendor itself makes of a span."""
        return self._span_to_envelope(span).as_dict()


def told(answer: Any, many: int) -> Sent:
    """What an answer to so many envelopes, or the error in its place, says of them."""
    if answer is None:  # it was not asked
        return Sent(0, _PACE, again=True)
    if isinstance(answer, HttpResponseError) and answer.status_code:
        return Sent(0, str(answer.status_code), again=answer.status_code in _COMES_BACK)
    if isinstance(answer, ServiceRequestError | OSError):  # OSError: its certificates are not made yet
        return Sent(0, UNREACHABLE, again=True)
    if isinstance(answer, Exception):
        return Sent(0, NO_ANSWER if isinstance(answer, AzureError) else FAULT)
    response = answer[0] if isinstance(answer, tuple) else answer
    if not response.errors:
        return Sent(many)
    # Which of them it refused is in their order; who sends them does not need to know.
    return Sent(many - len(response.errors), str(response.errors[0].status_code))


def vendor_options(connection_string: str, authority: str) -> dict[str, Any]:
    """How the vendor's exporters are opened: nothing on disk, no traffic of their own, few short tries."""
    os.environ.update(_OFF)
    options: dict[str, Any] = {
        "connection_string": connection_string,
        "disable_offline_storage": True,
        "retry_total": 2,
        "read_timeout": _READ_S,
    }
    # One of our own is on this machine: no proxy is asked for it.
    return options | ({"connection_verify": authority, "proxies": {}} if authority else {})
