"""What who waits is told and may choose, as a support lead would read it in the transcript."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared import contracts as c
from shared.adapters.sqlite.cases import SqliteCases, open_cases
from shared.adapters.sqlite.duty import SqliteDuty, open_duty
from shared.adapters.sqlite.staff import open_staff
from shared.ports import StaffMember
from shared.routing.outlooks import Outlooks
from shared.routing.queues import routing
from tests.cases.examples import hand_over, opened
from tests.clock import Clock
from tests.conversation.desk import Desk, running
from tests.routing.test_calendar import eastern

PHONE = "TOKEN_11111111-2222-3333-4444-555555555555"
FRIDAY = eastern("2026-11-20T10:00")
SATURDAY_NIGHT = eastern("2026-11-21T22:00")


class Shop:
    """A running conversation beside the people who answer."""

    def __init__(self, desk: Desk, cases: SqliteCases, duty: SqliteDuty, clock: Clock) -> None:
        self.desk, self.cases, self.duty, self.clock = desk, cases, duty, clock

    async def ahead(self, count: int) -> None:
        """So many wait already."""
        for n in range(count):
            await self.cases.open(opened(hand_over(f"h-before-{n}", f"c-before-{n}", at=self.clock.at - 1)))

    async def working(self, cases: int = 0) -> None:
        """Ana is there, with so many cases in hand."""
        await self.duty.say("m-ana", "available", at=self.clock.at)
        for n in range(cases):
            case = await self.cases.open(opened(hand_over(f"h-ana-{n}", f"c-ana-{n}", at=self.clock.at - 60)))
            claimed = c.CaseClaimed(at=self.clock.at, by="staff:m-ana", name="Ana", turn_id=f"s-{n}")
            await self.cases.append(case.id, claimed)

    async def say(self, text: str, **fields: object) -> str:
        """What the desk answers."""
        return (await self.desk.say(text, **fields)).reply

    async def case(self) -> c.Case:
        """The customer's."""
        found = await self.cases.of("c-1")
        assert found is not None
        return found


@asynccontextmanager
async def shop(tmp_path: Path, at: float) -> AsyncIterator[Shop]:
    clock = Clock(at)
    async with (
        running(tmp_path, {}, clock) as desk,
        open_cases(tmp_path / "desk.db") as cases,
        open_staff(tmp_path / "staff.db") as staff,
        open_duty(tmp_path / "staff.db") as duty,
    ):
        await staff.begin_with([StaffMember(id="m-ana", name="Ana", role="agent")])
        steps = desk.service.steps
        object.__setattr__(steps, "outlooks", Outlooks(cases, duty, routing(), clock.now))
        yield Shop(desk, cases, duty, clock)


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Shop]:
    async with shop(tmp_path, FRIDAY) as found:
        yield found


async def test_who_is_handed_over_hears_place_and_wait(day: Shop) -> None:
    """From Ana's five cases in hand: a range, the due time, and another way."""
    await day.working(cases=5)
    await day.ahead(4)
    said = await day.say("I want to talk to a person")
    assert "5 to 15 minutes" in said
    assert "November 20 at 18:00 Eastern time" in said
    assert "call me back" in said


async def test_with_a_free_member_nothing_else_is_offered(day: Shop) -> None:
    """The wait is short."""
    await day.working()
    said = await day.say("I want to talk to a person")
    assert "within about 10 minutes" in said
    assert "call me back" not in said


async def test_with_nobody_there_no_minutes_are_told(day: Shop) -> None:
    """Only what is promised: the due time."""
    said = await day.say("I want to talk to a person")
    assert "minutes" not in said
    assert "November 20 at 18:00" in said
    assert "call me back" in said


@pytest.mark.parametrize(
    ("language", "ask", "opens", "offer"),
    [
        ("en", "I want to talk to a person", "November 23 at 08:00 Eastern time", "call me back"),
        ("fr", "je veux parler à un conseiller", "23 novembre à 8 h, heure de l'Est", "rappelez-moi"),
        ("es", "quiero hablar con una persona", "23 de noviembre a las 8:00, hora del Este", "llámenme"),
    ],
)
async def test_at_night_it_says_when_it_opens(
    tmp_path: Path, language: c.Language, ask: str, opens: str, offer: str
) -> None:
    """On Saturday night that is Monday morning."""
    async with shop(tmp_path, SATURDAY_NIGHT) as night:
        await night.working()
        said = (await night.say(ask, locale=language)).replace("\u00a0", " ")
        assert opens in said
        assert offer in said


async def test_a_call_back_is_asked_for_in_words(day: Shop) -> None:
    """The number is asked for once, kept as a token, and the chat goes on as before."""
    await day.say("I want to talk to a person")
    assert "phone number" in await day.say("Can you call me back instead?")
    assert (await day.case()).contact == c.ContactWish(channel="phone")
    said = await day.say(f"Sure, {PHONE}")
    assert "calls you" in said
    assert "November 20 at 18:00" in said
    assert (await day.case()).contact == c.ContactWish(channel="phone", value=PHONE)
    assert "call" not in await day.say("And the tent pole is bent.")
    kinds = [type(each.event).__name__ for each in await day.cases.events("c-1")]
    assert kinds == [
        "CaseOpened", "CustomerWrote", "ContactAsked", "CustomerWrote", "ContactAsked", "CustomerWrote",
    ]  # fmt: skip


async def test_who_says_it_at_once_is_not_asked_twice(day: Shop) -> None:
    """The message that asks for a person asks for the call, too."""
    said = await day.say(f"I'll get my lawyer to sue you. Please call me back on {PHONE}")
    assert "calls you" in said
    assert (await day.case()).contact == c.ContactWish(channel="phone", value=PHONE)
    assert "e-mail me instead" not in said


async def test_a_signed_in_customer_gets_an_e_mail_at_once(day: Shop) -> None:
    """Their account has an address; they may change their mind."""
    await day.say("I want to talk to a person", customer="TOKEN_9")
    assert "your account" in await day.say("e-mail me instead")
    assert (await day.case()).contact == c.ContactWish(channel="email", value="account")
    assert "here" in await day.say("No, I'd rather wait here")
    assert (await day.case()).contact is None


async def test_the_question_is_remembered_for_who_reads_the_answer(day: Shop) -> None:
    """Intake takes a bare number for a phone number only when it knows that one was asked for."""
    await day.say("I want to talk to a person")
    await day.say("call me back")
    state = await day.desk.service.steps.store.load("c-1")
    assert state is not None
    assert state.history[-1].who == "bot"
    assert "phone number" in state.history[-1].text


async def test_a_person_who_has_it_ends_the_asking(day: Shop) -> None:
    """The bot is silent then, whatever is wished for; staff read it."""
    await day.say("I want to talk to a person")
    case = await day.case()
    claimed = c.CaseClaimed(at=day.clock.at, by="staff:m-ana", name="Ana", turn_id="s-9")
    await day.cases.append(case.id, claimed)
    assert await day.say("call me back") == ""
    assert (await day.case()).contact is None
