"""An emergency that is told while a person is awaited, or has the case, raises it: once, and never lower."""

import pytest
from msgspec import structs

from shared import cases
from shared import contracts as c
from shared.errors import NotNow
from shared.routing.queues import routing
from tests.cases.examples import EMMA, opened
from tests.routing.test_customers import PHONE, Shop, day

__all__ = ["day"]

BURNT = "the stove exploded, my hand is burnt"
WAITING = cases.opened(opened())
SAFETY = c.CaseRaised(
    at=500.0, reason="safety", queue="safety", priority="urgent", due_at=600.0, turn_id="t-2"
)


def raised(reason: str, priority: c.Priority, due_at: float) -> c.CaseRaised:
    return structs.replace(SAFETY, reason=reason, queue=reason, priority=priority, due_at=due_at)


def test_the_fold_raises_and_never_lowers() -> None:
    """A lesser reason is noted and moves nothing down; the same reason again is refused."""
    urgent = cases.after(WAITING, SAFETY)
    assert (urgent.queue, urgent.priority, urgent.due_at) == ("safety", "urgent", 600.0)
    more = cases.after(urgent, raised("legal_threat", "high", 9_000.0))
    assert (more.queue, more.priority, more.due_at) == ("safety", "urgent", 600.0)
    assert more.reasons == ("asked_for_person", "safety", "legal_threat")
    with pytest.raises(NotNow, match="raised for safety already"):
        cases.after(more, SAFETY)
    with pytest.raises(NotNow, match="already"):
        cases.after(WAITING, raised("asked_for_person", "urgent", 1.0))


def test_an_answer_is_due_anew_once_a_person_has_answered() -> None:
    """Before, never later than it was; and who hears of danger leaves it to staff to end the case."""
    late = cases.after(WAITING, raised("fraud", "high", WAITING.due_at + 1))
    assert (late.due_at, cases.may_leave(late), cases.may_leave(WAITING)) == (WAITING.due_at, False, True)
    claimed = cases.after(WAITING, c.CaseClaimed(at=1.0, by=EMMA.actor, name="Emma", turn_id="s-1"))
    spoke = c.StaffSpoke(at=2.0, by=EMMA.actor, name="Emma", text="Hello", turn_id="s-2")
    answered = cases.after(claimed, spoke)
    assert not cases.answer_due(answered)
    again = cases.after(answered, structs.replace(SAFETY, due_at=WAITING.due_at + 99))
    assert (cases.answer_due(again), again.due_at, again.owner) == (True, WAITING.due_at + 99, EMMA.actor)
    assert not cases.answer_due(cases.after(again, structs.replace(spoke, at=501.0, turn_id="s-3")))


async def events(day: Shop) -> list[c.CaseRaised]:
    found = [each.event for each in await day.cases.events("c-1")]
    return [event for event in found if isinstance(event, c.CaseRaised)]


@pytest.mark.parametrize(
    ("language", "ask", "told", "says"),
    [
        ("en", "I want to talk to a person", BURNT, "local emergency services"),
        ("fr", "je veux parler à un conseiller", "le réchaud a explosé", "services d'urgence"),
        ("es", "quiero hablar con una persona", "la estufa explotó", "servicios de emergencia"),
    ],
)
async def test_told_while_waiting(day: Shop, language: c.Language, ask: str, told: str, says: str) -> None:
    """Priority, queue and due time change at once, the customer hears what to do; said twice it is one."""
    await day.say(ask, locale=language)
    before = await day.case()
    async with day.desk.bus.watch() as arriving:
        said = await day.desk.say(told, locale=language)
        async for news in arriving:
            if isinstance(news, c.CaseChanged):
                break
    assert (news.kind, news.by) == ("CaseRaised", "customer")
    case = await day.case()
    due = routing().queue("safety").due_at("urgent", said.accepted_at)
    assert (case.id, case.priority, case.queue, case.due_at) == (before.id, "urgent", "safety", due)
    assert (said.status, said.escalation) == ("with_person", None)
    assert (says in said.reply, " 1" in said.reply) == (True, True)
    again = await day.desk.say(told, locale=language)
    assert says in again.reply  # whoever may be in danger hears it each time
    assert [each.reason for each in await events(day)] == ["safety"]


