"""What was asked before is context; a message that answers something else is not touched."""

import pytest

from shared.personal_data import find, swap_in


def answered(question: str, text: str) -> str:
    spans = find(text, asked=question)
    return swap_in(text, spans, ["\N{FULL BLOCK}"] * len(spans))


@pytest.mark.parametrize(
    ("question", "answer", "left"),
    [
        ("May I have your name?", "hope", "█"),
        ("Votre prénom ?", "c'est Fleur", "c'est █"),
        ("¿A nombre de quién está el pedido?", "de mi padre, Prado", "de mi padre, █"),
        ("What name is it under?", "yes, zulauf", "yes, █"),
        ("Your name and e-mail?", "Hope, hope@example.com", "█, █"),
        ("What's the delivery address?", "Old Mill House, Upper Wick", "█"),
        ("¿Cuál es su código postal?", "44210", "█"),
        ("Votre code postal ?", "2b 200", "█"),
        ("Your date of birth, please?", "7/6/91", "█"),
        ("Quel est votre numéro de client ?", "884-120", "█"),
        ("Which number can we call?", "5550 134", "█"),
    ],
)
def test_an_answer_is_hidden(question: str, answer: str, left: str) -> None:
    """Each kind that is asked for is hidden in the answer, and the words around it stay."""
    assert answered(question, answer) == left


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("May I have your name?", "no, why?"),
        ("May I have your name?", "the order number is 1044"),
        ("Votre nom ?", "non merci"),
        ("¿Su nombre?", "no gracias"),
        ("What is your order number?", "10442"),
        ("Order number and ZIP code?", "10442"),
        ("Which color would you like?", "rose"),
        ("What's the delivery address?", "same as before"),
        ("", "hope"),
    ],
)
def test_what_answers_nothing_stays(question: str, answer: str) -> None:
    """Refusals, order numbers and answers to other questions stay readable."""
    assert answered(question, answer) == answer
