"""Asks everything a process needs whether it answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from shared.errors import DeskError

Pings = Mapping[str, Callable[[], Awaitable[None]]]
FINE = "ok"
_PING_SECONDS = 2.0


async def ping_all(pings: Pings) -> dict[str, str]:
    """`ok`, or what is wrong, by name; all are asked at once, for two seconds at most."""
    names = list(pings)
    found = await asyncio.gather(*(_ping(pings[name]) for name in names))
    return dict(zip(names, found, strict=True))


async def _ping(ping: Callable[[], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(_PING_SECONDS):
            await ping()
    except TimeoutError:
        return f"no answer within {_PING_SECONDS:.0f} s"
    except DeskError as error:
        return str(error)
    return FINE
