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

from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter
from opentelemetry.sdk.trace import ReadableSpan

from shared.adapters.insights.envelopes import Envelope, Envelopes, blank
from shared.adapters.insights.form import KINDS, Former
from shared.telemetry.holding import Kept

_OFF = {
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED": "true",
}
"""The exporter's own traffic: usage figures to Microsoft, settings from there, itself as a metric."""
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

    def send(self, kept: Sequence[Kept]) -> int:
        """See `Sends.send`; what the vendor refuses is a failure here, whatever its own log says."""
        sent = self._exporter.send([self._envelopes.write(each) for each in kept])
        return len(kept) if sent else 0

    def close(self) -> None:
        """See `Sends.close`."""
        self._exporter.shutdown()


class Exporter(AzureMonitorTraceExporter):
    """The vendor's, which takes envelopes too."""

    def send(self, envelopes: list[Envelope]) -> bool:
        """Whether the service took them all."""
        # To its client a model and a mapping are the same; nothing else looks at them without a disk.
        return self._transmit(envelopes).name == "SUCCESS"  # type: ignore[arg-type]

    def envelope(self, span: ReadableSpan) -> Envelope:
        """What the vendor itself makes of a span."""
        return self._span_to_envelope(span).as_dict()


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
