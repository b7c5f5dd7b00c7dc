"""The gateway as a process serves it: a bound socket, uvicorn, and a stop that does not hang on streams."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import uvicorn

from conversation.rules.beyond import beyond_rules
from conversation.rules.playbooks import load_policy
from gateway.app import build_app
from gateway.approving import Approving
from gateway.auth import ConversationTokens, CustomerTokens, local_secret
from gateway.casework import Casework
from gateway.checks import by_rules, of_others, of_promises
from gateway.composing import Composing
from gateway.console.knowledge.room import KnowledgeRoom
from gateway.console.macros import load_macros
from gateway.context import Desk
from gateway.customers.demo import demo_router
from gateway.delivery import Delivery
from gateway.doing import Doing
from gateway.doors import doors
from gateway.entries import Entries
from gateway.hub import Hub
from gateway.intake import Intake
from gateway.limits import Limits
from gateway.ops.explaining.traced import Traced
from gateway.ops.health import health_router
from gateway.ops.looking import Looks
from gateway.ops.room import OpsRoom
from gateway.places import Places
from gateway.staff.room import staff_room
from gateway.webhooks.routes import webhooks_router
from launch.banner import accounts
from launch.casework import kept_told
from launch.dispatch import kept_dispatched
from launch.listening import listening
from launch.privacy import kept_private, open_privacy
from launch.protocol import BoundedProtocol
from launch.retaining import kept_short, open_retaining
from launch.rights import open_rights
from launch.roles import Running
from launch.scheduling import kept_on_time, open_scheduling
from shared.errors import SettingsError
from shared.ports import Bus
from shared.routing.outlooks import Outlooks
from shared.routing.queues import routing
from shared.settings import Settings
from shared.wiring import Services
from shared.wiring.openers import open_prices
from shared.wiring.told import Told, health_of
from shared.wiring.tracing import Tracing

_STOP_SECONDS = 2
_DEMO_NAMES = {"agent": "Alex", "lead": "Sam"}
"""What the demo's customers call its first accounts."""
_OTHER_CONNECTIONS = 2000


class _Server(uvicorn.Server):
    """Uvicorn that leaves the signals to the launcher."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: `launch.__main__` decides when to stop."""
        yield


def bind(settings: Settings) -> socket.socket:
    """The listening socket.

    Raises:
        SettingsError: the port is taken, or not ours to take; or names and origins are set wrongly.
    """
    doors(settings)  # before anything is started
    return listening(settings.host, settings.port, setting=f"PORT={settings.port}", remedy="set another PORT")


@asynccontextmanager
async def run_gateway(running: Running, sock: socket.socket) -> AsyncIterator[Desk]:
    """Serve HTTP on this socket while the context is open."""
    services = running.services
    told = Told()
    desk = await _desk(services, running.tracing, told)
    routers = [
        health_router(services.pings, running.registry, (await services.budget()).status),
        webhooks_router(services.settings, await services.vault()),
    ]
    if desk.staff.local is not None:
        print(
            accounts(await desk.staff.members.first(_DEMO_NAMES if services.settings.demo else {})),
            end="",
            flush=True,
        )
    if services.settings.demo and services.settings.commerce_url == "mock://shopify":
        from mock_apis.demo import demo_customers, demo_products  # noqa: PLC0415  the demo only

        shop = services.settings.data_dir / "mock" / "shopify.db"
        routers.append(demo_router(lambda: demo_customers(shop), lambda: demo_products(shop)))
    config = uvicorn.Config(
        build_app(desk, routers=routers, doors=doors(services.settings)),
        http=BoundedProtocol,
        ws="none",
        # gateway.doors decides whom to believe: uvicorn believes everybody on loopback.
        proxy_headers=False,
        log_config=None,  # our own handler, which does not quote exceptions (`launch.logs`)
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        server_header=False,
        limit_concurrency=services.settings.sse_total + _OTHER_CONNECTIONS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.005)
    job = await open_retaining(services, desk.bus)
    assert desk.approving is not None  # `_desk` has made it
    privacy = open_privacy(desk, services)
    try:
        async with (
            desk.bus.told_sent(told.hear),
            kept_short(job, every=services.settings.retention_interval),
            kept_told(desk.casework.retell),
            kept_told(desk.approving.retell),
            kept_dispatched(desk),
            kept_on_time(
                *await open_scheduling(services, desk.bus), privacy, approvals=await services.approvals()
            ),
            kept_private(desk, privacy),
        ):
            yield desk
    finally:
        running.ending.at("requests that are being answered")
        # Streams end first: uvicorn would wait for them, then cancel them with a traceback each.
        desk.hub.close()
        server.should_exit = True
        await serving
        await desk.staff.close()


