"""Who waits for a person and needs none any more leaves the queue, in words, once."""

import pytest
from msgspec import structs

from shared import contracts as c
from shared.adapters.embedded.risk import open_risk_watch
from shared.hand_over import hand_over_of
from shared.ports import TaskFilter
from tests.routing.test_customers import PHONE, Shop, day

__all__ = ["day"]

WATCH = open_risk_watch()
PLAIN = (
    "never mind", "nevr mind, thanks", "I don't need a person any more", "cancel that, I found it", "nvm",
    "actually I no longer need an agent", "please take me out of the queue",
    "can you cancel my place in the queue?", "It's sorted now, you can cancel", "forget it, I found it",
    "laissez tomber", "laisez tomber svp", "finalement je n'ai plus besoin d'un conseiller",
    "c'est bon, j'ai trouvé la réponse, laissez tomber", "annulez, j'ai trouvé",
    "sortez-moi de la file d'attente", "ce n'est plus la peine, merci", "ya no hace falta",
    "déjelo, ya lo encontré", "ya no necesito hablar con una persona", "olvidelo porfa",
    "cancelen, ya lo resolví", "sáquenme de la cola", "no se preocupe, ya está resuelto",
)  # fmt: skip
UNSURE = (
    "cancel", "cancel that", "I found it", "stop", "I changed my mind", "I have to go", "annulez",
    "j'ai changé d'avis", "j'ai trouvé", "cancelar", "ya lo encontré", "tengo que irme",
    "never mind, my order 1001 is still missing",
)  # fmt: skip
OTHER = (
    "where is my order?", "never mind the delay, where is my order?", "cancel my order", "cancel the call",
    "annulez ma commande", "cancelen mi pedido", "thanks", "ok", "no", "merci", "gracias", "yes please",
    "I don't need this jacket anymore", "je n'ai plus besoin de cette veste", "ya no necesito la chaqueta",
    "I want to talk to a human", "forget the bot, get me a human", "stop sending me emails", "hello?",
    "I don't want to wait any longer, get me someone now", "I need an agent, not a bot", "no me llamen",
    "I found a defect in it", "j'ai trouvé un défaut sur la veste", "I got the wrong size", "don't worry",
    "you don't need my address", "how long do I still have to wait?", "never mind " * 20,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "heard"),
    [(t, "plainly") for t in PLAIN] + [(t, "perhaps") for t in UNSURE] + [(t, "no") for t in OTHER],
)
def test_what_is_heard(text: str, heard: str) -> None:
    """The whole message says so, or may mean it, or is about something else."""
    assert WATCH.leaves_queue(text) == heard


def turn(text: str, turn_id: str, at: float) -> c.TurnAccepted:
    """As the bus delivers it, maybe again."""
    return c.TurnAccepted(conversation_id="c-1", turn_id=turn_id, text=text, accepted_at=at)


@pytest.mark.parametrize(
    ("language", "ask", "leave", "says"),
    [
        ("en", "I want to talk to a person", "never mind, I found it", "ask for a person again"),
        ("fr", "je veux parler à un conseiller", "laissez tomber", "conseiller"),
        ("es", "quiero hablar con una persona", "ya no hace falta", "persona"),
    ],
)
async def test_who_leaves_is_told_and_the_bot_goes_on(
    day: Shop, language: c.Language, ask: str, leave: str, says: str
) -> None:
    """The case is closed, nobody is told twice, and asking for a person again opens another."""
    await day.say(ask, locale=language)
    first = await day.case()
    left = await day.desk.say(leave, locale=language)
    assert (left.status, says in left.reply) == ("answered", True)
    closed = await day.case()
    assert (closed.phase, closed.ended_at) == ("closed", left.accepted_at)
    assert await day.cases.untold(before=day.clock.at + 60) == []
    assert (await day.desk.say("Lovely tent!", locale=language)).status == "answered"
    day.clock.at += 5
    assert (await day.desk.say(ask, locale=language)).status == "handed_over"
    second = await day.case()
    assert (second.phase, second.id == first.id) == ("waiting", False)


@pytest.mark.parametrize("words", [("never mind",), ("cancel", "yes")])
async def test_delivered_again_it_gives_the_same(day: Shop, words: tuple[str, ...]) -> None:
    """A worker died before the result was stored; by then another message may have joined the burst."""
    await day.say("I want to talk to a person")
    *before, last = words
    for text in before:
        assert "queue?" in await day.say(text)
    again = turn(last, "t-9", day.clock.at)
    (once,) = await day.desk.service.answer([again])
    results = await day.desk.service.answer([again, turn("Lovely tent!", "t-10", day.clock.at)])
    assert [each.turn_id for each in results] == ["t-9", "t-10"]
    assert (results[0].reply, results[0].answered_with) == (once.reply, "")
    assert "no longer in the queue" in once.reply or "given up" in once.reply
    assert results[1].answered_with == ""
    events = [each.event for each in await day.cases.events("c-1")]
    assert sum(isinstance(event, c.CaseClosed) for event in events) == 1


async def test_a_no_to_our_question_keeps_the_place(day: Shop) -> None:
    """And a yes that comes later is a yes to nothing."""
    await day.say("I want to talk to a person")
    assert "queue?" in await day.say("cancel")
    assert "person on our team answers you" in await day.say("no")
    assert "queue?" in await day.say("stop")
    await day.say("My tent pole is bent.")
    await day.say("yes")
    assert (await day.case()).phase == "waiting"


@pytest.mark.parametrize(("reason", "priority"), [("legal_threat", "high"), ("other", "urgent")])
async def test_what_is_for_staff_to_judge_stays(day: Shop, reason: str, priority: c.Priority) -> None:
    """They hear so, honestly."""
    asked = c.RequestPerson(
        conversation_id="c-1", turn_id="t-0", step_id="t-0.person", hand_over_id="h-1", reason=reason,
        accepted_at=day.clock.at, language="en", intent=c.Intent.COMPLAINT, text="I will sue", history=(),
    )  # fmt: skip
    given = structs.replace(hand_over_of(asked, now=day.clock.at), priority=priority)
    await day.desk.service.steps.store.open_hand_over(given)
    said = await day.desk.say("never mind")
    assert (said.status, "person" in said.reply) == ("with_person", True)
    assert (await day.case()).phase == "waiting"


async def test_who_has_the_case_reads_it(day: Shop) -> None:
    """The bot is silent; they decide."""
    await day.say("I want to talk to a person")
    case = await day.case()
    claimed = c.CaseClaimed(at=day.clock.at, by="staff:m-ana", name="Ana", turn_id="s-1")
    await day.cases.append(case.id, claimed)
    said = await day.desk.say("never mind")
    assert (said.status, said.reply, (await day.case()).phase) == ("with_person", "", "person")


async def test_nobody_calls_who_has_left(day: Shop) -> None:
    """The call that was promised is cancelled with the place; the consoles hear of both."""
    await day.say("I want to talk to a person")
    await day.say(f"call me back on {PHONE}")
    async with day.desk.bus.watch() as arriving:
        await day.say("never mind")
        async for news in arriving:
            if isinstance(news, c.CaseChanged):
                break
    assert (news.kind, news.by) == ("CaseClosed", "customer")
    tasks = day.desk.service.steps.tasks
    assert tasks is not None
    assert [each.status for each in await tasks.page(TaskFilter(status=None))] == ["cancelled"]
