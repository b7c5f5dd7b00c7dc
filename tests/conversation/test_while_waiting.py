"""What is written only because a person is awaited is answered as such; all else is kept for the person."""

import pytest

from conversation.words.while_waiting import only_waits
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


async def test_who_waits_is_answered(day: Shop) -> None:
    """How it stands and until when, to who asks; that the place is kept, to who is polite."""
    await day.say("I want to talk to a person")
    for asked in ("hello?", "???", "how long still?"):
        said = await day.say(asked)
        assert ("taken your case" in said, " 1" in said, "Eastern time" in said) == (True, True, True)
    for polite in ("ok", "thanks"):
        said = await day.say(polite)
        assert ("queue" in said, "added your message" in said) == (True, False)
