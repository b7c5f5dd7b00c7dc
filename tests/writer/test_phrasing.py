"""Dates, money, ranges and lists as each language writes them."""

from datetime import date

import pytest

from shared.adapters.embedded.phrasing import day, listed, moment, money, span, spoken
from shared.adapters.embedded.quoting import choose, sentences_of
from shared.contracts import Language
from tests.passages import passage

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("value", "language", "said"),
    [
        ("2026-11-03", "en", "November 3"),
        ("2026-11-03", "fr", "3 novembre"),
        ("2026-11-01", "fr", "1er novembre"),
        ("2026-11-03", "es", "3 de noviembre"),
        ("2025-12-31", "en", "December 31, 2025"),
        ("2025-12-31", "fr", "31 décembre 2025"),
        ("2025-12-31", "es", "31 de diciembre de 2025"),
        ("tomorrow", "en", ""),
    ],
)
def test_day(value: str, language: Language, said: str) -> None:
    """The year is told only when it is another one; what is no date is not told."""
    assert day(value, language, today=TODAY) == said


@pytest.mark.parametrize(
    ("value", "language", "said"),
    [
        ("2026-11-21T14:30:00-05:00", "en", "November 21 at 14:30 Eastern time"),
        ("2026-11-21T14:30:00-05:00", "fr", "21 novembre à 14\u00a0h\u00a030, heure de l'Est"),
        ("2026-11-21T14:30:00-05:00", "es", "21 de noviembre a las 14:30, hora del Este"),
        ("2026-11-21T01:05:00+00:00", "es", "21 de noviembre a la 1:05 UTC"),
        ("2026-11-21T14:00:00+00:00", "fr", "21 novembre à 14\u00a0h UTC"),
        ("2026-11-21", "en", "November 21"),
        ("2026-11-21 soon", "en", ""),
    ],
)
def test_moment(value: str, language: Language, said: str) -> None:
    """A due time is told in the offset it came with."""
    assert moment(value, language, today=TODAY) == said


@pytest.mark.parametrize(
    ("value", "language", "said"),
    [
        ("49.90 USD", "en", "$49.90"),
        ("49.90 USD", "fr", "49,90\u00a0$"),
        ("49.90 USD", "es", "$49.90"),
        ("1249.00 USD", "en", "$1,249.00"),
        ("1249.00 USD", "fr", "1\u00a0249,00\u00a0$"),
        ("10 EUR", "en", "€10"),
        ("10.50 SEK", "en", "10.50 SEK"),
        ("a lot", "en", ""),
    ],
)
def test_money(value: str, language: Language, said: str) -> None:
    """Amounts keep their digits and get the sign where the help pages have it."""
    assert money(value, language) == said


@pytest.mark.parametrize(("language", "said"), [("en", "5-7"), ("fr", "5 à 7"), ("es", "de 5 a 7")])
def test_span(language: Language, said: str) -> None:
    """A range of days is read aloud; a single number stays."""
    assert span("5-7", language) == said
    assert span("5", language) == "5"


def test_listed() -> None:
    """Lists end with the language's "and"; Spanish y becomes e before i."""
    assert listed(["a"], "en") == "a"
    assert listed(["a", "b", "c"], "en") == "a, b and c"
    assert listed(["a", "b"], "fr") == "a et b"
    assert listed(["Moss", "Indigo"], "es") == "Moss e Indigo"
    assert listed(["agua", "hielo"], "es") == "agua y hielo"


def test_order_numbers_and_tokens_stay_as_they_are() -> None:
    """Only slots of a known kind are rewritten."""
    assert spoken("number", "1001-7", "fr", today=TODAY) == "1001-7"
    assert spoken("tracking_number", "TOKEN_1-2", "es", today=TODAY) == "TOKEN_1-2"


def test_sentences_are_cut_at_their_ends_only() -> None:
    """Abbreviations, decimals, quotes and list lines are handled."""
    text = 'Ask before 1:00 p.m. Eastern. It costs $5.95 today. Choose "Cancel." Then wait.\n- A last point'
    assert sentences_of(text) == [
        "Ask before 1:00 p.m. Eastern.",
        "It costs $5.95 today.",
        'Choose "Cancel."',
        "Then wait.",
        "- A last point",
    ]
    assert all(sentence in text for sentence in sentences_of(text))


def test_the_best_sentence_is_chosen_and_keeps_what_it_leans_on() -> None:
    """The words and the kind of the question decide; a sentence that leans on another brings it along."""
    page = passage(
        "shipping",
        "Standard shipping is free from $75. Express shipping costs $12.99. It takes 2-3 business days. "
        "Parcels are insured.",
    )
    cost = choose([page], "what does express cost", most=1)
    assert [quote.text for quote in cost] == ["Express shipping costs $12.99."]
    time = choose([page], "how many business days", most=3)
    assert [quote.text for quote in time][:2] == [
        "Express shipping costs $12.99.",
        "It takes 2-3 business days.",
    ]


def test_without_shared_words_the_first_sentence_of_the_best_passage_answers() -> None:
    """Retrieval by meaning found it, so its beginning is quoted."""
    pages = [passage("a", "Alpha comes first. Beta follows."), passage("b", "Gamma stands alone.", score=0.2)]
    assert [quote.text for quote in choose(pages, "zzz", most=2)] == ["Alpha comes first."]


def test_questions_are_never_quoted() -> None:
    """A passage that only asks has nothing to quote."""
    assert choose([passage("a", "Is it late?")], "late", most=2) == []
