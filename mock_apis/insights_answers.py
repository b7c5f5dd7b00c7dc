"""The query API's requests and answers."""

import json
import math
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from starlette.responses import JSONResponse, Response

from mock_apis.insights_errors import QueryError
from mock_apis.insights_kql import Answer, Between, TooSlow, ask
from mock_apis.insights_store import Telemetry

Doc = dict[str, Any]
_DURATION = re.compile(
    r"P(?:(?P<days>[\d.]+)D)?(?:T(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)
_WAIT = re.compile(r"\bwait=(\d+)")
_RENDER = re.compile(r"\|\s*render\s+(\w+)")
_SECONDS = 180.0
_MOST_SECONDS = 600.0
_MOST_BYTES = 64_000_000
"""Of the values of one answer: where Kusto cuts ("Query limits", `truncationmaxsize`)."""


@dataclass(frozen=True)
class Asked:
    """A query with what its caller prefers. `timespan` is ISO 8601, empty for all that is kept."""

    query: str
    timespan: str = ""
    seconds: float = _SECONDS
    statistics: bool = False
    render: bool = False

    @classmethod
    def read(cls, body: Doc, prefer: str) -> Self:
        """From a request's body and its `Prefer` header.

        Raises:
            ValueError, KeyError, TypeError: it has no query, or a field of another kind.
        """
        query, timespan = body["query"], body.get("timespan") or ""
        if not isinstance(query, str) or not query.strip():
            raise ValueError("query is empty")
        if not isinstance(timespan, str):
            raise TypeError("timespan is no text")
        wait = _WAIT.search(prefer)
        return cls(
            query=query,
            timespan=timespan,
            seconds=min(float(wait[1]), _MOST_SECONDS) if wait else _SECONDS,
            statistics="include-statistics=true" in prefer,
            render="include-render=true" in prefer,
        )


def answer(telemetry: Telemetry, asked: Asked, *, workspace: bool, most_rows: int) -> Response:
    """The whole answer to one query; cut at `most_rows`, which it says."""
    began = time.perf_counter()
    try:
        between = _between(asked.timespan, telemetry.now())
    except (ValueError, OverflowError) as error:
        return failed("BadArgumentError", f"timespan: {error}")
    try:
        found = ask(
            telemetry,
            asked.query,
            workspace=workspace,
            between=between,
            most_rows=most_rows,
            seconds=asked.seconds,
        )
    except QueryError as error:
        return _refused(error)
    except TooSlow:
        return failed("GatewayTimeout", f"the query took longer than {asked.seconds:g} s", status=504)
    columns = [{"name": name, "type": kind} for name, kind in found.columns]
    rows, whole = _rows(found)
    told: Doc = {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]}
    if asked.statistics:
        sizes = [{"tableRowCount": len(rows), "tableSize": len(json.dumps(rows))}]
        took = time.perf_counter() - began
        told["statistics"] = {"query": {"executionTime": took, "datasetStatistics": sizes}}
    if asked.render and (drawn := _RENDER.search(asked.query)) is not None:
        told["render"] = {"visualization": drawn[1]}
    if found.cut or not whole:
        limit = f"{most_rows} records" if whole else f"{_MOST_BYTES:,} bytes"
        why = f"The results of this query exceed the set limit of {limit}."
        told["error"] = _error("PartialError", "There were some errors when processing your query.") | {
            "details": [{"code": "EngineError", "message": why}]
        }
    return JSONResponse(told)


def _rows(found: Answer) -> tuple[list[list[Any]], bool]:
    """The rows as they are sent, and whether those are all: the first that is too much ends them."""
    rows: list[list[Any]] = []
    size = 0
    for row in found.rows:
        sent = [_value(each, kind) for each, (_, kind) in zip(row, found.columns, strict=True)]
        size += sum(len(each) if isinstance(each, str) else 8 for each in sent)
        if size > _MOST_BYTES:
            return rows, False
        rows.append(sent)
    return rows, True


def failed(code: str, message: str, *, status: int = 400, inner: Doc | None = None) -> Response:
    """An error as the service words them."""
    return JSONResponse({"error": _error(code, message, inner)}, status_code=status)


def _error(code: str, message: str, inner: Doc | None = None) -> Doc:
    error: Doc = {"code": code, "message": message, "correlationId": str(uuid.uuid4())}
    return error | ({"innererror": inner} if inner else {})


def _refused(error: QueryError) -> Response:
    place = {"line": error.line, "pos": error.column} if error.line else {}
    where = f" on line [{error.line},{error.column}]" if error.line else ""
    inner = {"code": error.code, "message": error.message + where} | place
    return failed("BadArgumentError", "The request had some invalid properties", inner=inner)


def _between(timespan: str, now: float) -> Between:
    """`PT1H` (until now), `start/end`, `start/PT1H` or `PT1H/end`.

    Raises:
        ValueError: it is none of these.
    """
    if not timespan:
        return Between()
    first, _, second = timespan.partition("/")
    if not second:
        return Between(now - _seconds(first), None)
    if first.startswith("P"):
        end = _moment(second)
        return Between(end - _seconds(first), end)
    start = _moment(first)
    return Between(start, start + _seconds(second) if second.startswith("P") else _moment(second))


def _seconds(duration: str) -> float:
    found = _DURATION.fullmatch(duration)
    parts = {name: float(value) for name, value in (found.groupdict() if found else {}).items() if value}
    if not parts:
        told = f"{duration[:40]!r} is no ISO 8601 duration such as PT1H"
        raise ValueError(told)
    return timedelta(**parts).total_seconds()


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _value(value: Any, kind: str) -> Any:
    """As the API writes it: times as ISO 8601, spans as `d.hh:mm:ss.fffffff`, dynamic values as JSON text."""
    for types, write in _WRITERS:
        if isinstance(value, types):
            return write(value)
    return json.dumps(value, default=str) if kind == "dynamic" else str(value)


def _real(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _time(value: datetime) -> str:
    naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return f"{naive.isoformat()}Z"


def _span(value: timedelta) -> str:
    sign = "-" if value < timedelta() else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{value.days}." if value.days else ""
    part = f".{value.microseconds:06d}0" if value.microseconds else ""
    return f"{sign}{days}{hours:02d}:{minutes:02d}:{seconds:02d}{part}"


_WRITERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (bool | int | str | None, lambda value: value),
    (float, _real),
    (datetime, _time),
    (date, lambda value: f"{value.isoformat()}T00:00:00Z"),
    (timedelta, _span),
    (Decimal | uuid.UUID, str),
)
