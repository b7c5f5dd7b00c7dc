"""Small talk is known from its words; what asks something is none, however politely."""

import pytest

from conversation.words.smalltalk import asks_about_bot, small_talk

NAME = "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hello there, everyone!", "greeting"),
        ("good evening team, how are you?", "greeting"),
        ("Bonjour à tous, comment allez-vous ?", "greeting"),
        ("¡Hola! ¿Qué tal?", "greeting"),
        (f"Hi {NAME}", "greeting"),
        ("ok", "thanks"),
        ("Great, got it, thank you so much", "thanks"),
        ("Merci beaucoup pour votre aide", "thanks"),
        ("Perfecto, muchas gracias", "thanks"),
        ("ok thanks, bye", "goodbye"),
        ("Merci, bonne journée", "goodbye"),
        ("yes", "yes_or_no"),
        ("nope", "yes_or_no"),
    ],
)
def test_pleasantries_from_the_first_word_to_the_last(text: str, kind: str) -> None:
    """In three languages, with or without a name."""
    assert small_talk(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "hello, how are you packing it?",
        "thanks, and do you rent kayaks?",
        "ok so where is it",
        "good tent for winter?",
        "Bonjour, ça va rétrécir au lavage ?",
        "hola, ¿qué tal abriga el saco?",
        "all",
        "???",
        NAME,
    ],
)
def test_one_word_more_and_it_is_a_question(text: str) -> None:
    """A polite beginning does not hide what is asked; a word that greets nobody alone is none."""
    assert small_talk(text) == ""


@pytest.mark.parametrize(
    "text", ["Are you a bot?", "so, what are you?", "Who are you", "êtes-vous un robot ?"]
)
def test_who_asks_what_answers_is_told(text: str) -> None:
    """Whatever stands around it."""
    assert asks_about_bot(text)


@pytest.mark.parametrize(
    "text",
    ["What are your opening hours?", "who are you shipping with?", "What are you going to do about it?"],
)
def test_words_that_only_begin_alike_ask_something_else(text: str) -> None:
    """So "what are your" is not "what are you"."""
    assert not asks_about_bot(text)
