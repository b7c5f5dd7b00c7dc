"""`/ops/spend`: what model services took, how long the budget lasts, and another model’s price."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from gateway.console.asking import wrong
from gateway.console.render import wants_html
from gateway.context import DeskOf
from gateway.ops import render
from gateway.ops.asking import RoomOf, Watcher
from gateway.ops.chart import Chart, bars
from gateway.ops.money import Day, Other, by_day, csv_file, elsewhere, parted, usd
from gateway.ops.room import OpsRoom
from gateway.problems import Problem
from gateway.staff.guard import HeldOf
from shared.errors import DeskError
from shared.ports.spending import Spend, SpendLine
from shared.settings import Settings
from shared.spending import Forecast, first_of_month, forecast

router = APIRouter(prefix="/ops", tags=["ops"], route_class=render.OpsRoute)
Window = Literal["7d", "30d", "90d"]
WINDOWS: dict[Window, int] = {"7d": 7, "30d": 30, "90d": 90}
_MOST_DAYS = 400
"""In one file; a ledger of years is read year by year."""
_FORECAST_DAYS = 7


@dataclass(frozen=True)
class Spent:
    """What was read from the ledger; empty and with `trouble` when it is down.

    `replays` of this month stand apart: all else is of customers.
    """

    today: date
    days: Sequence[Day] = ()
    month: Spend = Spend()  # noqa: RUF009  frozen, and without lines
    replays: Spend = Spend()  # noqa: RUF009  likewise
    ahead: Forecast | None = None
    trouble: str = ""


@router.get("/spend")
async def spend(
    request: Request,
    at: DeskOf,
    room: RoomOf,
    who: Watcher,
    session: HeldOf,
    window: Annotated[Window, Query()] = "30d",
    day: date | None = None,
) -> Response:
    """Today, this month, day by day; `day` (UTC) is the one that is compared with other models."""
    now = datetime.fromtimestamp(time.time(), UTC)
    spent = await _read(room, at.settings, now, WINDOWS[window])
    compared = day or now.date()
    lines = await _of(room, compared) if not spent.trouble else []
    others = elsewhere(lines, room.prices) if room.prices is not None and lines else []
    status = room.budget() if room.budget is not None else None
    if not wants_html(request):
        body = _told(spent, compared, others) | {"budget": msgspec.to_builtins(status)}
        return Response(msgspec.json.encode(body), media_type="application/json")
    shown = [line for each in spent.days for line in each.spend.lines]
    return render.html(
        "spend.html",
        me=who,
        session=session,
        here="spend",
        spent=spent,
        now=now,
        window=window,
        windows=tuple(WINDOWS),
        chart=_chart(spent.days),
        today=spent.days[-1].spend if spent.days else Spend(),
        shown=Spend(shown),
        models=parted(shown, lambda line: line.model),
        agents=parted(shown, lambda line: line.agent),
        compared=compared,
        compared_spend=Spend(lines),
        others=others,
        budget=status,
        allowed=at.settings,
        local=at.settings.model_url.startswith("embedded"),
        since=spent.days[0].day if spent.days else now.date(),
    )


@router.get("/spend.csv", include_in_schema=False)
async def file(room: RoomOf, _: Watcher, since: date, until: date) -> Response:
    """The lines of these days (UTC), both included, for a spreadsheet."""
    if not 0 <= (until - since).days < _MOST_DAYS:
        raise wrong("until", f"{until} is not within {_MOST_DAYS} days from {since} on; ask for fewer")
    lines = await _ledger(room).days(since, until)
    name = f"spend-{since}-{until}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(csv_file(lines), headers=headers, media_type="text/csv; charset=utf-8")


async def _read(room: OpsRoom, settings: Settings, now: datetime, days: int) -> Spent:
    today = now.date()
    since = today - timedelta(days=days - 1)
    first = min(since, first_of_month(today), today - timedelta(days=_FORECAST_DAYS))
    try:
        every = Spend(await _ledger(room).days(first, today))
    except DeskError as error:
        return Spent(today, trouble=str(error))
    lines = every.of_customers.lines
    shares = (settings.budget_warning_share, settings.budget_limit_share)
    return Spent(
        today=today,
        days=by_day(lines, since, today),
        month=Spend([line for line in lines if line.day >= first_of_month(today)]),
        replays=Spend([line for line in every.of_replays.lines if line.day >= first_of_month(today)]),
        ahead=forecast(lines, budget_usd=settings.model_budget_usd_month, now=now, shares=shares),
    )


async def _of(room: OpsRoom, day: date) -> list[SpendLine]:
    try:
        return list((await _ledger(room).of_day(day)).of_customers.lines)
    except DeskError:
        # It went down since the page was read; the page says so the next time.
        return []


def _ledger(room: OpsRoom) -> Any:
    if room.spending is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without the spend ledger.")
    return room.spending


def _chart(days: Sequence[Day]) -> Chart:
    return bars(
        [
            (f"{each.day.day} {each.day:%b}", float(each.spend.usd), f"{each.day}: {usd(each.spend.usd)}")
            for each in days
        ]
    )


def _told(spent: Spent, compared: date, others: Sequence[Other]) -> dict[str, Any]:
    """For scripts; money in USD as text, so that nothing is rounded on the way."""
    ahead = spent.ahead
    return {
        "trouble": spent.trouble,
        "month_usd": str(spent.month.usd),
        "month_tokens": spent.month.tokens,
        "unpriced_tokens": spent.month.unpriced_tokens,
        "estimated_tokens": spent.month.estimated_tokens,
        "replays_month_usd": str(spent.replays.usd),
        "days": [
            {
                "day": str(each.day),
                "usd": str(each.spend.usd),
                "tokens": each.spend.tokens,
                "estimated_tokens": each.spend.estimated_tokens,
            }
            for each in spent.days
        ],
        "forecast": None
        if ahead is None
        else {
            "estimated": True,
            "per_day_usd": None if ahead.per_day is None else str(ahead.per_day),
            "month_usd": None if ahead.month is None else str(ahead.month),
            "reached": [
                {"share": each.share, "state": each.state, "at": each.at.isoformat() if each.at else None}
                for each in ahead.reached
            ],
        },
        "other_models": {
            "estimated": True,
            "day": str(compared),
            "usd": {each.model: str(each.usd) for each in others},
        },
    }