async def _desk(services: Services, tracing: Tracing, told: Told) -> Desk:
    settings = services.settings
    bus, store, vault = await services.bus("gateway"), await services.store(), await services.vault()
    shop, policy = await services.shop(), load_policy()
    customer_secret = _customer_secret(settings)
    conversation_secret = settings.conversation_secret.get_secret_value() or local_secret(
        settings.data_dir, "conversation"
    )
    hub, cases, duty = Hub(bus), await services.cases(), await services.duty()
    return Desk(
        settings=settings,
        bus=bus,
        store=store,
        intake=Intake(bus=bus, vault=vault, shop=shop, store=store),
        delivery=Delivery(vault=vault, store=store),
        hub=hub,
        entries=Entries(await services.audit()),
        limits=Limits(await services.quotas(), secret=conversation_secret),
        conversation_tokens=ConversationTokens(
            secret=conversation_secret,
            idle_seconds=settings.conversation_idle_hours * 3600,
            life_seconds=settings.conversation_days * 86400,
        ),
        customer_tokens=CustomerTokens(
            secret=customer_secret,
            jwks_url=settings.customer_jwks_url,
            audience=settings.customer_jwt_audience,
            issuer=settings.customer_jwt_issuer,
            most_seconds=settings.customer_jwt_hours * 3600,
            stale_seconds=settings.customer_jwks_stale_hours * 3600,
        ),
        customer_secret=customer_secret,
        promises=await services.promises(),
        casework=Casework(cases, bus, now=services.clock.now),
        places=Places(Outlooks(cases, duty, routing(), services.clock.now), hub),
        duty=duty,
        composing=Composing(
            corrections=await services.corrections(),
            macros=load_macros(settings.data_dir),
            checkers=(by_rules(services.rules()), of_others, of_promises),
            secret=local_secret(settings.data_dir, "staff"),
        ),
        approving=Approving(await services.approvals(), cases, bus, now=services.clock.now, shop=shop),
        doing=Doing(
            policy.actions,
            partial(beyond_rules, policy=policy),
            bus,
            await services.approvals(),
            now=services.clock.now,
        ),
        rights=await open_rights(services, bus),
        search=await services.search(),
        views=await services.views(),
        measures=await services.measures(),
        tasks=await services.tasks(),
        knowledge=KnowledgeRoom(await services.editions(), await services.questions()),
        ops=await _ops_room(services, bus, tracing, told),
        staff=staff_room(settings, await services.staff(), secret=local_secret(settings.data_dir, "staff")),
    )


async def _ops_room(services: Services, bus: Bus, tracing: Tracing, told: Told) -> OpsRoom:
    health = partial(health_of, tracing, told)
    return OpsRoom(
        Looks(bus, services.pings),
        spending=await services.spending(),
        prices=open_prices(),
        budget=(await services.budget()).status,
        resting=services.resting,
        tracing=health,
        traced=Traced(
            port=tracing.traces,
            ratio=tracing.ratio,
            days=services.settings.traces_days,
            health=health,
        ),
    )


def _customer_secret(settings: Settings) -> str:
    """What the shop signs with, when it signs with a secret; made here for a shop that has set none."""
    given = settings.customer_jwt_secret.get_secret_value()
    if given and settings.customer_jwks_url:
        raise SettingsError(
            "CUSTOMER_JWT_SECRET and CUSTOMER_JWKS_URL are both set, and a token must be signed in one way: "
            "keep the one that the shop signs with"
        )
    return given or local_secret(settings.data_dir, "customer-jwt")
