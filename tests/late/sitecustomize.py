"""Makes every server of a test late, as over a slow line; a process that finds this on PYTHONPATH loads it.

`make late` runs the tests in a browser so: what a page does before its style sheets, its scripts and its
stream are there is seldom seen on the machine that serves it.
"""

import asyncio
import random

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

_FILE_S, _ANSWER_S = 2.0, 0.3
"""At most."""

_call = Starlette.__call__


async def _late(self: Starlette, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        most = _FILE_S if scope["path"].startswith("/static") else _ANSWER_S
        await asyncio.sleep(random.uniform(0, most))
    await _call(self, scope, receive, send)


Starlette.__call__ = _late  # type: ignore[method-assign]
