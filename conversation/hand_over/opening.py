"""Opens a place in a person's queue, whatever is down."""

from collections.abc import Awaitable, Callable
from typing import Any

from shared import contracts as c
from shared.errors import AskFailed, DeskError
from shared.hand_over import hand_over_of
from shared.ports import Clock, ConversationStore

Asking = Callable[[Any, Any], Awaitable[tuple[Any, float]]]


async def open_place(
    ask: c.RequestPerson, *, asking: Asking, store: ConversationStore, clock: Clock
) -> tuple[c.HandOver, list[tuple[str, float]]]:
    """The record, and how long the escalation agent took; without it the record is made here.

    A record that could not be stored travels with the finished turn: the escalation agent files it when it
    hears of it.
    """
    try:
        opened, spent = await asking(c.REQUEST_PERSON, ask)
    except AskFailed:
        record = hand_over_of(ask, now=clock.now())
        try:
            return await store.open_hand_over(record), []
        except DeskError:
            return record, []
    return opened.hand_over, [("hand_over", spent)]
