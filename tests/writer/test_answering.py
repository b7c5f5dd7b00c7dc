"""What makes a sentence the answer: its words, its kind, its place, its conditions."""

import pytest

from shared.adapters.embedded.answering import WEIGHTS, Line, Scorer, traits_of
from shared.adapters.embedded.quoting import choose, sentences_of
from shared.contracts import Language, Passage
from tests.passages import passage


def best(question: str, *pages: Passage) -> str:
    """The sentence that leads the answer."""
    return choose(pages, question, most=1)[0].text


def test_there_is_a_weight_for_every_feature() -> None:
    """A feature without weight would be silently left out, or raise in front of a customer."""
    page = passage("a", "One sentence.")
    line = Line(0, 0, "One sentence.")
    assert len(Scorer("which one", [page], [line]).features(line)) == len(WEIGHTS)


@pytest.mark.parametrize(
    ("text", "trait"),
    [
        ("It costs $12.99.", "money"),
        ("La livraison est gratuite.", "money"),
        ("Tarda de 5 a 7 días hábiles.", "time"),
        ("Des soldes en avril.", "time"),
        ("De 8 h à 20 h, heure de l'Est.", "clock"),
        ("Open /account/reset first.", "way"),
        ("Nous ne livrons pas le dimanche.", "denial"),
        ("No entregamos los domingos.", "denial"),
        ("If the box is wet, accept it.", "special"),
        ("Pour tout autre retour, 5,95 $ sont déduits.", "special"),
    ],
)
def test_what_a_sentence_gives(text: str, trait: str) -> None:
    """Amounts, times, ways, denials and special cases are told by their form, in three languages."""
    assert trait in traits_of(text)
    assert trait not in traits_of("Nice gear.")


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("en", "how much is it?", "A box costs $39."),
        ("fr", "Combien coûte la boîte ?", "Une boîte coûte 39 $."),
        ("es", "¿Cuánto cuesta la caja?", "Una caja cuesta $39."),
    ],
)
def test_a_question_for_a_price_gets_the_price(language: Language, question: str, answer: str) -> None:
    """The kind of thing asked for outweighs standing first."""
    text = {
        "en": "A box holds small gear. A box costs $39. A box comes in March.",
        "fr": "Une boîte contient du petit matériel. Une boîte coûte 39 $. Une boîte arrive en mars.",
        "es": "Una caja trae equipo pequeño. Una caja cuesta $39. Una caja llega en marzo.",
    }[language]
    assert best(question, passage("box", text, locale=language)) == answer


def test_the_rule_comes_before_its_exceptions() -> None:
    """A special case is not the answer to a general question, but it is to the question about it."""
    page = passage("a", "If a return is damaged, the label is free. Returns start online. Returns ship soon.")
    assert best("how do returns start", page) == "Returns start online."
    assert best("what if a return is damaged", page).startswith("If a return is damaged")


def test_what_is_to_be_done_counts_most() -> None:
    """Cancelling is never answered with signing up, even where signing up says more of the words."""
    pages = (
        passage("start", "Start your subscription under /start.", score=0.6),
        passage("stop", "Cancel the box at any time under /stop.", score=0.6),
    )
    assert best("how do I cancel my subscription", *pages).startswith("Cancel")


def test_two_prices_of_one_passage_belong_together() -> None:
    """The price of one case alone would mislead who is in the other."""
    page = passage("label", "The label is free with a defect. For every other return the label costs $5.95.")
    said = [quote.text for quote in choose([page], "what does the label cost", most=3)]
    assert said == sentences_of(page.text)


def test_what_is_compared_is_told_of_each() -> None:
    """A digit tells two products apart, and sentences alike but for their figures are both told."""
    page = passage(
        "tents", "The Gull Tent weighs 1 kg. The Tern 2 Tent weighs 1.9 kg. The Tern 3 Tent weighs 2.4 kg."
    )
    told = choose([page], "How do the Tern 2 and the Tern 3 differ in weight?", most=2)
    assert {quote.text for quote in told} == {
        "The Tern 2 Tent weighs 1.9 kg.",
        "The Tern 3 Tent weighs 2.4 kg.",
    }


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("en", "How many points do I get per dollar?", "You earn 1 point for every $1 you spend."),
        ("fr", "Combien de points par achat ?", "Vous gagnez 1 point pour chaque dollar."),
        ("es", "¿Cuántos puntos dan por cada compra?", "Gana 1 punto por cada dólar."),
    ],
)
def test_a_question_for_a_rate_gets_the_rate(language: Language, question: str, answer: str) -> None:
    """So much for each is neither a price nor a time."""
    text = {
        "en": "Points are our thanks. You earn 1 point for every $1 you spend. Points come after 3 days.",
        "fr": "Les points sont un merci. Vous gagnez 1 point pour chaque dollar. Ils arrivent après 3 jours.",
        "es": "Los puntos son un gracias. Gana 1 punto por cada dólar. Los puntos llegan en 3 días.",
    }[language]
    assert best(question, passage("points", text, locale=language)) == answer


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("fr", "Comment mettre ma box en pause ?", "Pour suspendre, allez sur /compte."),
        ("es", "¿Cómo pongo mi caja en pausa?", "Para pausar, vaya a /cuenta."),
        ("en", "How do I put my box on hold?", "To pause, open /account."),
    ],
)
def test_a_light_verb_does_not_hide_what_is_to_be_done(
    language: Language, question: str, answer: str
) -> None:
    """To put on hold is to pause: the noun carries the wish."""
    text = {
        "fr": "Pour commander une box, allez sur /box. Pour suspendre, allez sur /compte.",
        "es": "Para pedir una caja, vaya a /caja. Para pausar, vaya a /cuenta.",
        "en": "To order a box, open /box. To pause, open /account.",
    }[language]
    assert best(question, passage("box", text, locale=language)) == answer


def test_a_bare_follow_up_is_answered_of_what_was_asked_before() -> None:
    """ "And how late?" wants a time, of skipping; "do it" is skipping too."""
    skip = passage("Skip or pause", "You can skip the next box under /account. Do it 3 days before.")
    pay = passage("When a payment fails", "We try again after 5 days. Update your card while it is in stock.")
    said = choose([pay, skip], "and how late can I still do that?", leans_on="How do I skip a box?", most=1)
    assert [quote.text for quote in said] == ["Do it 3 days before."]
    assert said != choose([pay, skip], "and how late can I still do that?", most=1)
