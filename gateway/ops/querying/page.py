"""`/ops/query`: the traces asked in Kusto, by the pack's questions or one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.console.forms import FormOf, described
from gateway.console.render import by_htmx
from gateway.context import DeskOf
from gateway.ops import render
from gateway.ops.asking import RoomOf, TraceReader
from gateway.ops.explaining.missing import lacking
from gateway.ops.querying import files, running
from gateway.ops.querying.charts import Chart, chart
from gateway.ops.querying.running import SPANS, Asked, Wrong, named, span_for
from gateway.ops.room import OpsRoom
from gateway.problems import Problem
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from gateway.staff.sessions import Held
from shared.ports.traces import BadQuery, Table, TracesDown
from shared.traces_pack import without_header

router = APIRouter(prefix="/ops/query", tags=["ops"], include_in_schema=False, route_class=render.OpsRoute)
SHOWN = 1_000
"""Rows of the table on the page; a file has up to `running.MOST`."""
_LONGEST = 10_000
_EXAMPLE = """AppRequests
| where Name == "turn"
| summarize turns = sum(ItemCount), slowest_ms = max(DurationMs) by status = tostring(Properties.status)
| order by turns desc"""


@dataclass(frozen=True)
class Answer:
    """What came of a query: a table with its picture, or what is wrong with it, or why nobody answered."""

    table: Table | None = None
    drawn: Chart | None = None
    wrong: Wrong | None = None
    down: str = ""


@router.get("")
async def start(request: Request, room: RoomOf, who: TraceReader, session: HeldOf) -> Response:
    """The box, with the question that is picked and its parameters filled; nothing runs before it is sent."""
    given = {name: value[:200] for name, value in request.query_params.items()}
    name = given.pop("pick", "")
    picked = room.pack.get(name)
    if picked is None:
        text, back, trouble = _EXAMPLE, "1d", f"There is no question {name!r} in the pack." if name else ""
    else:
        text, back, trouble = without_header(picked.text), span_for(picked.back), ""
        known = {each.name for each in picked.parameters}
        try:
            text = without_header(
                picked.filled({each: value for each, value in given.items() if each in known})
            )
        except BadQuery as error:
            trouble = str(error)
    return _page(room, who, session, Asked(text, back, name if picked else ""), given=given, trouble=trouble)


@router.post("", openapi_extra=described("query", optional=("back",)))
async def ask(
    request: Request, at: DeskOf, room: RoomOf, who: TraceReader, session: HeldOf, form: FormOf
) -> Response:
    """Run it; the answer on the page, or in it."""
    asked = _asked(room, form)
    try:
        table = await running.run(room.traced, at.entries, who, asked, purpose="screen")
        answer = Answer(table, chart(table, asked.chart))
    except BadQuery as error:
        answer = Answer(wrong=running.wrong(asked.text, error))
    except TracesDown as error:
        answer = Answer(down=str(error))
    if by_htmx(request):
        return render.html("answer.html", asked=asked, answer=answer, shown=SHOWN)
    return _page(room, who, session, asked, answer=answer)


@router.post("/file", openapi_extra=described("query", "as", optional=("back",)))
async def file(request: Request, at: DeskOf, room: RoomOf, who: TraceReader, form: FormOf) -> Response:
    """Run it; the answer as a file, `as` is csv or json. The page gets what is wrong as it shows it."""
    asked, kind = _asked(room, form), form.get("as", "")
    if kind not in {"csv", "json"}:
        raise Problem(422, "invalid-field", "Invalid request", f"as: expected csv or json, not {kind!r}")
    try:
        table = await running.run(room.traced, at.entries, who, asked, purpose=kind)
    except BadQuery as error:
        if by_htmx(request):
            answer = Answer(wrong=running.wrong(asked.text, error))
            return render.html("answer.html", status=422, asked=asked, answer=answer, shown=SHOWN)
        place = f" (line {error.line}, column {error.column})" if error.line else ""
        raise Problem(422, "bad-query", "The query does not run", f"{error}{place}") from error
    body = files.as_csv(table) if kind == "csv" else files.as_json(table)
    headers = {"Content-Disposition": f'attachment; filename="{asked.name or "query"}.{kind}"'}
    if table.partial:
        headers["X-Partial"] = table.partial[:200].encode("ascii", "replace").decode()
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/json"
    return Response(body, headers=headers, media_type=media)


def _asked(room: OpsRoom, form: Mapping[str, str]) -> Asked:
    text = form.get("query", "").replace("\r\n", "\n")
    if len(text) > _LONGEST:
        told = f"query: has {len(text):,} characters; at most {_LONGEST:,} are taken"
        raise Problem(422, "invalid-field", "Invalid request", told)
    return Asked(text, form.get("back", "1d"), named(text, room.pack))


def _page(
    room: OpsRoom, who: Member, session: Held | None, asked: Asked, *,
    answer: Answer | None = None, given: Mapping[str, str] | None = None, trouble: str = "",
) -> Response:  # fmt: skip
    values: dict[str, Any] = {
        "asked": asked, "answer": answer, "given": given or {}, "trouble": trouble, "spans": list(SPANS),
        "pack": room.pack, "picked": room.pack.get(asked.name), "shown": SHOWN, "longest": _LONGEST,
        "ratio": room.traced.ratio, "lacking": lacking(room.traced),
        "closed": running.NO_TRACES if room.traced.port is None else "",
    }  # fmt: skip
    return render.html("query.html", me=who, session=session, here="query", **values)