@pytest.mark.parametrize(
    ("told", "reason", "says"),
    [
        ("my lawyer will sue you", "legal_threat", "such matters"),
        ("someone used my card in your shop, this is fraud", "fraud", "check"),
        ("my mother passed away", "hardship", "sorry"),
    ],
)
async def test_what_else_cannot_wait(day: Shop, told: str, reason: str, says: str) -> None:
    """To the queue of who handles that; told again it is added to the case in plain words."""
    await day.say("I want to talk to a person")
    assert says in await day.say(told)
    case = await day.case()
    assert (case.priority, case.queue) == ("high", routing().route(reason)[1].name)
    assert "your message" in await day.say(told)
    assert [each.reason for each in await events(day)] == [reason]


async def test_who_wants_to_die_hears_whom_to_call(day: Shop) -> None:
    """As an urgent case with words of its own, said each time: no word of a product."""
    first = await day.say("i want to kill myself")
    case = await day.case()
    assert (case.priority, case.queue, case.reasons) == ("urgent", "safety", ("self_harm",))
    again = await day.say("I just want to be dead")
    for said in (first, again):
        assert all(number in said for number in ("988", "112")), said
        assert "product" not in said


async def test_somebody_waiting_wants_to_die(day: Shop) -> None:
    """The case is raised, and the reply is in the customer's language with its line first."""
    await day.say("je veux parler à un conseiller", locale="fr")
    said = await day.say("je veux mourir", locale="fr")
    assert said.index("3114") < said.index("988")
    assert [each.reason for each in await events(day)] == ["self_harm"]


async def test_a_person_who_has_it_keeps_it_and_the_bot_is_silent(day: Shop) -> None:
    """The case is raised all the same, for staff."""
    await day.say("I want to talk to a person")
    case = await day.case()
    claimed = c.CaseClaimed(at=day.clock.at, by="staff:m-ana", name="Ana", turn_id="s-1")
    await day.cases.append(case.id, claimed)
    day.desk.asked.clear()
    await day.say("what is your return policy?")
    said = await day.desk.say(BURNT)
    case = await day.case()
    assert day.desk.asked == []
    assert (said.status, said.reply) == ("with_person", "")
    assert (case.phase, case.owner, case.priority) == ("person", "staff:m-ana", "urgent")


async def test_delivered_again_in_another_burst(day: Shop) -> None:
    """A worker died before the result was stored: the same words are said, and the case is raised once."""
    await day.say("I want to talk to a person")
    told, more = (
        c.TurnAccepted(conversation_id="c-1", turn_id=name, text=text, accepted_at=day.clock.at)
        for name, text in (("t-8", BURNT), ("t-9", "please hurry"))
    )
    (once,) = await day.desk.service.answer([told])
    results = await day.desk.service.answer([told, more])
    assert "as urgent" in once.reply or "urgent case" in once.reply
    assert "urgent" in results[-1].reply
    assert [each.turn_id for each in await events(day)] == ["t-8"]


async def test_who_gives_up_because_of_it_does_not_end_the_case(day: Shop) -> None:
    """A "never mind" beside a bereavement closes nothing; a call that is wished for is still noted."""
    await day.say("I want to talk to a person")
    await day.say(f"my mother passed away. call me back on {PHONE}")
    case = await day.case()
    assert (case.phase, case.queue, case.contact is not None) == ("waiting", "care", True)
    await day.say("never mind, my brother died, too")
    assert (await day.case()).phase == "waiting"
    await day.say(BURNT)
    assert "a person still looks at it" in await day.say("never mind") or (await day.case()).open
