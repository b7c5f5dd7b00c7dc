"""Wishes for later in customers' words: seen when they are there, and not in what only looks like them."""

import pytest

from conversation.words.calls import wants_call_back
from conversation.words.followed_words import followed

TOKEN = "TOKEN_00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "text",
    [
        "Tell me when it ships", "Can you let me know as soon as my order #1001 ships?",
        "please notify me once it's been shipped", "Let me know when it's on its way, thanks",
        "When it ships, could you please tell me?",
        "send me a message when the parcel leaves your warehouse",
        "could I get a notification when order 1001 is dispatched",
        "drop it, just tell me the moment it's sent",
        "Prévenez-moi quand ma commande sera expédiée",
        "dites-moi dès qu'elle part, s'il vous plaît",
        "Pouvez-vous m'avertir dès que mon colis est envoyé ?",
        "j'aimerais être prévenu quand il sera en route",
        "Tenez-moi au courant : informez-moi lorsque la commande 1001 est partie",
        "Avíseme cuando salga mi pedido", "¿Me puede avisar en cuanto se envíe?", "avísame cuando lo envíen",
        "quiero que me avisen cuando el pedido 1001 esté en camino", "Dígame cuando lo despachen, por favor",
    ],
)  # fmt: skip
def test_asks_to_be_told(text: str) -> None:
    """In three languages, politely and not."""
    assert followed(text) == "tell_when_shipped"


@pytest.mark.parametrize(
    "text",
    [
        "When does it ship?", "where is my order 1001", "Has it shipped yet?", "tell me about your tents",
        "You told me it ships on Monday", "Let me know when my refund is sent", "Don't tell me when it ships",
        "let me know when it's back in stock", "Tell me when you open", "you never tell me when things ship",
        "Quand est-ce que ça part ?", "Prévenez-moi quand le remboursement est envoyé", "Où est mon colis ?",
        "ne me prévenez pas quand elle part", "¿Cuándo sale mi pedido?", "no me avise cuando salga",
        "avíseme cuando me envíen el reembolso", "Call me when it ships",
    ],
)  # fmt: skip
def test_asks_something_else(text: str) -> None:
    """A question about the day, another matter, the opposite."""
    assert followed(text) not in {"tell_when_shipped", "tell_when_delivered"}


@pytest.mark.parametrize(
    "text",
    [
        "call me back", "Call me back tomorrow at 3", f"please call me on {TOKEN} at 10",
        "could somebody give me a call", "I'd like a callback", "can you ring me on Monday?",
        "I want a phone call", "rappelez-moi demain à 15h", "Pouvez-vous me rappeler ?", "appelez-moi lundi",
        "j'aimerais être rappelé", "je voudrais que quelqu'un m'appelle", "Llámeme mañana a las 3",
        "¿me pueden llamar?", "quiero que me llamen el lunes", "llámame, por favor",
    ],
)  # fmt: skip
def test_asks_to_be_called(text: str) -> None:
    """In three languages."""
    assert wants_call_back(text)


@pytest.mark.parametrize(
    "text",
    [
        f"call me {TOKEN}", "don't call me", "nobody called me back", "you didn't call me back",
        "I called you yesterday", "what do you call the blue one?", "je m'appelle " + TOKEN,
        "vous ne m'avez pas rappelé", "ne m'appelez pas", "me llamo " + TOKEN, "no me llamen",
        "nadie me llamó",
        "we call it a day", "instead of calling me, write", "the recall of the stove",
    ],
)  # fmt: skip
def test_names_or_complains(text: str) -> None:
    """A name, a complaint, the opposite: nobody is called for it."""
    assert not wants_call_back(text)
