"""One look at the whole installation, shared by everybody who watches it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from shared.errors import DeskError
from shared.ports import Bus, Load

_LOG = logging.getLogger("answerdesk.gateway")
PING_SECONDS = 2.0
"""How long one part may take to say that it is there."""
FRESH_SECONDS = 1.0
"""How old a look may be that is shown: a room full of screens costs one look a second."""
PINGED_SECONDS = 5.0
"""How old the answers of the parts may be: some are services that count, and price, what they are asked."""
Pings = Mapping[str, Callable[[], Awaitable[None]]]


@dataclass(frozen=True)
class Answered:
    """One part: `said` is what is wrong, empty when all is well; `seconds` is how long it took to say so."""

    name: str
    said: str
    seconds: float


@dataclass(frozen=True)
class Look:
    """What was seen, `at` in seconds since 1970; without `load` the bus was not, and `trouble` says why."""

    at: float
    parts: tuple[Answered, ...]
    load: Load | None
    trouble: str = ""


@dataclass
class Looks:
    """Takes looks, at most one at a time and one a second. `pings` are every part of this process by name."""

    bus: Bus
    pings: Pings = field(default_factory=dict)
    _last: Look | None = None
    _until: float = 0.0
    _parts: tuple[Answered, ...] = ()
    _parts_until: float = 0.0
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def now(self) -> Look:
        """The newest look; never raises, what is down is told in it."""
        async with self._looking:
            if self._last is None or time.monotonic() > self._until:
                self._last = await self._look()
                self._until = time.monotonic() + FRESH_SECONDS
            return self._last

    async def _look(self) -> Look:
        (load, trouble), parts = await asyncio.gather(self._load(), self._answers())
        return Look(at=time.time(), parts=parts, load=load, trouble=trouble)

    async def _answers(self) -> tuple[Answered, ...]:
        if time.monotonic() > self._parts_until:
            asked = [answered(name, self.pings[name]) for name in sorted(self.pings)]
            self._parts = tuple(await asyncio.gather(*asked))
            self._parts_until = time.monotonic() + PINGED_SECONDS
        return self._parts

    async def _load(self) -> tuple[Load | None, str]:
        try:
            return await self.bus.load(), ""
        except DeskError as error:
            return None, str(error)


async def answered(name: str, ping: Callable[[], Awaitable[None]]) -> Answered:
    """Whether this part is usable now."""
    began = time.perf_counter()
    said = ""
    try:
        async with asyncio.timeout(PING_SECONDS):
            await ping()
    except TimeoutError:
        said = f"no answer within {PING_SECONDS:.0f} s"
    except DeskError as error:
        said = str(error)
    except Exception as error:  # noqa: BLE001  a driver's own error, or a bug: the others are still to be seen
        # Its type alone: what a stranger says may quote anything.
        _LOG.error("the part %s cannot be asked: %s", name, type(error).__name__)
        said = f"{type(error).__name__}: it cannot be asked"
    return Answered(name, said, time.perf_counter() - began)
