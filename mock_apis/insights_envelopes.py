"""Reads what Application Insights' exporters send: envelopes, one by one, into rows of its tables.

Wire format: the models of azure-monitor-opentelemetry-exporter (`TelemetryItem`, `RequestData` and so on),
sent to `/v2.1/track` as a JSON array or a line each.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from mock_apis.insights_tables import BY_NAME

Row = dict[str, Any]
"""A row by the stored names of its table's columns."""
_DURATION = re.compile(r"(?:(\d{1,8})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?")
_BUCKETS = (
    (250, "<250ms"),
    (500, "250ms-500ms"),
    (1_000, "500ms-1sec"),
    (3_000, "1sec-3sec"),
    (7_000, "3sec-7sec"),
    (15_000, "7sec-15sec"),
    (30_000, "15sec-30sec"),
    (60_000, "30sec-1min"),
    (120_000, "1min-2min"),
    (300_000, "2min-5min"),
)
_TAGS = {
    "ai.operation.name": "operation_Name",
    "ai.operation.id": "operation_Id",
    "ai.operation.parentId": "operation_ParentId",
    "ai.operation.syntheticSource": "operation_SyntheticSource",
    "ai.session.id": "session_Id",
    "ai.user.id": "user_Id",
    "ai.user.authUserId": "user_AuthenticatedId",
    "ai.user.accountId": "user_AccountId",
    "ai.application.ver": "application_Version",
    "ai.device.type": "client_Type",
    "ai.device.model": "client_Model",
    "ai.device.osVersion": "client_OS",
    "ai.cloud.role": "cloud_RoleName",
    "ai.cloud.roleInstance": "cloud_RoleInstance",
    "ai.internal.sdkVersion": "sdkVersion",
}


class NotTaken(ValueError):
    """Why one envelope is refused."""


class _Point(msgspec.Struct):
    name: str
    value: float
    count: int | None = None
    min: float | None = None
    max: float | None = None
    std_dev: float | None = msgspec.field(default=None, name="stdDev")


class _Raised(msgspec.Struct, rename="camel"):
    message: str
    type_name: str = ""
    stack: str | None = None
    has_full_stack: bool = True


class _Base(msgspec.Struct, rename="camel"):
    """What any kind of item may hold; which of it must be there, its kind says."""

    properties: dict[str, str] | None = None
    measurements: dict[str, float] | None = None
    id: str | None = None
    name: str | None = None
    url: str | None = None
    source: str | None = None
    target: str | None = None
    type: str | None = None
    data: str | None = None
    duration: str | None = None
    success: bool = True
    result_code: str | None = None
    response_code: str | None = None
    message: str | None = None
    severity_level: int | None = None
    problem_id: str | None = None
    exceptions: list[_Raised] = []
    metrics: list[_Point] = []
    run_location: str | None = None


class _Data(msgspec.Struct, rename="camel"):
    base_type: str
    base_data: _Base


class Envelope(msgspec.Struct, rename="camel"):
    """One item of telemetry; an instrumentation key `i_key` says whose."""

    name: str
    time: datetime
    data: _Data
    i_key: str = msgspec.field(name="iKey")
    tags: dict[str, str] | None = None
    sample_rate: float | None = None


_DECODER = msgspec.json.Decoder(Envelope)


def read(raw: bytes, *, key: str) -> Iterator[tuple[str, Row]]:
    """The rows of an envelope, each with its table's classic name.

    Raises:
        NotTaken: it is no envelope, has another instrumentation key, or lacks what its kind must have.
    """
    try:
        item = _DECODER.decode(raw)
        when = _utc(item.time)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        told = f"100: {error}"
        raise NotTaken(told) from error
    if item.i_key.casefold() != key.casefold():
        raise NotTaken("Invalid instrumentation key")
    if item.sample_rate is not None and not 0 < item.sample_rate <= 100:
        told = f"109: Field 'sampleRate' must lie above 0 and up to 100: {item.sample_rate}"
        raise NotTaken(told)
    kind = _KINDS.get(item.data.base_type)
    if kind is None:
        told = f"104: unknown baseType {item.data.base_type!r}; expected one of {', '.join(_KINDS)}"
        raise NotTaken(told)
    table, make = kind
    for own in make(item.data.base_data):
        yield table, _common(item, when) | {"itemType": BY_NAME[table].item} | own


