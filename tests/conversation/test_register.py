"""The tone of the answer follows the customer's words, in three languages."""

import pytest

from conversation.words.register import register_of
from shared.adapters.embedded.sentiment import feeling
from shared.contracts import Language, Said


def tone(text: str, language: Language, *earlier: str) -> str:
    """The register after these messages, with the sentiment the embedded engine measures."""
    history = [Said(who="customer", text=said) for said in earlier]
    return register_of(text, history, language=language, feeling=feeling(text).score)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "hey, any idea where my stuff is lol"),
        ("en", "thanks 🙏 so when does it get here"),
        ("en", "pls check order 1001, thx"),
        ("fr", "salut, tu sais où est ma commande"),
        ("fr", "coucou, c'est dispo en vert stp ?"),
        ("fr", "t'as des nouvelles de mon colis :)"),
        ("es", "oye, ¿me dices dónde está mi pedido?"),
        ("es", "porfa revisa mi pedido, q no llega"),
        ("es", "hola!! me ayudas con mi pedido? 😊"),
    ],
)
def test_slang_emoji_and_the_familiar_you_are_casual(language: Language, text: str) -> None:
    """Two signs of a chat among friends make the tone casual."""
    assert tone(text, language) == "casual"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Dear Sir or Madam, I am writing to ask about my order. Kind regards"),
        ("en", "Good morning. I would be grateful for an update on order 1001."),
        ("fr", "Madame, Monsieur, pourriez-vous m'indiquer où se trouve ma commande ? Cordialement"),
        ("fr", "Bonjour, auriez-vous l'amabilité de vérifier ma commande ?"),
        ("es", "Estimados señores: quisiera saber el estado de mi pedido. Atentamente,"),
        ("es", "Buenos días. ¿Sería tan amable de revisar mi pedido?"),
    ],
)
def test_the_formulas_of_letters_are_formal(language: Language, text: str) -> None:
    """Who writes a letter gets a formal answer."""
    assert tone(text, language) == "formal"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Where is my order?"),
        ("en", "What does express shipping cost?"),
        ("en", "could you please check my order"),
        ("fr", "Bonjour, où est ma commande ?"),
        ("fr", "Vous livrez en Belgique ?"),
        ("es", "Hola, ¿dónde está mi pedido?"),
        ("es", "¿Hacen envíos a México?"),
    ],
)
def test_ordinary_questions_are_neutral(language: Language, text: str) -> None:
    """One sign, or none, is not a tone."""
    assert tone(text, language) == "neutral"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "This is ridiculous, I am furious about this order"),
        ("en", "WHERE IS MY ORDER, I ASKED YOU TWICE!!"),
        ("fr", "C'est scandaleux, vous êtes des voleurs"),
        ("fr", "OÙ EST MA COMMANDE ENFIN !!"),
        ("es", "Es una vergüenza, estoy harto de esperar"),
        ("es", "¿¿DÓNDE ESTÁ MI PEDIDO, POR FIN??"),
    ],
)
def test_anger_and_shouting_are_upset(language: Language, text: str) -> None:
    """Strong words, or capitals with "!!", are answered as upset."""
    assert tone(text, language) == "upset"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "THANK YOU SO MUCH, IT IS PERFECT!!"),
        ("fr", "MERCI BEAUCOUP, C'EST PARFAIT !!"),
        ("es", "¡¡MUCHAS GRACIAS, ES PERFECTO!!"),
        ("en", "WHERE IS MY ORDER"),
    ],
)
def test_joy_and_a_stuck_key_are_not_anger(language: Language, text: str) -> None:
    """Loud thanks are thanks; capitals alone may be a habit."""
    assert tone(text, language) != "upset"


def test_the_tone_is_that_of_the_conversation() -> None:
    """One message may say too little; what was written before counts, anger passes with its message."""
    assert tone("1001", "en", "hey, any idea where my order is lol") == "casual"
    assert tone("Number 1001.", "en", "Dear team, I am writing about my order.") == "formal"
    assert tone("It is order 1001.", "en", "This is ridiculous, I am furious!!") == "neutral"


def test_signs_both_ways_leave_it_neutral() -> None:
    """Who signs a letter with a smiley is answered in neither extreme."""
    assert tone("Dear team, where is my order? 😊", "en") == "neutral"
