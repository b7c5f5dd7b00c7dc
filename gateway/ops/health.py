"""`/health` and `/metrics`: what an orchestrator and Prometheus ask."""

import asyncio
from collections.abc import Callable

import msgspec
from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import PlainTextResponse, Response

from gateway.context import DeskOf
from gateway.ops.looking import Pings, answered
from gateway.staff.guard import reads_metrics
from shared.budget import BudgetStatus


def health_router(
    pings: Pings, registry: CollectorRegistry, budget: Callable[[], BudgetStatus] | None = None
) -> APIRouter:
    """Routes over these pings and this registry; `budget` says how far the models' budget is used up."""
    router = APIRouter(tags=["ops"])

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/health/ready", responses={503: {"content": {"application/json": {}}}})
    async def ready(at: DeskOf) -> Response:
        """Every dependency by name; 503 when one of them does not answer.

        `budget` says how far the models' budget is used up (`none`: there is none), and who answers. How much
        that is stays with who may know: anyone may ask here.
        """
        names = list(pings)
        found = await asyncio.gather(*(answered(name, pings[name]) for name in names))
        checks = {each.name: each.said or "ok" for each in found}
        fine = all(check == "ok" for check in checks.values())
        body: dict[str, object] = {
            "status": "ok" if fine else "degraded",
            "bus": at.bus.kind,
            "checks": checks,
        }
        if budget is not None:
            now = budget()
            body["budget"] = {"stage": now.stage, "answers": now.tier, "stale": now.stale}
        return Response(msgspec.json.encode(body), 200 if fine else 503, media_type="application/json")

    @router.get("/metrics", response_class=PlainTextResponse, dependencies=[Depends(reads_metrics)])
    def metrics() -> Response:
        """Prometheus text, for operators, and with METRICS_FOR=loopback for this machine."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
