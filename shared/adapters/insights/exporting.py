"""Sends kept spans to Application Insights, past what azure-monitor-opentelemetry-exporter loses.

Its `_span_to_envelope` keeps numbers as text unless they stand in `microsoft.custom_measurements`, writes
lists as Python shows them, takes the type of a model's call from `gen_ai.system` alone, reads the weight of a
sampled item as a rate in `_MS.sampleRate`, and drops attributes that begin like its own conventions
(`http.`, `db.`, `messaging.`, `rpc.`, `server.`), which the contract of names does not use.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from shared.adapters.insights.form import Former
from shared.telemetry.contract import Attribute, Given, numbers
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


class Sender:
    """Kept spans to one of the SDK's exporters; the `Sends` of `Holding`."""

    def __init__(self, exporter: SpanExporter, service: str) -> None:
        self._exporter = exporter
        self._former = Former(service)

    def send(self, kept: Sequence[Kept]) -> int:
        """See `Sends.send`."""
        sent = self._exporter.export(self._former.form(kept))
        return len(kept) if sent is SpanExportResult.SUCCESS else 0

    def close(self) -> None:
        """See `Sends.close`."""
        self._exporter.shutdown()


class InsightsExporter(SpanExporter):
    """The vendor's exporter, given spans in the form in which it loses nothing.

    `authority` is the file of a certificate authority that signs the endpoint's certificate, for one of our
    own; batches that fail are not kept on disk, where they would lie as plain JSON.
    """

    def __init__(self, connection_string: str, *, authority: str = "") -> None:
        options = vendor_options(connection_string, authority)
        from azure.monitor.opentelemetry.exporter import (  # noqa: PLC0415  a second, only when traces go there
            AzureMonitorTraceExporter,
        )

        self._exporter = AzureMonitorTraceExporter(**options)
        self._numbers = numbers()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; what the vendor refuses is a failure here, whatever its own log says."""
        return self._exporter.export([self.in_its_form(span) for span in spans])

    def shutdown(self) -> None:
        """Close its connection."""
        self._exporter.shutdown()

    def in_its_form(self, span: ReadableSpan) -> ReadableSpan:
        """The span with numbers as measurements too, truth as `true`, and its weight as a sampling rate."""
        given = span.attributes or {}
        found: dict[str, Attribute] = {
            name: ("true" if value else "false") if isinstance(value, bool) else value  # type: ignore[misc]
            for name, value in given.items()
        }
        measured = {name: value for name, value in found.items() if name in self._numbers}
        found["microsoft.custom_measurements"] = json.dumps(measured)
        found["_MS.sampleRate"] = 100 / float(found[Given.WEIGHT])
        if "gen_ai.provider.name" in found:
            found["gen_ai.system"] = found["gen_ai.provider.name"]
        return with_attributes(span, found)


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


def with_attributes(span: ReadableSpan, attributes: Mapping[str, Attribute]) -> ReadableSpan:
    """The same span with other attributes."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=span.events,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
