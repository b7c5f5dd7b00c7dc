"""A person can be asked for while the store is down: told at once, kept on the bus, opened and filed once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agents.escalation import follow_up, request_person
from launch.filing import kept_filed
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.store import SqliteStore
from shared.errors import StoreDown, VendorDown
from shared.hand_over import hand_over_of
from tests.conversation.desk import Desk, running
from tests.conversation.test_conversation import broken

CUSTOMER = "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427"


class Helpdesk:
    """A helpdesk that is down until it is up, and has one ticket for a case, as the port promises."""

    def __init__(self) -> None:
        self.up = False
        self.tickets: list[str] = []
        self.comments: list[str] = []

    async def open_ticket(self, hand_over: c.HandOver, *, transcript: Sequence[c.Said]) -> str:
        """Each hand-over's ticket, once it is up."""
        if not self.up:
            raise VendorDown("zendesk", "down for the test")
        if hand_over.id not in self.tickets:
            self.tickets.append(hand_over.id)
        return str(self.tickets.index(hand_over.id) + 1)

    async def add_comment(self, ticket: str, text: str, *, conversation_id: str, key: str) -> None:
        """A comment."""
        self.comments.append(text)


@dataclass
class Shop:
    """A desk whose escalation agent is the real one, beside a helpdesk that is down."""

    desk: Desk
    helpdesk: Helpdesk

    @property
    def store(self) -> Any:
        """The store behind all of it."""
        return self.desk.service.steps.store

    async def given_up(self) -> None:
        """Until the event of the turn has been tried in vain."""
        while not await self.desk.bus.dead_letters():  # noqa: ASYNC110  the bus tells nobody
            await asyncio.sleep(0.005)

    async def filed(self) -> list[c.HandOver]:
        """The queue, once every case in it has its ticket."""
        while True:
            waiting: list[c.HandOver] = list(await self.store.waiting())
            if waiting and all(case.ticket for case in waiting):
                return waiting
            await asyncio.sleep(0.005)


@asynccontextmanager
async def shop(tmp_path: Path, bus: MemoryBus | None = None) -> AsyncIterator[Shop]:
    """Open it; a bus that lives on brings its turns along."""
    helpdesk = Helpdesk()
    at: dict[str, Any] = {}

    async def person(ask: c.RequestPerson) -> c.PersonRequested:
        return await request_person(ask, **at)

    bus = bus or MemoryBus(backoff=(0.01,) * 5, drain_seconds=0.05)
    async with running(tmp_path, {c.REQUEST_PERSON: person}, bus=bus) as desk:
        where: dict[str, Any] = {"store": desk.service.steps.store, "helpdesk": helpdesk}
        at.update(where, clock=desk.service.steps.clock)
        async with bus.listen(c.TURN_FINISHED, partial(follow_up, **where), name="escalation"):
            yield Shop(desk, helpdesk)


