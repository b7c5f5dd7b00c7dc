"""Writes kept spans as the envelopes that Application Insights takes.

Azure's exporter makes a tree of generated models of each span, which costs 450 microseconds of CPU; one of
these costs 20. What does not depend on a span (keys, roles, versions) is taken from one that Azure's exporter
made; a test holds every field of ours to the vendor's for all kinds of spans there are. Fields: Application
Insights' schemas of `RequestData` and `RemoteDependencyData`, version 2, in
learn.microsoft.com/azure/azure-monitor/app/data-model-complete.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.adapters.insights.form import attributes_of
from shared.telemetry.contract import Attribute, SpanKind, numbers, wire_names
from shared.telemetry.holding import Kept

_LONGEST_NAME = 1024
_MOST_LINKS = 103
_PROVIDER = "gen_ai.provider.name"
Envelope = dict[str, Any]


@dataclass(frozen=True)
class Blank:
    """What all envelopes of a kind of span have, as Azure's exporter says it."""

    envelope: Mapping[str, Any]
    tags: Mapping[str, str]
    base: Mapping[str, Any]
    base_type: str


class Envelopes:
    """Writes the envelopes of one service, by a blank one for each kind of span."""

    def __init__(self, blanks: Mapping[SpanKind, Blank]) -> None:
        self._blanks = blanks
        self._wire = wire_names()
        self._numbers = numbers()

    def write(self, kept: Kept) -> Envelope:
        """The span with texts and numbers as properties, numbers as measurements too, weight as a rate."""
        span, blank = kept.span, self._blanks[kept.span.kind]
        attributes = attributes_of(kept, self._wire)
        properties = {name: _text(value) for name, value in attributes.items()}
        named = {
            "name": span.name[:_LONGEST_NAME],
            "id": span.id,
            "duration": _duration(span.ended - span.began),
            "success": not span.error,
            "properties": properties,
            "measurements": {
                name: float(value)
                for name, value in attributes.items()
                if name in self._numbers and not isinstance(value, Sequence)
            },
        }
        if _PROVIDER in properties:
            provider = properties["gen_ai.system"] = properties[_PROVIDER]
            if "type" in blank.base:
                named["type"] = f"GenAI | {provider}"[:_LONGEST_NAME]
            if span.kind == "client":
                named["target"] = provider[:_LONGEST_NAME]
        if span.links:
            links = [{"operation_Id": trace, "id": of} for trace, of in span.links[:_MOST_LINKS]]
            properties["_MS.links"] = json.dumps(links)
        tags = {**blank.tags, "ai.operation.id": span.trace, "ai.operation.name": span.name}
        if span.parent:
            tags["ai.operation.parentId"] = span.parent
        return {
            **blank.envelope,
            "tags": tags,
            "time": f"{datetime.fromtimestamp(span.began / 1e9, UTC).replace(tzinfo=None).isoformat()}Z",
            "data": {"baseData": {**blank.base, **named}, "baseType": blank.base_type},
            "sampleRate": 100 / kept.weight,
        }


def blank(envelope: Mapping[str, Any]) -> Blank:
    """What is left of an envelope of the vendor when its span is taken away."""
    data = envelope["data"]
    return Blank(envelope, envelope["tags"], data["baseData"], data["baseType"])


def _text(value: Attribute) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _duration(nanoseconds: int) -> str:
    """`days.hours:minutes:seconds.milliseconds`."""
    seconds, milliseconds = divmod((nanoseconds + 500_000) // 1_000_000, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}.{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
