"""The language of a reply: words turn it, a word does not, a wish does, a strange tongue gets the nearest."""

import json
from pathlib import Path

import pytest

from conversation.words.speaking import language_wish, spoken
from shared.contracts import ConversationState, Language, Said
from shared.tongues import other_tongue, says, wants_person

DATA = Path(__file__).parents[2] / "evals" / "data"


def after(*said: str, language: Language | None = None) -> ConversationState:
    return ConversationState(language=language, history=tuple(Said(who="customer", text=one) for one in said))


@pytest.mark.parametrize(
    "text", ["si", "oui", "k", "y", "gracias", "merci !", "👍", "1001", "¿dónde?", "ok merci"]
)
def test_a_word_or_small_talk_keep_the_language(text: str) -> None:
    """Of who has written in another, however the word looks by itself."""
    before = after("where is my order, please?", language="en")
    for heard in ("fr", "es"):
        assert spoken(text, heard, before, "fr") == "en"


def test_the_pages_language_gives_way_to_a_greeting() -> None:
    """A page is not what somebody said, nor is a number; a letter says nothing."""
    assert spoken("hola", "es", after(language="en"), "en") == "es"
    assert spoken("bonjour", "fr", after("1001", language="en"), "en") == "fr"
    assert spoken("y", "es", after(), None) == "en"
    assert spoken("y", "es", after(language="fr"), "fr") == "fr"


def test_a_sentence_turns_the_language() -> None:
    """As before."""
    before = after("where is my order, please?", language="en")
    assert spoken("Merci ! Et combien de temps pour un retour ?", "fr", before, None) == "fr"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("English please", "en"),
        ("en español por favor", "es"),
        ("Français ?", "fr"),
        ("do you speak French?", "fr"),
        ("parlez-vous anglais ?", "en"),
        ("¿hablan francés?", "fr"),
        ("Sprechen Sie Deutsch?", "other"),
        ("do you speak TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427?", "other"),
        ("do you ship to the French Alps?", ""),
        ("is the manual in French?", ""),
        ("I don't speak English", ""),
        ("hello", ""),
    ],
)
def test_a_language_may_be_wished_for(text: str, wish: str) -> None:
    """By its name and nothing else than asking for it; that turns even a word."""
    assert language_wish(text) == wish
    if wish in {"en", "fr", "es"}:
        assert spoken(text, "en", after("où est ma commande 1001 ?", language="fr"), None) == wish


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("Wo ist meine Bestellung?", "en"),
        ("Kann ich die Schuhe umtauschen", "en"),
        ("danke", "en"),
        ("Der Reißverschluss ist gerissen", "en"),
        ("Dove si trova il mio ordine?", "es"),
        ("Il sacco a pelo è ancora disponibile?", "es"),
        ("Onde está o meu pedido?", "es"),
        ("Quero devolver a minha compra, como faço?", "es"),
        ("Waar is mijn bestelling?", "en"),
        ("Kunnen jullie mij helpen?", "en"),
        ("Gdzie jest moje zamówienie?", "en"),
        ("Chcę zwrócić kurtkę", "en"),
        ("Hej, var är min beställning?", "en"),
        ("Siparişim nerede?", "en"),
        ("注文はどこですか?", "en"),
        ("أين طلبي؟", "en"),
        ("Где мой заказ?", "en"),
        ("주문 어디 있어요?", "en"),
    ],
)
def test_another_tongue_is_known_and_answered_in_the_nearest_of_ours(text: str, nearest: Language) -> None:
    """Unless the conversation has a language; nothing of what was said before is lost by it."""
    tongue = other_tongue(text)
    assert tongue is not None
    assert spoken(text, "en", after(), None) == nearest
    assert spoken(text, "es", after("bonjour, où est ma commande ?", language="fr"), None) == "fr"


def test_none_of_ours_is_taken_for_another_tongue() -> None:
    """Of two thousand messages in our languages none is, with slips and names in them; nor is chance."""
    files = ("intent_en", "intent_fr", "intent_es", "lookalikes", "context", "sentiment", "needs", "entities")
    rows = [json.loads(row) for name in files for row in (DATA / f"{name}.jsonl").read_text().splitlines()]
    said = [row["text"] for row in rows if "text" in row]
    some = (
        'I live in Muelheim an der Ruhr|tracking says "Das Paket ist unterwegs", when does it arrive?|no|non'
        "|the label says Retour an Absender, what does that mean|ciao|si|che, mi pedido?|da igual|retour|y|?"
        "|Hauptstraße 5, 10115 Berlin|wat?|come on|la venta|sí por favor|hola|jajaja|ok|1001|ace tent, cheers"
    )
    assert len(said) > 1_500
    assert [text for text in (*said, *some.split("|")) if other_tongue(text)] == []


def test_a_yes_a_no_and_thanks_are_known_in_their_tongues() -> None:
    """And nothing longer is."""
    found = [
        says(text)
        for text in ("Ja, bitte!", "はい", "нет", "Grazie mille", "ありがとうございます", "ja aber")
    ]
    assert found == ["yes", "yes", "no", "thanks", "thanks", None]


def test_a_person_is_asked_for_in_their_tongues() -> None:
    """Without a model; a tent for one is no such wish."""
    for text in (
        "Kann ich mit einem Menschen sprechen?",
        "vorrei parlare con un operatore",
        "Quero falar com alguém, por favor",
        "kan ik een medewerker spreken",
        "Chcę rozmawiać z konsultantem",
        "オペレーターと話したい",
        "Позовите оператора",
    ):
        assert wants_person(text), text
    for text in (
        "Haben Sie ein Zelt für eine Person?",
        "avete una tenda per una persona?",
        "I want a person",
    ):
        assert not wants_person(text), text
