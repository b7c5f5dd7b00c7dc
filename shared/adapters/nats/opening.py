"""Opens a link: connects as somebody, makes the streams, and tells what the connection goes through."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from nats import errors
from nats.js.api import ConsumerConfig

from shared.adapters.nats.connecting import address_of, connect, denied, refusal
from shared.adapters.nats.link import Link
from shared.adapters.nats.login import Login
from shared.adapters.nats.streams import Retention
from shared.adapters.tasks import end
from shared.errors import BusDown

_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def open_link(
    url: str,
    *,
    name: str,
    login: Login,
    keep: Retention,
    consumers: Sequence[tuple[str, ConsumerConfig]],
    connect_seconds: float,
    options: Mapping[str, object],
) -> AsyncIterator[Link]:
    """Connect, make the streams and `consumers` if that is ours, and stay connected until the context ends.

    Raises:
        BusDown: no server answers at `url` within `connect_seconds`, or it has no JetStream.
        SettingsError: it refuses us, or we do not trust it.
    """
    news = _News()
    try:
        async with asyncio.timeout(connect_seconds):
            client = await connect(
                url,
                name=name,
                login=login,
                seconds=connect_seconds,
                told=news.told,
                options={
                    "disconnected_cb": news.gone,
                    "reconnected_cb": news.back,
                    "closed_cb": news.closed,
                    "max_reconnect_attempts": -1,
                    "reconnect_time_wait": 0.1,
                    "ping_interval": 10,
                    "pending_size": 32 * 1024 * 1024,
                    **options,
                },
            )
            news.link = link = Link(client, keep, user=login.user, consumers=consumers)
            await link.start()
    except (TimeoutError, errors.Error, OSError) as error:
        raise BusDown(
            f"no NATS with JetStream at {address_of(url)} after {connect_seconds} s "
            f"({error or type(error).__name__}); start nats-server -js or correct BUS_URL"
        ) from None
    try:
        yield link
    finally:
        news.closing = True
        await end(news.tasks)
        if not client.is_closed:
            with suppress(errors.Error, TimeoutError):
                # Acknowledgements leave before the connection does; without a server there is nobody to tell.
                await client.flush(2)
            with suppress(OSError):
                # nats-py writes what is left to a socket whose server may be gone.
                await client.close()


class _News:
    """What nats-py calls."""

    def __init__(self) -> None:
        self.link: Link | None = None
        self.closing = False
        self.tasks: set[asyncio.Task[None]] = set()
        self._refused = ""

    async def told(self, error: Exception) -> None:
        """Any error: of the connection, or what the server says on it."""
        _LOG.debug("nats: %s", error)
        deed = denied(error)
        if deed is not None and self.link is not None:
            self.link.refuse(*deed)
        why = refusal(error)
        if why and self.link is not None and why != self._refused:
            # It came to stand after we were let in before: somebody changes the server just now.
            self._refused = why
            _LOG.error("NATS, after a break: %s; trying again", why)

    async def gone(self) -> None:
        """The connection broke."""
        if self.link is not None:
            self.link.breaks += 1
        if not self.closing:
            _LOG.warning("the connection to NATS broke; trying again until it is back")

    async def back(self) -> None:
        """It stands again."""
        self._refused = ""
        _LOG.warning("the connection to NATS is back")
        if self.link is not None:
            task = asyncio.create_task(self.link.came_back())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def closed(self) -> None:
        """For good: nats-py does not come back from what a server says when it takes a user away."""
        if not self.closing and self.link is not None:
            _LOG.error(
                "NATS closed the connection for good (%s); correct BUS_CREDENTIALS and start again",
                self.link.nc.last_error,
            )
