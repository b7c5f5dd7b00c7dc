"""What was paid for an answer that its caller stopped waiting for: it travels with the cancellation."""

import asyncio
from collections.abc import Sequence

from shared.contracts import Usage

_NAME = "usages"


def paid_until(error: BaseException | None) -> tuple[Usage, ...]:
    """What a cancellation brings along, also behind the `TimeoutError` that asyncio made of it."""
    gone = error.__cause__ if isinstance(error, TimeoutError) else error
    return vars(gone).get(_NAME, ()) if isinstance(gone, asyncio.CancelledError) else ()


def also_paid_until(gone: asyncio.CancelledError, usages: Sequence[Usage]) -> None:
    """Put `usages` before what it brings along already."""
    # An attribute: asyncio knows no kind of cancellation but its own.
    vars(gone)[_NAME] = (*usages, *paid_until(gone))
