"""The promises agent: writes down what sent replies promise, and sees them kept or broken by events."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from msgspec import structs

from shared import telemetry
from shared.contracts import (
    OUR_TEAM,
    PromiseRecord,
    ShopOrderChanged,
    TaskChanged,
    TicketChanged,
    TurnFinished,
)
from shared.errors import DeskError
from shared.ports import Clock, ConversationStore, PromiseFilter, Promises
from shared.ports.promises import CLOCK
from shared.promises import (
    GRACE_SECONDS,
    is_of,
    kept_by_order,
    kept_by_receipt,
    kept_by_staff,
    kept_by_task,
    kept_by_ticket,
    made_in,
    voided_by_case,
    voided_by_order,
)

_LOG = logging.getLogger("answerdesk.promises")
_LOOK_SECONDS = 60.0
_BATCH = 100
MOST_OPEN = 500
"""Open promises of one conversation, order or case that an event is held against."""

Settled = Literal["kept", "cancelled", "broken"]
Follow = Callable[[PromiseRecord], Awaitable[None]]


async def nobody(_: PromiseRecord) -> None:
    """Follows nothing up."""


@dataclass(frozen=True)
class Ledger:
    """The ledger, with who follows up.

    `on_due` is told of each new open promise that has a due time, and of each that is being settled, as it
    will be: whoever keeps tasks makes one, and ends it. It may be told twice.
    """

    promises: Promises
    store: ConversationStore
    clock: Clock
    on_due: Follow = nobody


async def hear_turn(turn: TurnFinished, *, ledger: Ledger) -> None:
    """A reply was sent: what it proves of earlier promises, and what it promises itself.

    What was held back promises nothing; what was done in that turn was done all the same.
    """
    await _proved(turn, ledger)
    await _end_with_case(turn, ledger)
    if not await ledger.store.release(turn):
        return
    by = await _speaker(turn, ledger)
    if turn.speaker == "staff":
        for each in await _open(ledger, PromiseFilter(conversation_id=turn.conversation_id)):
            if evidence := kept_by_staff(each, turn, by=by):
                await _keep(ledger, each, evidence)
    made = made_in(turn, by=by)
    if kept := len(await ledger.promises.record(made)):
        telemetry.note(promises=kept)
    # Of all, not only of the new ones: an attempt that wrote them down may have ended before it told.
    for each in made:
        held = await ledger.promises.get(each.id)
        if held is not None and held.state == "open" and held.promise.due is not None:
            await ledger.on_due(held)


async def hear_order(order: ShopOrderChanged, *, ledger: Ledger) -> None:
    """The shop told of an order: a refund, a parcel that left, a cancellation."""
    for each in await _open(ledger, PromiseFilter(order=order.number)):
        if evidence := kept_by_order(each, order):
            await _keep(ledger, each, evidence)
        elif why := voided_by_order(each, order):
            await _settle(ledger, each, "cancelled", why)


async def hear_ticket(ticket: TicketChanged, *, ledger: Ledger) -> None:
    """The helpdesk told of a ticket: a public answer, or that it is solved."""
    if not ticket.hand_over_id:
        return
    for each in await _open(ledger, PromiseFilter(hand_over=ticket.hand_over_id)):
        if evidence := kept_by_ticket(each, ticket):
            await _keep(ledger, each, evidence)


async def hear_task(task: TaskChanged, *, ledger: Ledger) -> None:
    """A follow-up changed: done, it keeps its promise; cancelled, nobody waits for it any more."""
    if not task.conversation_id:
        return
    for each in await _open(ledger, PromiseFilter(conversation_id=task.conversation_id)):
        if evidence := kept_by_task(each, task):
            await _keep(ledger, each, evidence)
        elif task.status == "cancelled" and is_of(task, each):
            await _settle(ledger, each, "cancelled", f"task:{task.task_id}")


async def break_overdue(*, ledger: Ledger) -> int:
    """Mark as broken what is past its time without evidence; how many. Any number of processes may do so."""
    broken, before = 0, ledger.clock.now() - GRACE_SECONDS
    while late := await ledger.promises.due(PromiseFilter(due_before=before), limit=_BATCH):
        for each in late:
            await _settle(ledger, each, "broken", CLOCK)
        broken += len(late)
    return broken


@asynccontextmanager
async def kept_watch(ledger: Ledger, *, every: float = _LOOK_SECONDS) -> AsyncIterator[None]:
    """Look for broken promises in the background, whatever fails."""
    watching = asyncio.create_task(_forever(ledger, every))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def _forever(ledger: Ledger, every: float) -> None:
    while True:
        try:
            await break_overdue(ledger=ledger)
        except DeskError as error:
            _LOG.warning("overdue promises wait for %.0f s: %s", every, error)
        except Exception:  # noqa: BLE001
            # A fault of ours: the loop must outlive it, or nothing would ever be seen as broken again.
            _LOG.exception("the watch over promises broke")
        await asyncio.sleep(every)


async def _speaker(turn: TurnFinished, ledger: Ledger) -> str:
    """Who promises: the bot (the house speaks for it), or the member of staff whose case it is."""
    if turn.speaker != "staff":
        return "bot"
    case = await ledger.store.case_of(turn.conversation_id)
    if case is None or turn.speaker_name != (case.owner_display or OUR_TEAM[turn.language].capitalize()):
        return "staff"
    return case.owner or "staff"


async def _proved(turn: TurnFinished, ledger: Ledger) -> None:
    """The receipts of a turn prove promises about their orders, whichever conversation they were made in."""
    for receipt in turn.actions:
        for each in await _open(ledger, PromiseFilter(order=receipt.order_number)):
            if evidence := kept_by_receipt(each, receipt):
                await _keep(ledger, each, evidence)


async def _end_with_case(turn: TurnFinished, ledger: Ledger) -> None:
    """Every end of a case is told in a turn. What staff say in it keeps the answer, and is heard as that."""
    waiting = await _open(ledger, PromiseFilter(conversation_id=turn.conversation_id))
    if turn.speaker == "staff" or not any(each.hand_over for each in waiting):
        return
    case = await ledger.store.case_of(turn.conversation_id)
    for each in waiting:
        if case is not None and (why := voided_by_case(each, case)):
            await _settle(ledger, each, "cancelled", why)


async def _open(ledger: Ledger, which: PromiseFilter) -> Sequence[PromiseRecord]:
    return await ledger.promises.due(which, limit=MOST_OPEN)


async def _keep(ledger: Ledger, record: PromiseRecord, evidence: str) -> None:
    await _settle(ledger, record, "kept", evidence)


async def _settle(ledger: Ledger, record: PromiseRecord, state: Settled, why: str) -> None:
    """Who follows up is told first: who dies in between leaves the promise open, to be settled again."""
    at = ledger.clock.now()
    await ledger.on_due(structs.replace(record, state=state, why=why, settled_at=at))
    promises = ledger.promises
    write = {"kept": promises.keep, "cancelled": promises.cancel, "broken": promises.break_}[state]
    settled = await write(record.id, why, at=at)
    if settled is not None and (settled.state, settled.why) == (state, f"task:{record.id}"):
        # The bus was quicker to tell of the task that has just ended: that is no evidence of its own.
        await write(record.id, why, at=at, anew=True)
