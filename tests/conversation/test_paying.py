"""Who asks how to pay is told; whether a service is taken that no page names, nobody guesses."""

from pathlib import Path

import pytest
from msgspec import structs

from conversation.words.paying import service_asked, ways_to_pay
from shared import contracts as c
from tests.conversation.desk import USAGE, ids, running, understood

ASKED = {
    "Do you take PayPal?": "ways to pay",
    "can i pay with paypal": "ways to pay",
    "Which payment methods do you accept?": "ways to pay",
    "what payments do you accept": "ways to pay",
    "Acceptez-vous PayPal ?": "moyens de paiement",
    "on peut payer comment ?": "moyens de paiement",
    "Quels moyens de paiement acceptez-vous ?": "moyens de paiement",
    "¿Aceptan PayPal?": "formas de pago",
    "¿puedo pagar con bizum?": "formas de pago",
    "¿Qué formas de pago hay?": "formas de pago",
    "and Klarna?": "ways to pay",
    "what about apple pay or paypal?": "ways to pay",
    "is klarna an option?": "ways to pay",
    "is apple pay possible?": "ways to pay",
    "do you accept visa or mastercard?": "ways to pay",
    "and google pay?": "ways to pay",
    "Vous prenez la carte bancaire ?": "moyens de paiement",
    "¿puedo pagar con tarjeta de débito?": "formas de pago",
    "et klarna ?": "moyens de paiement",
    "Klarna, c'est possible ?": "moyens de paiement",
    "¿y Klarna?": "formas de pago",
    "¿Klarna es una opción?": "formas de pago",
}
OTHERS = [
    "my PayPal payment failed", "will the refund go to my PayPal?", "I paid with paypal, where is my order?",
    "how can I pay for order 1001?", "do you take returns?", "¿Por qué PayPal no acepta el pago?",
    "my visa card was declined", "do you have gift cards?", "can you update the credit card on my order?",
    "Klarna", "and my klarna order?", "ok and paypal",
    "my bank keeps blocking my paypal transfer to a friend", "how much is the tent and do you take PayPal?",
]  # fmt: skip
CARDS = "You can pay with all major cards."


def found(ask: c.RetrievePassages, text: str) -> c.PassagesRetrieved:
    """The page on paying says this."""
    page = c.Passage(
        id="kb:pay#ways", source="pay", title="Paying", section="Ways to pay", text=text, version=1,
        score=0.9, locale="en", category="payments",
    )  # fmt: skip
    return c.PassagesRetrieved(**ids(ask), passages=(page,), usage=USAGE)


def test_who_asks_how_to_pay_is_told_from_who_paid() -> None:
    """By the name the ways to pay have on pages, in three languages."""
    assert {text: ways_to_pay(text) for text in ASKED} == ASKED
    assert [text for text in OTHERS if ways_to_pay(text)] == []
    assert service_asked("Which payment methods do you accept?") == ""
    assert service_asked("is apple pay possible?") == "", "pages tell of it by its kind"


@pytest.mark.parametrize("read_as", [("GENERAL_INQUIRY", 0.99), ("RETURN_REQUEST", 0.65)])
@pytest.mark.parametrize(("page", "open_question"), [(CARDS, True), (f"{CARDS} We take PayPal too.", False)])
async def test_a_service_no_page_names_is_left_open(
    tmp_path: Path, page: str, open_question: bool, read_as: tuple[str, float]
) -> None:
    """What may be paid with is told beside it, and the question is kept as a gap.

    Also where an engine is swayed by the message before, and nearly takes it for a return.
    """

    async def retrieve(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        assert "ways to pay" in ask.text
        return found(ask, page)

    calls = {c.CLASSIFY: understood(*read_as), c.RETRIEVE: retrieve}
    async with running(tmp_path, calls) as desk:
        result = await desk.say("Do you take PayPal?")
    assert (result.status, "“Do you take PayPal”" in result.reply) == ("answered", open_question)
    assert result.gap is open_question
    assert ("You can pay with" if open_question else "We take PayPal too") in result.reply


@pytest.mark.parametrize(
    ("said", "read_as", "status"),
    [
        ("and Klarna?", "ESCALATION_REQUEST", "answered"),
        ("and Klarna?", "RETURN_REQUEST", "answered"),
        ("and Klarna?", "ORDER_STATUS", "answered"),
        ("is apple pay possible?", "ESCALATION_REQUEST", "answered"),
        ("somebody tell me whether apple pay is possible", "ESCALATION_REQUEST", "handed_over"),
    ],
)
async def test_few_words_are_a_question_whatever_they_were_read_as(
    tmp_path: Path, said: str, read_as: str, status: str
) -> None:
    """Nobody wishes for a person who is called so."""

    async def retrieve(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        return found(ask, CARDS)

    async with running(tmp_path, {c.CLASSIFY: understood(read_as, 0.97), c.RETRIEVE: retrieve}) as desk:
        result = await desk.say(said)
    assert result.status == status
    assert (CARDS.rstrip(".") in result.reply) is (status == "answered")


async def test_a_card_that_is_asked_for_is_no_refund(tmp_path: Path) -> None:
    """Pages of refunds speak of cards, too, and may be found first: what may be paid with is told."""
    refunds = "The refund goes to the card the order was paid by."

    async def retrieve(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        first, ways = found(ask, refunds), found(ask, CARDS)
        other = structs.replace(first.passages[0], id="kb:refunds#where", source="refunds", score=0.95)
        return structs.replace(ways, passages=(other, *ways.passages))

    calls = {c.CLASSIFY: understood("BILLING_ISSUE", 0.97), c.RETRIEVE: retrieve}
    async with running(tmp_path, calls) as desk:
        result = await desk.say("Do you take credit cards?")
    assert CARDS.rstrip(".") in result.reply
    assert "refund" not in result.reply


async def test_who_asks_for_several_ways_to_pay_is_not_stuck(tmp_path: Path) -> None:
    """Three questions of what is taken are no trouble that was told of three times."""

    async def retrieve(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        return found(ask, CARDS)

    calls = {c.CLASSIFY: understood("BILLING_ISSUE", 0.97), c.RETRIEVE: retrieve}
    async with running(tmp_path, calls) as desk:
        asked = ("Do you take PayPal?", "and Klarna?", "is apple pay possible?", "do you accept visa?")
        statuses = [(await desk.say(text)).status for text in asked]
    assert statuses == ["answered"] * 4
