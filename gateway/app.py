"""Builds the HTTP application from opened parts; it opens nothing itself but the watcher of results."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from gateway import problems
from gateway.console import gaps, queue
from gateway.context import Desk
from gateway.customers import chat, conversations
from gateway.edges import Edges
from gateway.staff import routes as staff

STATIC = Path(__file__).parent / "static"


def build_app(desk: Desk, *, routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The gateway over this desk; `routers` are added as they are (demo, health)."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(desk.hub.run())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    app = FastAPIOffline(
        title=f"{desk.settings.shop_name} answer desk",
        version="1",
        # Our own span begins the trace: FastAPI's would hold addresses and record exceptions' texts.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=lifespan,
        description="A conversation belongs to its token; errors are RFC 9457 problem documents.",
    )
    app.state.desk = desk
    problems.install(app)
    app.add_middleware(Edges)
    for router in (chat.router, conversations.router, queue.router, gaps.router, staff.router, *routers):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    async def shop() -> FileResponse:
        return FileResponse(STATIC / "shop.html")

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> FileResponse:
        return FileResponse(STATIC / "icon.svg")

    return app
