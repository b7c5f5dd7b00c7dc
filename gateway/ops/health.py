"""`/health` and `/metrics`: what an orchestrator and Prometheus ask."""

import asyncio

import msgspec
from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import PlainTextResponse, Response

from gateway.context import DeskOf
from gateway.ops.looking import Pings, answered
from gateway.staff.guard import reads_metrics


def health_router(pings: Pings, registry: CollectorRegistry) -> APIRouter:
    """Routes over these pings and this registry."""
    router = APIRouter(tags=["ops"])

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/health/ready", responses={503: {"content": {"application/json": {}}}})
    async def ready(at: DeskOf) -> Response:
        """Every dependency by name; 503 when one of them does not answer."""
        names = list(pings)
        found = await asyncio.gather(*(answered(name, pings[name]) for name in names))
        checks = {each.name: each.said or "ok" for each in found}
        fine = all(check == "ok" for check in checks.values())
        body = {"status": "ok" if fine else "degraded", "bus": at.bus.kind, "checks": checks}
        return Response(msgspec.json.encode(body), 200 if fine else 503, media_type="application/json")

    @router.get("/metrics", response_class=PlainTextResponse, dependencies=[Depends(reads_metrics)])
    def metrics() -> Response:
        """Prometheus text, for operators, and with METRICS_FOR=loopback for this machine."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
