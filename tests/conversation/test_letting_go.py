"""Who lets a matter go is left in peace: nothing asked again, looked up, counted or handed over."""

from pathlib import Path

import pytest
from msgspec import structs

from conversation.words.agreeing import answer_to
from conversation.words.letting_go import lets_go
from conversation.words.taking_back import takes_back
from shared import contracts as c
from tests.conversation.desk import running, understood
from tests.conversation.test_few_words import goals

PLAINLY = [
    "laisse tomber", "olvídalo", "actually never mind", "forget it", "oubliez", "nvm", "tant pis",
    "nada, gracias", "nothing, thanks", "non rien, merci",
    "déjelo así", "laissez tomber, merci",
    "oh never mind then, sorry", "Don't worry about it, thank you",
    "c'est pas la peine finalement", "laisse, c'est bon", "bueno, déjalo", "no se preocupe, muchas gracias",
]  # fmt: skip
INDIFFERENT = [
    "doesn't matter, thanks", "no importa", "bah, pas grave", "rien", "nothing",
    "peu importe, bonne journée", "da igual, gracias", "no, nada más",
]  # fmt: skip
SAYS_MORE = [
    "never mind the colour, where is it?", "forget the tent, I want the stove", "no importa el color",
    "laissez le colis chez le voisin", "nothing arrived", "rien reçu", "déjà", "never mind?", "no", "thanks",
    "olvidad mi pedido", "never mind the jacket", "actually forget it, what does express cost?",
    "leave it with my neighbour", "déjelo con el portero", "leave it there", "drop it off at noon",
]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "how"), [(PLAINLY, "plainly"), (INDIFFERENT, "indifferent"), (SAYS_MORE, "")]
)
def test_the_whole_message_lets_go_or_none_of_it(texts: list[str], how: str) -> None:
    """In three languages; what names something else is about that."""
    assert {text: lets_go(text) for text in texts} == dict.fromkeys(texts, how)


async def test_after_an_answer_it_is_a_parting_whatever_an_engine_makes_of_it(tmp_path: Path) -> None:
    """No gap, no contact, no person for the "ok" after it."""
    said = {"laisse tomber": "let_go", "nothing, thanks": "thanks", "no importa, adiós": "goodbye"}
    for intent in ("ORDER_STATUS", "GENERAL_INQUIRY"):
        (tmp_path / intent).mkdir()
        says = understood("FEEDBACK")

        async def classify(ask: c.ClassifyIntent, intent: str = intent) -> c.IntentClassified:
            need = c.Need(intent=c.Intent(intent if ask.text in said else "FEEDBACK"), confidence=0.99)
            return structs.replace(await says(ask), needs=(need,))  # noqa: B023 awaited in this round

        async with running(tmp_path / intent, {c.CLASSIFY: classify}) as desk:
            for n, (text, goal) in enumerate(said.items()):
                await desk.say("I love the tent I bought", f"c-{n}")
                result = await desk.say(text, f"c-{n}")
                assert (goals(result, desk), result.status, result.gap) == ([goal], "answered", False), text
                assert result.state is not None
                assert not result.state.contacts
                assert (await desk.say("ok", f"c-{n}")).status == "answered"


@pytest.mark.parametrize("text", ["never mind", "oubliez", "olvídalo", "nothing, thanks"])
async def test_a_question_of_ours_is_dropped(tmp_path: Path, text: str) -> None:
    """With what was being asked, so the next message begins anew."""
    async with running(tmp_path, {c.CLASSIFY: understood("RETURN_REQUEST")}) as desk:
        asked = await desk.say("I want to send it back", customer="TOKEN_c")
        result = await desk.say(text)
    assert asked.state is not None
    assert asked.state.open_slot == "order_number"
    assert (goals(result, desk), result.status) == (["action.declined"], "answered")
    assert result.state is not None
    assert (result.state.open_slot, result.state.contacts) == ("", {})


def test_right_after_a_deed_it_may_be_taken_back() -> None:
    """By as many words, and of the last deed only."""
    takes = {
        "laisse tomber": True,
        "mejor olvídalo": True,
        "laisse tomber le sac": False,
        "nada, gracias": False,
    }
    assert {text: takes_back(text) for text in takes} == takes


def test_to_an_offer_it_is_a_no() -> None:
    """But what may mean "either will do" is left to be asked again."""
    refund = c.Refund(order_number="1004", amount="32.00", currency="USD")
    assert {text: answer_to(refund, text) for text in PLAINLY} == dict.fromkeys(PLAINLY, "no")
    assert answer_to(refund, "peu importe") == ""
