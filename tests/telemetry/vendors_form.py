"""What Azure's own conversion makes of a span once it is told everything in the way it listens to."""

import json
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from shared.adapters.insights.exporting import InsightsSender
from shared.adapters.insights.form import Former
from shared.telemetry.contract import Given, numbers
from shared.telemetry.holding import Kept


def vendors_envelope(sender: InsightsSender, kept: Kept, service: str) -> Any:
    """The envelope of a kept span as plain data."""
    (span,) = Former(service).form([kept])
    found: dict[str, Any] = {
        name: ("true" if value else "false") if isinstance(value, bool) else value
        for name, value in (span.attributes or {}).items()
    }
    measured = {name: value for name, value in found.items() if name in numbers()}
    found["microsoft.custom_measurements"] = json.dumps(measured)
    found["_MS.sampleRate"] = 100 / float(found[Given.WEIGHT])
    if "gen_ai.provider.name" in found:
        found["gen_ai.system"] = found["gen_ai.provider.name"]
    return of_vendor(sender, span, found)


def of_vendor(sender: InsightsSender, span: ReadableSpan, attributes: dict[str, Any]) -> Any:
    """The envelope of the same span with other attributes, as plain data."""
    given = ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
    return sender._exporter.envelope(given)
