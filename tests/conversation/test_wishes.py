"""What customers wish for is told from what they ask about, in three languages."""

import pytest

from conversation.words.agreeing import part_about
from conversation.words.wishes import asks_money_back, newsletter_wish, return_window

WISHES = """
I want my money back for order 1004
i still want my money back, it does not fit
refund please
refund 1002 and where is 1001?
can i get a refund for the socks?
I want a refund because when it arrived it was too small
je veux être remboursé
je veux récupérer mon argent, commande 1004
rendez-moi mon argent
puis-je être remboursé pour le bonnet ?
quiero que me devuelvan el dinero
devuélvanme el dinero
me pueden reembolsar los calcetines?
"""
QUESTIONS = """
where is my refund?
when will i get my refund for 1002?
i haven't received my refund
has my refund been sent?
refund status 1010
how long do refunds take?
où en est mon remboursement ?
je n'ai toujours pas été remboursé
quand serai-je remboursé ?
dónde está mi reembolso?
todavía no me han devuelto el dinero
cuándo me devuelven el dinero?
"""


@pytest.mark.parametrize("text", WISHES.strip().splitlines())
def test_a_wish_for_money_is_no_question_where_it_is(text: str) -> None:
    """However impatiently it is put."""
    assert asks_money_back(text)


@pytest.mark.parametrize("text", QUESTIONS.strip().splitlines())
def test_a_question_where_the_money_is_asks_for_no_new_one(text: str) -> None:
    """A second refund is not offered to who waits for the first."""
    assert not asks_money_back(text)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("newsletter off", "unsubscribe"),
        ("stop sending me mails", "unsubscribe"),
        ("too many emails from you guys", "unsubscribe"),
        ("can you unsubscribe me?", "unsubscribe"),
        ("désabonnez-moi", "unsubscribe"),
        ("je ne veux plus recevoir vos mails", "unsubscribe"),
        ("dadme de baja", "unsubscribe"),
        ("no me envíen más correos", "unsubscribe"),
        ("sign me up for the newsletter", "subscribe"),
        ("how do I unsubscribe from the newsletter?", ""),
        ("did you unsubscribe me?", ""),
        ("I want to unsubscribe from the Trail Box", ""),
        ("stop sending me e-mails about my order", ""),
        ("I got no e-mail", ""),
        ("stop", ""),
    ],
)
def test_the_newsletter_is_meant_by_who_only_speaks_of_mails(text: str, wish: str) -> None:
    """Other subscriptions, and what the shop writes about orders, are something else."""
    assert newsletter_wish(text) == wish


def test_of_two_wishes_each_is_read_from_its_own_part() -> None:
    """The hat goes back, the fleece is exchanged."""
    text = "je veux retourner le bonnet et échanger la polaire"
    assert ("bonnet" in part_about("exchange", text), "polaire" in part_about("exchange", text)) == (
        False,
        True,
    )
    assert "polaire" not in part_about("return", text)
    assert part_about("exchange", "the fleece and the hat") == "the fleece and the hat"


WITHIN = """
What is your return window?
how many days do I have to send something back?
until when can I send the jacket back?
what's the deadline for returns?
within how many days can I return?
Combien de jours ai-je pour renvoyer un article ?
quel est votre délai de retour ?
jusqu'à quand puis-je retourner un article ?
¿cuál es el plazo de devolución?
¿cuántos días tengo para devolver algo?
hasta qué fecha puedo devolver
"""
OTHER_TIMES = """
how long does a return take?
how many days until my return is processed?
I missed the return window by two days, can you make an exception?
which membership level gets the longest return window
how long is a return label good for?
how do I return something?
how long does shipping take?
combien de temps prend un retour ?
quand serai-je remboursé de mon retour ?
j'ai dépassé le délai de retour de deux jours
¿cuánto tarda una devolución?
¿cuánto tiempo hasta que llegue el reembolso de mi devolución?
¿los regalos de Reyes tienen más plazo para devolverse?
"""


def test_the_days_of_returns_are_told_from_other_times() -> None:
    """They are looked up by the name they have on pages."""
    assert {text for text in WITHIN.strip().splitlines() if not return_window(text)} == set()
    assert {text for text in OTHER_TIMES.strip().splitlines() if return_window(text)} == set()
    assert return_window("combien de jours pour renvoyer ?") == "délai de retour"
