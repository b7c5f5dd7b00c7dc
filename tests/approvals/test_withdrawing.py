"""A request is void by words about itself alone: what only sounds like it may be the reason for the wish."""

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from conversation.hand_over.deciding import may_withdraw, withdraws
from gateway.casework import Casework
from shared import contracts as c
from tests.approvals.test_deciding import EMMA, NOW, scene

CLEAR = (
    "Cancel my request",
    "No, please cancel my request.",
    "could you please withdraw my refund request",
    "I'd like to take back my request for a refund, thanks",
    "Annulez ma demande, s'il vous plaît",
    "je retire ma demande de remboursement",
    "Je voudrais annuler ma demande",
    "cancelen mi solicitud",
    "Quiero retirar mi solicitud de reembolso, gracias",
)
UNSURE = (
    "never mind, I'll keep it",
    "I no longer want the tent",
    "please don't cancel my request",
    "why did you cancel my request",
    "how do I cancel my request?",
    "you can cancel the request if it helps",
    "if it takes longer than a week, cancel my request",
    "Je ne veux pas annuler ma demande",
    "laissez tomber",
    "no cancelen mi solicitud",
    "ya no lo quiero",
)
REASONS = (
    "I no longer want the tent, please just refund me",
    "It was a gift and I changed my mind about the colour, that is why I want the refund",
    "Don't bother calling me, just send the money back",
    "Je n'en ai plus besoin, remboursez-moi",
    "Ya no lo quiero, por eso pido el reembolso",
    "Never mind the delay, thank you for looking into my refund",
    "We don't want it anymore, that's why we asked for a refund",
    "cancel my exchange request and refund me instead",
    "j'ai changé d'avis, je veux renvoyer la tente",
)


@pytest.mark.parametrize("text", CLEAR)
def test_words_about_the_request_take_it_back(text: str) -> None:
    """Said outright, in three languages."""
    assert withdraws(text)


@pytest.mark.parametrize("text", UNSURE)
def test_what_may_mean_it_is_asked_about(text: str) -> None:
    """Nothing is void by it."""
    assert (withdraws(text), may_withdraw(text)) == (False, True)


@pytest.mark.parametrize("text", REASONS)
def test_a_reason_for_a_refund_does_not_void_it(text: str) -> None:
    """Who no longer wants a thing wants the money."""
    assert (withdraws(text), may_withdraw(text)) == (False, False)


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_the_words_that_customers_are_given_are_understood(language: str) -> None:
    """What they are told to write works."""
    file = resources.files("shared.adapters.embedded") / "replies" / f"{language}.toml"
    said = tomllib.loads(file.read_text("utf-8"))["with_person.still_asked"]["say"]
    for sentences in said:
        (words,) = re.findall('[«"“](.+?)[»"”]', " ".join(sentences))
        assert withdraws(words)


async def test_who_takes_the_wish_back_is_not_refunded_after_all(tmp_path: Path) -> None:
    """The request is void, staff are told so, the customer too; the case stays for what else they said."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        asked = await at.talk.says("never mind, I'll keep it")
        assert (asked.status, "cancel my request" in asked.reply) == ("with_person", True)
        assert await at.staff.open() == [waiting]
        told = await at.talk.says("Cancel my request, please")
        assert (told.status, "request" in told.reply) == ("with_person", True)
        lost = await at.staff.decide(waiting.id, EMMA, "approve")
        assert isinstance(lost, c.DecisionLost)
        assert (lost.why, at.talk.actions, await at.phase()) == ("void", [], "waiting")
        at.talk.clock.at += 5
        later = await at.talk.says("never mind")
        assert "request" not in later.reply


async def test_the_person_who_has_the_case_reads_it(tmp_path: Path) -> None:
    """Nothing is void behind their back: they answer, and decide."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        await Casework(at.cases, at.talk.desk.bus, now=lambda: NOW + 1).claim(waiting.asked.case_id, EMMA)
        await at.lines()
        told = await at.talk.says("cancel my request")
        assert (told.status, told.reply) == ("with_person", "")
        assert await at.staff.open() == [waiting]


async def test_it_is_taken_back_after_the_case_was_closed(tmp_path: Path) -> None:
    """The request outlives the case, and so does the right to take it back."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        await Casework(at.cases, at.talk.desk.bus, now=lambda: NOW - 1).close(waiting.asked.case_id, EMMA)
        await at.lines()
        told = await at.talk.says("cancel my request")
        assert (told.status, "request" in told.reply, "case" in told.reply) == ("answered", True, False)
        assert await at.staff.open() == []
