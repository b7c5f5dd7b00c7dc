"""Whoever is erased while a conversation is open: nothing of before comes back with what was under way."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from agents.escalation import follow_up
from gateway.rights import erasing
from gateway.rights.context import Rights
from shared import contracts as c
from shared.adapters.local.key_file import KeyFile
from shared.adapters.local.receipts import LocalReceiptBook
from shared.adapters.memory.spending import MemorySpending
from shared.adapters.memory.vault import MemoryVault
from tests.clock import Clock
from tests.conversation.desk import Desk, running, understood

MARK = "kumquatwobble"
TALK = "c-1"


class Gate:
    """A classifier that holds what has the mark until the test lets it go on."""

    def __init__(self) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()

    async def __call__(self, ask: c.ClassifyIntent) -> c.IntentClassified:
        if MARK in ask.text:
            self.reached.set()
            await self.open.wait()
        found: c.IntentClassified = await understood("FEEDBACK")(ask)
        return found


class NoTickets:
    """A helpdesk without tickets."""

    async def erase_ticket(self, hand_over_id: str, *, ticket: str) -> bool:
        """There is none."""
        return False


@asynccontextmanager
async def talking(folder: Path, gate: Gate, *, settle: float) -> AsyncIterator[tuple[Desk, Rights, Clock]]:
    """A running conversation, the rights over its stores, and its clock: now."""
    vault, clock, key = MemoryVault(), Clock(time.time()), KeyFile(folder / "key")
    key.create()
    async with running(folder, {c.CLASSIFY: gate}, clock) as desk:
        rights = Rights(
            audit=vault.audit, vault=vault, store=desk.service.steps.store, bus=desk.bus,
            helpdesk=NoTickets(),  # type: ignore[arg-type]
            receipts=LocalReceiptBook(folder / "key"), spending=MemorySpending(), folder=folder,
            now=time.time, settle_seconds=settle,
        )  # fmt: skip
        yield desk, rights, clock


async def _trace(desk: Desk) -> str:
    """Everything that is kept of the conversation."""
    store = desk.service.steps.store
    kept = [await store.read(TALK), await store.held([TALK]), await desk.bus.results(TALK)]
    return repr([*kept, desk.bus._events])


async def test_a_turn_under_way_ends_before_it_is_erased(tmp_path: Path) -> None:
    """The erasure waits for its result; the customer gets the answer, and nothing of it is kept."""
    gate = Gate()
    async with talking(tmp_path, gate, settle=5.0) as (desk, rights, clock):
        await desk.say("hello")
        saying = asyncio.create_task(desk.say(f"I like {MARK}"))
        await gate.reached.wait()
        erasing_it = asyncio.create_task(erasing.erase(rights, TALK))
        await asyncio.sleep(0.1)
        assert not erasing_it.done()
        gate.open.set()
        assert (await saying).said
        receipt, _ = await erasing_it
        assert receipt.conversations == 1
        clock.at = time.time()
        assert MARK not in await _trace(desk)


async def test_a_turn_that_takes_too_long_ends_empty(tmp_path: Path) -> None:
    """It cannot bring back what it says or what was remembered; what is said afterwards is a new start."""
    gate = Gate()
    async with talking(tmp_path, gate, settle=0.1) as (desk, rights, clock):
        await desk.say("my earlier words")
        saying = asyncio.create_task(desk.say(f"I like {MARK}"))
        await gate.reached.wait()
        await erasing.erase(rights, TALK)
        gate.open.set()
        ended = await saying
        assert (ended.said, ended.reply, ended.state) == ("", "", None)
        clock.at = time.time()
        fresh = await desk.say("hello again")
        assert fresh.state is not None
        assert [line.text for line in fresh.state.history if line.who == "customer"] == ["hello again"]
        trace = await _trace(desk)
        assert MARK not in trace
        assert "my earlier words" not in trace
        assert "hello again" in trace


async def test_a_burst_that_spans_the_erasure(tmp_path: Path) -> None:
    """Of turns that are answered together only those of afterwards are read."""
    gate = Gate()
    gate.open.set()
    async with talking(tmp_path, gate, settle=0.1) as (desk, rights, _clock):
        await desk.say("hello")
        await rights.store.erase([TALK])
        turns = [
            c.TurnAccepted(conversation_id=TALK, turn_id=name, text=text, accepted_at=time.time() + shift)
            for name, text, shift in (("t-a", f"old {MARK}", -60.0), ("t-b", "new words", 60.0))
        ]
        old, new = await desk.service.answer(turns)
        assert (old.turn_id, old.said, new.turn_id, new.said) == ("t-a", "", "t-b", "new words")
        assert MARK not in repr(new)


async def test_a_result_that_is_heard_late_is_not_kept(tmp_path: Path) -> None:
    """A crash between result and store is made good by hearing the result again; not after an erasure."""
    gate = Gate()
    gate.open.set()
    async with talking(tmp_path, gate, settle=0.1) as (desk, rights, _):
        await desk.say(f"I like {MARK}")
        late = list(await desk.bus.results(TALK))
        await erasing.erase(rights, TALK)
        await desk.service.heard(late)
        assert MARK not in await _trace(desk)


async def test_what_is_said_afterwards_has_a_new_key(tmp_path: Path) -> None:
    """The old token stays dead beside the new one of the same name."""
    gate = Gate()
    async with talking(tmp_path, gate, settle=0.1) as (_, rights, _clock):
        old = await rights.vault.token("Ana Lund", conversation_id=TALK, owner="ana")
        await erasing.erase(rights, "ana")
        new = await rights.vault.token("Ana Lund", conversation_id=TALK, owner="ana")
        both = await rights.vault.reveal(f"{old} {new}", conversation_id=TALK, purpose="delivery")
        assert both == f"{old} Ana Lund"


async def test_a_ticket_that_was_to_follow_is_not_opened(tmp_path: Path) -> None:
    """The helpdesk was away, the finished turn is brought again, and meanwhile its customer was erased."""
    gate = Gate()
    gate.open.set()
    async with talking(tmp_path, gate, settle=0.1) as (desk, rights, _):
        turn = await desk.say("I want to talk to a human")
        assert turn.escalation is not None
        await erasing.erase(rights, TALK)
        await follow_up(turn, store=rights.store, helpdesk=rights.helpdesk)
        assert list(await rights.store.waiting()) == []
