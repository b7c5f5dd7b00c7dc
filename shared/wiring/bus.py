"""Opens the bus at `BUS_URL`, as the user of this process."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from shared import ports
from shared.errors import SettingsError
from shared.settings import Settings, without_password
from shared.wiring.openers import scheme

if TYPE_CHECKING:
    from shared.adapters.nats.login import Login
    from shared.adapters.nats.streams import Retention

_LOG = logging.getLogger("answerdesk.wiring")


@asynccontextmanager
async def open_bus(
    settings: Settings, name: str, *, actor: str, join: bool = False
) -> AsyncIterator[ports.Bus]:
    """The bus of `BUS_URL`; `name` tells this process apart, `actor` says whose rights it has there.

    With `join`, an embedded server that another process runs on the same folder is used as it is.
    """
    kind = scheme(settings.bus_url)
    if kind == "memory":
        yield _memory_bus()
    elif kind == "nats+embedded":
        async with _embedded(settings, name, join=join) as bus:
            yield bus
    elif kind in {"nats", "tls"}:
        from shared.adapters.nats.bus import open_bus as open_nats  # noqa: PLC0415

        login = _login(settings, actor)
        async with open_nats(
            settings.bus_url,
            name=name,
            login=login,
            drain_seconds=settings.stop_seconds,
            keep=_kept(settings),
        ) as bus:
            yield bus
    else:
        raise SettingsError(
            f"BUS_URL={without_password(settings.bus_url)!r}: unknown scheme; "
            "it may be one of nats+embedded://, nats://host:4222, tls://host:4222, memory://"
        )


def write_bus_users(folder: Path) -> Path:
    """Make the users of a nats-server of one's own in `folder`: keys, and the configuration to include."""
    from shared.adapters.nats.users import make_users  # noqa: PLC0415

    config = folder / "nats-users.conf"
    text = make_users(folder)
    config.write_text(text, "utf-8")
    return config


@asynccontextmanager
async def _embedded(settings: Settings, name: str, *, join: bool) -> AsyncIterator[ports.Bus]:
    from shared.adapters.nats.access import ALL, OPS  # noqa: PLC0415
    from shared.adapters.nats.binary import find_binary  # noqa: PLC0415
    from shared.adapters.nats.bus import open_bus as open_nats  # noqa: PLC0415
    from shared.adapters.nats.login import Login, read_credential  # noqa: PLC0415
    from shared.adapters.nats.server import embedded_server, running_at  # noqa: PLC0415
    from shared.adapters.nats.users import SUFFIX, make_users  # noqa: PLC0415

    folder = settings.data_dir / "nats"
    users = folder / "users"

    def login(user: str) -> Login:
        return Login(user, read_credential(users / f"{user}{SUFFIX}"))

    running = running_at(folder) if join else None
    if running is not None:
        async with open_nats(
            running,
            name=name,
            login=login(OPS),
            drain_seconds=settings.stop_seconds,
            keep=_kept(settings),
        ) as bus:
            yield bus
        return
    binary = await asyncio.to_thread(find_binary, settings.data_dir / "bin", releases=settings.nats_releases)
    if binary is None:
        _LOG.warning(
            "no nats-server could be found or fetched: the bus runs in this process, not durable; "
            "install one, or say in NATS_RELEASES where releases are kept"
        )
        yield _memory_bus()
        return
    block = await asyncio.to_thread(make_users, users)
    # Whoever starts the server is all there is of the installation.
    async with (
        embedded_server(folder, str(binary), users=block) as url,
        open_nats(
            url, name=name, login=login(ALL), drain_seconds=settings.stop_seconds, keep=_kept(settings)
        ) as bus,
    ):
        yield bus


def _login(settings: Settings, actor: str) -> "Login":
    """How this process signs in at a server of the operator's."""
    from shared.adapters.nats.access import ALL, OPS, SERVICES  # noqa: PLC0415
    from shared.adapters.nats.login import Login, read_credential, tls_context  # noqa: PLC0415
    from shared.adapters.nats.users import SUFFIX  # noqa: PLC0415

    given = (settings.bus_tls_ca, settings.bus_tls_cert, settings.bus_tls_key)
    tls = tls_context(*given) if any(given) or scheme(settings.bus_url) == "tls" else None
    if not settings.bus_credentials:
        return Login(tls=tls)
    what, _, role = actor.partition(":")
    user = OPS if what == "command" else role if role in SERVICES else ALL
    path = Path(settings.bus_credentials)
    if path.is_dir():
        path /= f"{user}{SUFFIX}"
    return Login(user, read_credential(path), tls)


def _kept(settings: Settings) -> "Retention":
    """How long streams keep; results a week longer than conversations, whose removal takes them along."""
    from shared.adapters.nats.streams import DAY, Retention  # noqa: PLC0415

    days = settings.retention_conversations_days
    return Retention(
        results=(days + 7) * DAY if days else 0.0,
        events=settings.retention_events_days * DAY,
        dead=settings.retention_dead_letters_days * DAY,
    )


def quotas_of(bus: ports.Bus) -> ports.Quotas:
    """Limits counted on this bus's connection; a bus in memory has one process only."""
    from shared.adapters.memory.quotas import MemoryQuotas  # noqa: PLC0415

    found: ports.Quotas | None = getattr(bus, "quotas", None)
    return found or MemoryQuotas()


def _memory_bus() -> ports.Bus:
    from shared.adapters.memory.bus import MemoryBus  # noqa: PLC0415

    return MemoryBus()