def _common(item: Envelope, when: str) -> Row:
    base = item.data.base_data
    row: Row = {
        "timestamp": when,
        "customDimensions": base.properties or {},
        "customMeasurements": base.measurements or {},
        "iKey": item.i_key,
        "itemId": str(uuid.uuid4()),
        "itemCount": round(100 / (item.sample_rate or 100)),
        "client_IP": "0.0.0.0",  # noqa: S104  what the service keeps of addresses, unless told otherwise
    }
    tags = item.tags or {}
    return row | {column: tags[tag] for tag, column in _TAGS.items() if tag in tags}


def _utc(moment: datetime) -> str:
    """ISO 8601 without an offset, as our file keeps time."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat()


def _request(base: _Base) -> Iterator[Row]:
    row = _timed(base) | {"source": base.source, "url": base.url}
    yield row | {"resultCode": _needed(base.response_code, "responseCode")}


def _dependency(base: _Base) -> Iterator[Row]:
    row = _timed(base) | {"target": base.target, "type": base.type, "data": base.data}
    yield row | {"name": _needed(base.name, "name"), "resultCode": base.result_code}


def _message(base: _Base) -> Iterator[Row]:
    yield {"message": _needed(base.message, "message"), "severityLevel": base.severity_level}


def _exception(base: _Base) -> Iterator[Row]:
    if not base.exceptions:
        raise NotTaken("103: Field 'exceptions' on type 'ExceptionData' is required but missing or empty")
    outer, inner = base.exceptions[0], base.exceptions[-1]
    yield {
        "problemId": base.problem_id or outer.type_name,
        "type": outer.type_name,
        "message": outer.message,
        "outerType": outer.type_name,
        "outerMessage": outer.message,
        "innermostType": inner.type_name,
        "innermostMessage": inner.message,
        "severityLevel": base.severity_level,
        "details": [
            {"type": each.type_name, "message": each.message, "rawStack": each.stack}
            for each in base.exceptions
        ],
    }


def _event(base: _Base) -> Iterator[Row]:
    yield {"name": _needed(base.name, "name")}


def _metric(base: _Base) -> Iterator[Row]:
    for point in base.metrics:
        yield {
            "name": point.name,
            "value": point.value,
            "valueSum": point.value,
            "valueCount": point.count if point.count is not None else 1,
            "valueMin": point.value if point.min is None else point.min,
            "valueMax": point.value if point.max is None else point.max,
            "valueStdDev": point.std_dev,
        }


def _availability(base: _Base) -> Iterator[Row]:
    row = _timed(base) | {"message": base.message, "location": base.run_location}
    yield row | {"name": _needed(base.name, "name")}


_KINDS: dict[str, tuple[str, Callable[[_Base], Iterator[Row]]]] = {
    "RequestData": ("requests", _request),
    "RemoteDependencyData": ("dependencies", _dependency),
    "MessageData": ("traces", _message),
    "ExceptionData": ("exceptions", _exception),
    "EventData": ("customEvents", _event),
    "MetricData": ("customMetrics", _metric),
    "AvailabilityData": ("availabilityResults", _availability),
}


def _timed(base: _Base) -> Row:
    """What requests, dependencies and availability results share."""
    took = milliseconds(_needed(base.duration, "duration"))
    return {
        "id": base.id,
        "name": base.name,
        "success": base.success,
        "duration": took,
        "performanceBucket": next((name for most, name in _BUCKETS if took < most), ">=5min"),
    }


def milliseconds(duration: str) -> float:
    """`[d.]hh:mm:ss[.fffffff]` in milliseconds.

    Raises:
        NotTaken: it is no such time.
    """
    found = _DURATION.fullmatch(duration)
    if found is None:
        told = f"103: Field 'duration' is of incorrect type or has an invalid value: {duration[:40]!r}"
        raise NotTaken(told)
    days, hours, minutes, seconds, part = (value or "0" for value in found.groups())
    whole = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(part.ljust(7, "0")) / 10_000


def _needed(value: str | None, field: str) -> str:
    if value is None:
        told = f"103: Field '{field}' is required but missing"
        raise NotTaken(told)
    return value
