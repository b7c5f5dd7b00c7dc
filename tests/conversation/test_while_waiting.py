"""What is written only because a person is awaited is answered as such; all else is kept for the person."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from conversation.words.agreeing import wishes_deed
from conversation.words.while_waiting import only_waits
from shared import contracts as c
from shared.errors import ModelRefused
from tests.conversation.desk import USAGE, Answering, ids, running, understood
from tests.conversation.test_context import returns_page
from tests.routing.test_customers import Shop, day

__all__ = ["day"]

THERE = (
    "hello?", "???", "...", "how long still?", "How much longer??", "anyone there?", "are you still there",
    "is anybody going to answer me today?", "when will someone help me", "still waiting...", "any news?",
    "encore combien de temps ?", "il y a quelqu'un ?", "quand est-ce qu'un conseiller va me répondre ?",
    "c'est long...", "¿cuánto falta?", "¿hay alguien ahí?", "sigo esperando", "¿cuándo me van a atender?",
)  # fmt: skip
THANKS = ("thanks", "ok thanks", "thank you so much", "merci beaucoup", "muchas gracias", "bye")
STAYS = ("ok", "yes", "great", "👍", "d'accord", "vale")
OTHER = (
    "what is your return window?", "how long does shipping take?", "when will my order arrive?",
    "any news on my order?", "I'm waiting for my refund", "how long is the warranty", "when do you open?",
    "quand est-ce que mon colis arrive ?", "j'attends mon remboursement", "¿cuánto tarda el envío?",
    "¿cuándo llega mi pedido?", "cancel my order 1002 meanwhile", "My tent pole is bent.",
    "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "heard"),
    [(t, "there") for t in THERE] + [(t, "thanks") for t in THANKS] + [(t, "stays") for t in STAYS]
    + [(t, "") for t in OTHER],
)  # fmt: skip
def test_what_is_heard(text: str, heard: str) -> None:
    """The whole message is about the wait, or polite; or there is something in it to be read."""
    assert only_waits(text) == heard


WISHES = (
    "cancel my order 1002 meanwhile", "in the meantime cancel my order 1002", "could you cancel my order?",
    "refund me", "annulez ma commande 1002 en attendant", "cancele mi pedido 1002 mientras tanto",
    "quiero devolverlo",
)  # fmt: skip
NO_WISHES = (
    "can I return it?", "I returned it already last week", "what is your refund policy?", "how do I cancel?",
    "the return label is missing", "don't cancel my order", "my address is 12 Elm", "¿puedo devolverlo?",
)  # fmt: skip


@pytest.mark.parametrize(("text", "wished"), [(t, True) for t in WISHES] + [(t, False) for t in NO_WISHES])
def test_what_is_wished_for(text: str, wished: bool) -> None:
    """What is to be done to an order, which nobody does while a person is awaited."""
    assert wishes_deed(text) is wished


async def test_a_wish_is_not_said_to_be_done(day: Shop) -> None:
    """Who reads that it was added to the case must not believe that the order is cancelled."""
    await day.say("I want to talk to a person")
    said = await day.say("cancel my order 1002 meanwhile")
    assert ("nothing has been" in said, " 1" in said) == (True, True)


async def test_a_question_is_answered_and_the_place_kept(tmp_path: Path) -> None:
    """From the knowledge base, with its source; what would do, ask or hand over is left to the person."""
    asked = understood("SHIPPING_ESTIMATE")
    async with running(tmp_path, {c.CLASSIFY: asked, c.RETRIEVE: returns_page}) as desk:
        await desk.say("I want to talk to a person")
        waiting = (await desk.say("hello?")).state
        said = await desk.say("what is your return window?")
        assert ("30 days" in said.reply, "queue" in said.reply, bool(said.citations)) == (True, True, True)
        assert (said.status, said.escalation, said.actions) == ("with_person", None, ())
        assert waiting is not None
        assert said.state is not None
        assert said.state.hand_over_id == waiting.hand_over_id
    rest = (c.Need(intent=c.Intent("SHIPPING_ESTIMATE"), confidence=0.6),)
    leaning = understood("ESCALATION_REQUEST", 0.7, alternatives=rest)  # by what was said before
    async with running(tmp_path, {c.CLASSIFY: leaning, c.RETRIEVE: returns_page}) as desk:
        await desk.say("I want to talk to a person")
        assert "30 days" in (await desk.say("what is your return window?")).reply
    async with running(tmp_path, {c.CLASSIFY: understood("ORDER_STATUS")}) as desk:
        left = await desk.say("can you check where my parcel went?")
        assert (left.status, "your message" in left.reply, left.citations) == ("with_person", True, ())
        assert desk.count(c.RequestPerson) == 0


def _dear(answering: Answering, usd: float) -> Answering:
    """The same answer of a model that costs so much."""

    async def answer(ask: Any) -> Any:
        found = await answering(ask)
        taken = c.Usage(engine="openai", model="dear", output_tokens=7, cost_usd=usd, tier="main")
        return structs.replace(found, usage=taken, tried=(structs.replace(taken, tier="fallback"),))

    return answer


async def _refusing(ask: c.JudgeReply) -> c.ReplyJudged:
    found = c.Finding(rule="output.unsupported", span="", remedy="say it otherwise")
    return c.ReplyJudged(**ids(ask), findings=(found,), usage=USAGE)


async def _no_answer(ask: c.Message) -> c.Message:
    raise ModelRefused("nothing")


@pytest.mark.parametrize(
    ("intent", "answers"),
    [
        ("ORDER_STATUS", {}),  # what would ask or do is left to the person
        ("SHIPPING_ESTIMATE", {c.RETRIEVE: returns_page, c.JUDGE: _dear(_refusing, 0.0)}),
        ("SHIPPING_ESTIMATE", {c.RETRIEVE: returns_page, c.JUDGE: _no_answer}),
        ("SHIPPING_ESTIMATE", {c.RETRIEVE: returns_page}),  # and one that is answered, once
    ],
)
async def test_a_reading_that_nothing_comes_of_was_paid(
    tmp_path: Path, intent: str, answers: dict[Any, Answering]
) -> None:
    """Whatever came of it: the result, and so ledger, budget and trace, has each call once."""
    async with running(tmp_path, {c.CLASSIFY: _dear(understood(intent), 0.25), **answers}) as desk:
        await desk.say("I want to talk to a person")
        said = await desk.say("what is your return window?")
        later = await desk.say("hello?")
    assert said.status == "with_person"
    assert [usage.cost_usd for usage in said.usages].count(0.25) == 2
    assert later.state is not None
    assert later.state.nano_usd_used == 500_000_000
    assert later.usages == ()


async def test_who_waits_is_answered(day: Shop) -> None:
    """How it stands and until when, to who asks; that the place is kept, to who is polite."""
    await day.say("I want to talk to a person")
    for asked in ("hello?", "???", "how long still?"):
        said = await day.say(asked)
        assert ("taken your case" in said, " 1" in said, "Eastern time" in said) == (True, True, True)
    for polite in ("ok", "thanks"):
        said = await day.say(polite)
        assert ("queue" in said, "added your message" in said) == (True, False)
