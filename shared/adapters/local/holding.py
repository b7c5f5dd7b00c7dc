"""Finds the conversations that hold a value by its hash, which differs in each, so that each is asked."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from shared.adapters.local.keys import blind
from shared.adapters.local.rows import Rows

_ASKED = 2000
"""Values whose conversations are asked in one go: some 20 ms, and others write in between."""


async def holding(
    run: Callable[[Callable[[], Any]], Awaitable[Any]], rows: Rows, index: bytes, value: str, most: int
) -> Sequence[str]:
    """See `PIIVault.holding`; `run` does work in the thread that the rows belong to."""
    asked: dict[str, bool] = {}
    before = 0
    while len(asked) < most:
        batch, before = await run(partial(rows.latest, _ASKED, before))
        if not batch:
            break
        new = [each for each in batch if each not in asked]
        asked |= await run(partial(_asked, rows, index, value, new))
    return [each for each, there in asked.items() if there]


def _asked(rows: Rows, index: bytes, value: str, conversations: Sequence[str]) -> dict[str, bool]:
    return {each: rows.token(each, blind(index, "value", each, value)) is not None for each in conversations}