@pytest.fixture
def outage(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Takes every store down, or brings it back."""
    works = SqliteStore._try

    def fail(*_: Any) -> Any:
        raise StoreDown("down for the test")

    return lambda down: monkeypatch.setattr(SqliteStore, "_try", fail if down else works)


ASKING = [
    ("I want to talk to a human", "en"),
    ("Passez-moi un conseiller svp", "fr"),
    ("Quiero hablar con una persona", "es"),
]


@pytest.mark.parametrize(("words", "language"), ASKING)
async def test_the_customer_is_told_at_once_and_the_truth(
    tmp_path: Path, outage: Callable[[bool], None], words: str, language: c.Language
) -> None:
    """A person is asked for; no place in the queue is named, since nobody knows it."""
    async with shop(tmp_path) as at:
        outage(True)
        result = await at.desk.say(words, locale=language)
        outage(False)
    assert result.status == "handed_over"
    assert result.escalation is not None
    assert (result.language, result.escalation.position) == (language, 0)
    assert "queue" not in result.reply
    assert "1" not in result.reply.split(".")[0]


async def test_the_case_and_its_ticket_follow_once(tmp_path: Path, outage: Callable[[bool], None]) -> None:
    """First the store comes back, then the helpdesk; nobody does anything."""
    async with shop(tmp_path) as at:
        outage(True)
        result = await at.desk.say("get me a human")
        outage(False)
        at.helpdesk.up = True
        (case,) = await at.filed()
    assert result.escalation is not None
    assert case.id == result.escalation.id
    assert at.helpdesk.tickets == [case.id]


async def test_what_the_conversation_knew_is_kept(tmp_path: Path, outage: Callable[[bool], None]) -> None:
    """The words said before are remembered, and the bot is silent from then on."""
    async with shop(tmp_path) as at:
        await at.desk.say("lovely shop", customer=CUSTOMER)
        outage(True)
        await at.desk.say("a person please")
        outage(False)
        at.helpdesk.up = True
        await at.filed()
        after = await at.desk.say("are you there?")
        state = await at.store.load("c-1")
    assert after.status == "with_person"
    assert state.customer == CUSTOMER
    assert [said.text for said in state.history if said.who == "customer"][:2] == [
        "lovely shop",
        "a person please",
    ]


async def test_who_asks_twice_has_one_case(tmp_path: Path, outage: Callable[[bool], None]) -> None:
    """Once before the outage, twice in it."""
    async with shop(tmp_path) as at:
        at.helpdesk.up = True
        first = await at.desk.say("a human please")
        outage(True)
        await at.desk.say("HUMAN!!")
        again = asyncio.create_task(at.desk.say("hello? a human!"))
        outage(False)
        await again
        last = await at.desk.say("anybody?")
        waiting = await at.filed()
    assert first.escalation is not None
    assert [case.id for case in waiting] == [first.escalation.id]
    assert at.helpdesk.tickets == [first.escalation.id]
    assert last.status == "with_person"


ENGINE = (c.SCREEN, c.CLASSIFY, c.RETRIEVE, c.ASSESS, c.WRITE, c.JUDGE)


@pytest.mark.parametrize("down", [(), ENGINE])
async def test_a_danger_is_told_of_whatever_is_down(
    tmp_path: Path, outage: Callable[[bool], None], down: tuple[Any, ...]
) -> None:
    """What to do is said at once, with no store and no model; the case is raised when it can be."""
    bus = MemoryBus(backoff=(0.01,) * 5, drain_seconds=0.05)
    async with running(tmp_path, dict.fromkeys(down, broken), bus=bus) as desk:
        await desk.say("I want to talk to a human")
        outage(True)
        result = await desk.say("the stove exploded, my hand is burnt")
        outage(False)
        await desk.say("anybody?")
        case = await desk.service.steps.store.case_of("c-1")
        new = await desk.say("the stove exploded, my hand is burnt", "c-2")
    assert "emergency services" in result.reply
    assert case is not None
    assert (case.priority, case.reasons) == ("urgent", ("asked_for_person", "safety"))
    assert new.escalation is not None
    assert (new.escalation.reason, new.escalation.priority) == ("safety", "urgent")


async def test_a_killed_process_changes_nothing(tmp_path: Path, outage: Callable[[bool], None]) -> None:
    """It dies after the reply, with the store still down: the next one opens case and ticket, once."""
    bus = MemoryBus(backoff=(0.01,) * 5, drain_seconds=0.05)
    async with shop(tmp_path, bus) as at:
        outage(True)
        result = await at.desk.say("get me a human")
    outage(False)
    async with shop(tmp_path, bus) as at:
        at.helpdesk.up = True
        (case,) = await at.filed()
        state = await at.store.load("c-1")
    assert result.escalation is not None
    assert case.id == state.hand_over_id == result.escalation.id
    assert at.helpdesk.tickets == [case.id]


async def test_a_helpdesk_that_was_down_all_night_gets_the_ticket(tmp_path: Path) -> None:
    """The tries of its event are over by then, it lies with the dead letters: the queue still has it."""
    async with shop(tmp_path) as at:
        await at.desk.say("get me a human")
        await at.given_up()
        at.helpdesk.up = True
        desk: Any = at.helpdesk
        async with kept_filed(at.store, desk), kept_filed(at.store, desk):
            (case,) = await at.filed()
    assert at.helpdesk.tickets == [case.id]


async def test_any_other_message_waits_for_the_store(tmp_path: Path, outage: Callable[[bool], None]) -> None:
    """Who is not asking for a person is answered when the conversation can be read again."""
    async with shop(tmp_path) as at:
        outage(True)
        answer = asyncio.create_task(at.desk.say("lovely shop"))
        await asyncio.sleep(0)
        outage(False)
        result = await answer
    assert result.status == "answered"


async def test_who_is_hurt_and_asks_for_a_person_is_an_urgent_case(tmp_path: Path) -> None:
    """What else the words say decides priority and queue: asking is the least of the reasons."""
    async with shop(tmp_path) as at:
        result = await at.desk.say("The stove exploded and burned my hand. Get me a human!")
        plain = await at.desk.say("Get me a human!", "c-2")
    assert result.escalation is not None
    assert (result.escalation.reason, result.escalation.priority) == ("safety", "urgent")
    assert plain.escalation is not None
    assert plain.escalation.reason == "asked_for_person"
    assert result.intent == plain.intent == c.Intent.ESCALATION_REQUEST


async def test_a_bug_in_what_makes_the_note_good_costs_nobody_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case is opened with the customer's words and what is known; the ticket has them too."""

    def bug(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr("conversation.hand_over.requesting.person_ask", bug)
    async with shop(tmp_path) as at:
        result = await at.desk.say("get me a human")
        at.helpdesk.up = True
        (case,) = await at.filed()
    assert result.status == "handed_over"
    assert at.helpdesk.tickets == [case.id]


@pytest.mark.parametrize("bare", [False, True])
async def test_erased_while_a_person_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare: bool
) -> None:
    """No case and no ticket come behind the erasure's back, with or without all that is known."""
    opened = SqliteStore.open_hand_over

    async def erased_first(store: SqliteStore, hand_over: c.HandOver) -> c.HandOver:
        await store.erase(["c-1"])
        return await opened(store, hand_over)

    def bug(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(SqliteStore, "open_hand_over", erased_first)
    monkeypatch.setattr("agents.escalation.hand_over_of", lambda ask, now: hand_over_of(ask, now=now + 1e10))
    if bare:
        monkeypatch.setattr("conversation.hand_over.requesting.person_ask", bug)
    async with shop(tmp_path) as at:
        at.helpdesk.up = True
        clock: Any = at.desk.service.steps.clock
        clock.at = 1000.0
        await at.desk.say("get me a human")
        assert list(await at.store.held(["c-1"])) == []
        assert (list(await at.store.waiting()), at.helpdesk.tickets) == ([], [])
