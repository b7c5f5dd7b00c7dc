"""Each question of a message that asks several is answered, or named as the one that is not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conversation.words.questions import questions_in
from shared import contracts as c
from shared.errors import VendorDown
from tests.conversation.desk import USAGE, ids, running, understood
from tests.products import product, variant

TENT = product(
    "Heron Tent",
    variant("Moss", "HP-H-M"),
    handle="heron",
    description="Roomy tent. Weighs 6.8 kg. The fly is rated to a 3,000 mm water column.",
)
PAGES = {
    "ship": ("shipping", "We ship to France in 7-12 business days."),
    "livrez": ("shipping", "Nous livrons en France en 7 à 12 jours ouvrés."),
    "return": ("returns", "You can return most items within 30 days of delivery."),
}


def _page(word: str, language: c.Language) -> c.Passage:
    category, text = PAGES[word]
    return c.Passage(
        id=f"kb:{word}", source=f"{word}.md", title="Page", section="", locale=language, version=1, text=text,
        category=category, score=0.5,
    )  # fmt: skip


async def _shelf(ask: c.FetchFacts) -> c.FactsFetched:
    named = "heron" in ask.product_query.lower()
    return c.FactsFetched(**ids(ask), products=(TENT,) if named else ())


def _answers(language: c.Language = "en", intent: str = "PRODUCT_INQUIRY", **more: Any) -> Mapping[Any, Any]:
    async def retrieve(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        def found(text: str) -> tuple[c.Passage, ...]:
            return tuple(_page(word, language) for word in PAGES if word in text.lower())

        return c.PassagesRetrieved(
            **ids(ask), passages=found(ask.text), parts=tuple(map(found, ask.parts)), usage=USAGE
        )

    return {c.CLASSIFY: understood(intent, language=language), c.FETCH: _shelf, c.RETRIEVE: retrieve, **more}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Is it in stock and how long is shipping to France?",
            ("Is it in stock?", "how long is shipping to France?"),
        ),
        (
            "Do you take PayPal? And how long do refunds take?",
            ("Do you take PayPal?", "how long do refunds take?"),
        ),
        (
            "Hi! I'd like to know if it is in stock and if you price match.",
            ("I'd like to know if it is in stock?", "if you price match?"),
        ),
        ("Two things: is it light, and do you ship to Peru?", ("is it light?", "do you ship to Peru?")),
        (
            "what colours does it come in and what does it weigh",
            ("what colours does it come in?", "what does it weigh?"),
        ),
        (
            "La tente est-elle en stock et combien coûte la livraison ?",
            ("La tente est-elle en stock?", "combien coûte la livraison?"),
        ),
        (
            "Combien pèse la tente et est-elle imperméable ?",
            ("Combien pèse la tente?", "est-elle imperméable?"),
        ),
        (
            "Je voudrais savoir combien il coûte et si je peux le retourner.",
            ("Je voudrais savoir combien il coûte?", "si je peux le retourner?"),
        ),
        ("¿Cuánto cuesta y hacen envíos a México?", ("Cuánto cuesta?", "hacen envíos a México?")),
        (
            "¿Cuánto cuesta la tienda y hacen envíos a México?",
            ("Cuánto cuesta la tienda?", "hacen envíos a México?"),
        ),
        ("¿Hay stock del saco? ¿Y cuánto es el envío?", ("Hay stock del saco?", "cuánto es el envío?")),
    ],
)
def test_a_message_is_cut_into_its_questions(text: str, parts: tuple[str, ...]) -> None:
    """By sentence and by what begins another question."""
    assert questions_in(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Do you have boots and socks?",
        "What's the difference between the Tern 2 and the Tern 3?",
        "Hearth jacket or Kindling fleece, which is lighter?",
        "I want to return the boots and get a refund.",
        "Where is my order?",
        "Can I return it if it is too big?",
        "Tern 2 ou Plover, laquelle est plus légère ?",
        "¿Tienen botas y calcetines?",
        "I am planning a trip. It will be cold. Which bag should I take?",
    ],
)
def test_one_question_stays_whole(text: str) -> None:
    """Two things in one question, or a story before it."""
    assert questions_in(text) == ()


@pytest.mark.parametrize(
    ("language", "text", "says"),
    [
        ("en", "How much is the Heron tent and do you ship to France?", ("$249", "7-12 business days")),
        ("en", "How heavy is the Heron tent and is it waterproof?", ("6.8 kg", "3,000 mm")),
        ("en", "Do you ship to France? And can I return the Heron tent?", ("7-12 business days", "30 days")),
        ("fr", "Combien coûte la tente Heron et livrez-vous en France ?", ("249", "7 à 12 jours")),
    ],
)
@pytest.mark.parametrize("intent", ["PRODUCT_INQUIRY", "SHIPPING_ESTIMATE"])
async def test_each_question_is_answered(
    tmp_path: Path, language: c.Language, text: str, says: tuple[str, ...], intent: str
) -> None:
    """Whichever of them the intent agent heard."""
    async with running(tmp_path, dict(_answers(language, intent))) as desk:
        result = await desk.say(text)
    assert all(part in result.reply for part in says), result.reply
    assert (result.status, result.gap) == ("answered", False)


@pytest.mark.parametrize(
    ("language", "text", "missed", "way"),
    [
        ("en", "How much is the Heron tent and do you take PayPal?", "do you take PayPal", "“agent”"),
        (
            "fr",
            "Combien coûte la tente Heron et acceptez-vous PayPal ?",
            "acceptez-vous PayPal",
            "conseiller",
        ),
    ],
)
async def test_what_has_no_answer_is_named(
    tmp_path: Path, language: c.Language, text: str, missed: str, way: str
) -> None:
    """With the way to one; and kept as a gap by itself."""
    async with running(tmp_path, dict(_answers(language))) as desk:
        result = await desk.say(text)
        [gap] = await desk.service.steps.store.gaps()
    assert all(part in result.reply for part in ("249", missed, way)), result.reply
    assert (result.status, gap.question) == ("answered", f"{missed}?")


async def test_nothing_known_is_said_as_ever(tmp_path: Path) -> None:
    """One gap: the message."""
    async with running(tmp_path, dict(_answers(intent="GENERAL_INQUIRY"))) as desk:
        result = await desk.say("do you take PayPal and who founded you?")
        [gap] = await desk.service.steps.store.gaps()
    assert (result.gap, gap.question) == (True, "do you take PayPal and who founded you?")


async def test_a_policy_is_told_while_the_shop_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two questions that need no shop are answered without it."""
    monkeypatch.setattr("conversation.steps.ASK_SECONDS", 1.0)

    async def closed(_: c.FetchFacts) -> c.FactsFetched:
        raise VendorDown("the shop does not answer")

    answers = _answers(intent="SHIPPING_ESTIMATE") | {c.FETCH: closed}
    async with running(tmp_path, dict(answers)) as desk:
        result = await desk.say("do you ship to France and can I return a tent?")
    assert all(part in result.reply for part in ("7-12 business days", "30 days")), result.reply
