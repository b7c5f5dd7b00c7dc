"""Who waits may be called or written to instead: heard in three languages, without a model."""

import pytest

from conversation.words.contact import Heard, hear, wished
from shared.contracts import ContactWish, ConversationState

PHONE = "TOKEN_11111111-2222-3333-4444-555555555555"
NEW = ConversationState(language="en")


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("Call me back please", "phone"),
        ("can you call me instead?", "phone"),
        (f"Just phone me at {PHONE}", "phone"),
        ("I'd like a callback", "phone"),
        ("could I get a call-back tomorrow morning", "phone"),
        ("can somebody give me a call", "phone"),
        ("I would rather be called back", "phone"),
        ("Rappelez-moi s'il vous plaît", "phone"),
        ("rappelez-moi le plus tôt possible", "phone"),
        ("Pouvez-vous me rappeler ?", "phone"),
        ("je préfère être rappelée", "phone"),
        ("appelez moi demain", "phone"),
        ("Je voudrais qu'on me rappelle", "phone"),
        ("plutôt par téléphone", "phone"),
        ("¿Me pueden llamar?", "phone"),
        ("Llámenme mejor", "phone"),
        ("llámame cuando puedas", "phone"),
        ("prefiero que me llamen", "phone"),
        ("mejor por teléfono", "phone"),
        ("E-mail me instead", "email"),
        ("email me", "email"),
        ("please answer by e-mail", "email"),
        ("can you send me an email about it", "email"),
        ("don't call me, just email me", "email"),
        ("Répondez-moi plutôt par e-mail", "email"),
        ("par courriel s'il vous plaît", "email"),
        ("envoyez-moi un mail", "email"),
        ("ne m'appelez pas, écrivez-moi par mail", "email"),
        ("Mejor por correo", "email"),
        ("escríbanme un correo", "email"),
        ("respóndame por email", "email"),
        ("I'll wait here", "chat"),
        ("I'd rather stay in the chat", "chat"),
        ("je préfère attendre ici", "chat"),
        ("prefiero esperar", "chat"),
        # What only sounds like it.
        ("my name is Kim, call me Kim", None),
        ("nobody called me back last time", None),
        ("you didn't call me", None),
        ("don't call me", None),
        ("my email is wrong in the account", None),
        ("rappelez-moi le délai de retour ?", None),
        ("rappelez-moi comment faire un retour", None),
        ("me llamo Kim", None),
        ("nadie me llamó", None),
        ("personne ne m'a rappelé", None),
        ("where is my order?", None),
        ("the phone pocket of the jacket is torn", None),
        ("how long will it take?", None),
        ("je m'appelle Kim", None),
        ("I ordered it by phone last week", None),
        ("they told me on the phone that it is ready", None),
        ("I got an e-mail that says it shipped", None),
        ("j'ai reçu un mail de votre part", None),
        ("j'ai commandé par téléphone", None),
        ("recibí un correo ayer", None),
        ("lo compré por teléfono", None),
        ("I ordered by phone, please call me back", "phone"),
    ],
)  # fmt: skip
def test_the_wish_is_heard(text: str, channel: str | None) -> None:
    """A plain wish is enough; a name, a complaint and a refusal are none."""
    assert wished(text) == channel


def test_the_number_is_asked_for_and_taken() -> None:
    """What comes next is where to call; the customer need not stay."""
    first = hear("Call me back please", NEW, None)
    assert first == Heard("contact.ask_phone", ContactWish(channel="phone"), asked="phone")
    asked = ConversationState(language="en", contact_channel="phone")
    assert hear(f"It's {PHONE}, thanks", asked, None) == Heard(
        "contact.phone", ContactWish(channel="phone", value=PHONE)
    )


def test_a_number_in_the_wish_is_not_asked_for_again() -> None:
    """Who says it all at once is done."""
    assert hear(f"Please call me on {PHONE}", NEW, None) == Heard(
        "contact.phone", ContactWish(channel="phone", value=PHONE)
    )


def test_a_signed_in_customer_has_an_address() -> None:
    """Their account's; a guest is asked."""
    signed_in = ConversationState(language="en", customer="TOKEN_9")
    assert hear("email me", signed_in, None) == Heard(
        "contact.email_account", ContactWish(channel="email", value="account")
    )
    asked = hear("email me", NEW, None)
    assert asked is not None
    assert (asked.goal, asked.asked) == ("contact.ask_email", "email")


def test_what_cannot_be_read_as_a_number_is_asked_again() -> None:
    """Digits that nobody took for a number are no reason to promise a call."""
    asked = ConversationState(language="en", contact_channel="phone")
    assert hear("5550", asked, None) is None
    assert hear("it is 55 50 19 9", asked, None) == Heard("contact.unread_phone", asked="phone")


def test_other_words_while_a_number_is_awaited_are_other_words() -> None:
    """They go to the case like any."""
    asked = ConversationState(language="en", contact_channel="phone")
    assert hear("and the tent is torn as well", asked, None) is None
    assert hear("word " * 50 + PHONE, asked, None) is None


def test_who_stays_after_all_takes_it_back() -> None:
    """Only where there is something to take back."""
    settled = ContactWish(channel="phone", value=PHONE)
    assert hear("I'd rather wait here", NEW, settled) == Heard("contact.chat", ContactWish(channel="chat"))
    assert hear("I'd rather wait here", NEW, None) is None


def test_asking_when_changes_nothing() -> None:
    """The number is known; a new one replaces it."""
    settled = ContactWish(channel="phone", value="TOKEN_2")
    assert hear("when will you call me back?", NEW, settled) is None
    changed = hear(f"call me back on {PHONE} instead", NEW, settled)
    assert changed is not None
    assert changed.wish == ContactWish(channel="phone", value=PHONE)
