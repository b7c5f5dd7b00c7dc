"""Builds the HTTP application from opened parts; it opens nothing itself but the watcher of results."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from gateway import docs, problems
from gateway.console import (
    acts,
    approvals,
    correcting,
    customers,
    doing,
    gaps,
    live,
    page,
    pane,
    privacy,
    promises,
    replying,
    tasks,
    wall,
    writing,
)
from gateway.console.knowledge.routes import ROUTERS as KNOWLEDGE
from gateway.context import Desk
from gateway.customers import chat, conversations
from gateway.doors import Doors
from gateway.edges import Edges
from gateway.measured import Measured
from gateway.ops.routes import ROUTERS as OPS
from gateway.staff import availability
from gateway.staff import routes as staff

STATIC = Path(__file__).parent / "static"


def build_app(desk: Desk, *, routers: Sequence[APIRouter] = (), doors: Doors | None = None) -> FastAPI:
    """The gateway over this desk; `routers` are added as they are (demo, health).

    Without `doors` every Host is served: in process nobody can rebind a name.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(desk.hub.run())
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    app = FastAPI(
        title=f"{desk.settings.shop_name} answer desk",
        version="1",
        # Our own span begins the trace: FastAPI's would hold addresses and record exceptions' texts.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect repeats the Host header
        responses=problems.DECLARED,
        description="A conversation belongs to its token; errors are RFC 9457 problem documents.",
    )
    app.state.desk = desk
    problems.install(app)
    docs.install(app)
    app.router.routes.extend(_ours().routes)
    for router in routers:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    async def shop() -> FileResponse:
        return FileResponse(STATIC / "shop.html")

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> FileResponse:
        return FileResponse(STATIC / "icon.svg")

    # Around everything, the handler of bugs too: add_middleware would leave its answers bare.
    app.middleware_stack = Edges(Measured(app.build_middleware_stack()), doors)
    return app


@cache
def _ours() -> APIRouter:
    """The routes that every desk has, once in a process.

    FastAPI works out what an included route needs when something is first asked for: 0.2 s of CPU for all.
    """
    writes = (replying.router, writing.router, correcting.router)
    reads = (page.router, live.router, gaps.router, customers.router, wall.router)
    console = (*reads, acts.router, *writes, tasks.router, approvals.router, promises.router, privacy.router)
    console = (*console, *pane.ROUTERS, *KNOWLEDGE, doing.router)
    ours = APIRouter(responses=problems.DECLARED)
    for router in (chat.router, conversations.router, *console, staff.router, availability.router, *OPS):
        ours.include_router(router)
    return ours
