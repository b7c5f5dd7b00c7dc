"""Language, entities, sentiment and clauses."""

import pytest

from shared.adapters.embedded.clauses import clauses
from shared.adapters.embedded.entities import find_entities
from shared.adapters.embedded.sentiment import feeling
from shared.adapters.embedded.shop_slips import mended
from shared.adapters.embedded.understanding import EmbeddedUnderstanding
from shared.contracts import Language
from tests.understanding.conftest import Classify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the weather was cold", "en"),
        ("il pleut encore ce matin", "fr"),
        ("mañana vamos al mercado", "es"),
        ("donde esta mi paquete", "es"),
        ("je veux un remboursement", "fr"),
        ("order 1001 please", "en"),
    ],
)
def test_language_from_three_words(engine: EmbeddedUnderstanding, text: str, language: Language) -> None:
    """Three words tell the language, with or without accents."""
    assert engine.language(text) == language


def test_the_conversation_decides_what_words_leave_open(engine: EmbeddedUnderstanding) -> None:
    """Words that say nothing keep the conversation's language; clear words change it."""
    assert engine.language("1001", "fr") == "fr"
    assert engine.language("ok", "es") == "es"
    assert engine.language("TOKEN_0b0e6a52-3c1d-4f7e-9a51-7d2f40c1a2b3", "es") == "es"
    assert engine.language("where is my order, I have been waiting", "fr") == "en"
    assert engine.language("42") == "en"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("where is #1001", [("order_number", "1001")]),
        ("1001", [("order_number", "1001")]),
        ("my order no. 1002 please", [("order_number", "1002")]),
        ("commande n° 1001", [("order_number", "1001")]),
        ("mi pedido número 1003 no llegó", [("order_number", "1003")]),
        ("it cost 12,99 €", [("amount", "12.99 EUR")]),
        ("I paid $1,299.50", [("amount", "1299.50 USD")]),
        ("zip 97201, bought in 2025", []),
        ("change the shoes in 1003 to 11", [("product", "shoes"), ("order_number", "1003")]),
        ("made in 1998, sold in 90210", []),
        ("my Tern 2 Tent", [("product", "Tern 2 Tent")]),
        ("le sac de couchage en taille M", [("product", "sleeping bag"), ("size", "M")]),
        ("3 pares de calcetines azules", [("quantity", "3"), ("product", "socks"), ("color", "blue")]),
        ("promo code WELCOME10", [("promo_code", "WELCOME10")]),
        ("it came on 2026-11-03", [("date", "2026-11-03")]),
        ("le 12 mars", [("date", "--03-12")]),
        ("the zipper is broken", [("reason", "damaged")]),
        ("¿es impermeable?", []),
        ("elle est vraiment imperméable ?", []),
        ("busco un impermeable", [("product", "rain jacket")]),
        ("nothing to find here", []),
    ],
)
def test_entities_and_their_normal_form(text: str, expected: list[tuple[str, str]]) -> None:
    """Values are found in three languages and brought to one form."""
    assert [(entity.kind, entity.value) for entity in find_entities(text)] == expected


def test_offsets_point_into_the_original_text() -> None:
    """`text[start:end]` is the entity's text, also behind accents, emoji and tokens."""
    text = "Été 😀 TOKEN_0b0e6a52-3c1d-4f7e-9a51-7d2f40c1a2b3: commande №12 n° 1004, veste bleue à 49,90 €"
    found = find_entities(text)
    assert {entity.kind for entity in found} >= {"order_number", "product", "color", "amount"}
    assert all(text[entity.start : entity.end] == entity.text for entity in found)


def test_a_number_after_the_question_is_the_order() -> None:
    """A short number is an order number only when the bot has just asked for one."""
    assert find_entities("123") == ()
    assert [e.value for e in find_entities("123", open_slot="order_number")] == ["123"]


def test_a_long_row_of_digits_is_read_quickly() -> None:
    """Input built to make patterns backtrack is read in time that grows with its length."""
    assert find_entities("order " * 800 + "1" * 900) == ()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I am FURIOUS, this is unacceptable!!", "negative"),
        ("C'est une honte !!!", "negative"),
        ("pésimo servicio, estoy harta", "negative"),
        ("still nothing 😡", "negative"),
        ("merci, c'est parfait", "positive"),
        ("not bad at all", "positive"),
        ("I love this jacket", "positive"),
        ("where is my order?", "neutral"),
        ("quiero devolver mis botas", "neutral"),
        ("bonjour, j'aimerais un renseignement", "neutral"),
    ],
)
def test_feelings(text: str, label: str) -> None:
    """Words, negation, capitals and emoji give the customer's mood; a plain question has none."""
    assert feeling(text).label == label


def test_shouting_and_insisting_make_it_stronger() -> None:
    """Capitals, exclamation marks and intensifiers raise the strength, not the direction."""
    calm = feeling("this is a bad service").score
    assert feeling("this is a very bad service").score < calm
    assert feeling("THIS IS A BAD SERVICE").score < calm
    assert feeling("this is a bad service!!!").score < calm


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Where is it? I also want a refund.", 2),
        ("I want a tent and socks for my son", 1),
        ("je veux annuler ma commande et je veux mes points", 2),
        ("quiero botas y calcetines de lana", 1),
    ],
)
def test_clauses(text: str, parts: int) -> None:
    """A conjunction cuts before a new wish, not inside a list of things."""
    assert len(clauses(text)) == parts


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("wher is my oder", "where is my order"),
        ("my pacakge never arived", "my package never arrived"),
        ("exchnage for a bigger size", "exchange for a bigger size"),
        ("livrason quand", "livraison quand"),
        ("dnde esta mi peddido", "donde esta mi pedido"),
        ("Ist das Zelt rot oder blau", "Ist das Zelt rot oder blau"),
        (
            "a layer for my trek, a term, a border, my adresse",
            "a layer for my trek, a term, a border, my adresse",
        ),
    ],
)
def test_a_slip_in_a_shops_word_is_read_as_the_word(
    engine: EmbeddedUnderstanding, text: str, reads: str
) -> None:
    """Words that are words stay, in other tongues too."""
    found = mended(text, engine._languages.words.lexicon)
    assert found == reads


async def test_slips_cost_no_answer(classify: Classify) -> None:
    """What was told to be outside of what we do is read as what it asks."""
    for text, intents in (
        ("wher is my oder", {"ORDER_STATUS"}),
        ("were is my pakage", {"ORDER_STATUS", "TRACKING_UPDATE"}),
        ("how do i retrun this", {"RETURN_REQUEST"}),
        ("remboursment svp", {"REFUND_STATUS"}),
        ("cuando llega mi peddido", {"ORDER_STATUS", "SHIPPING_ESTIMATE"}),
    ):
        assert (await classify(text)).needs[0].intent in intents, text
