"""What is found in a message, and what is left alone."""

import time
from pathlib import Path

import pytest

from shared.personal_data import find, swap_in
from tests.personal_data.cases import ANA, HARMLESS, KNOWN, KNOWN_HARMLESS, PERSONAL
from tests.speed import limit


def masked(text: str, known: tuple[str, ...] = ()) -> str:
    spans = find(text, known=known)
    return swap_in(text, spans, ["\N{FULL BLOCK}"] * len(spans))


def surviving(text: str, value: str, known: tuple[str, ...] = ()) -> str:
    start = text.index(value)
    spans = find(text, known=known)
    return "".join(
        char
        for place, char in enumerate(value, start)
        if char.isalnum() and not any(span.start <= place < span.end for span in spans)
    )


@pytest.mark.parametrize(("text", "value"), PERSONAL)
def test_unknown_values(text: str, value: str) -> None:
    """Personal data nobody told us about is found by its form or its surroundings."""
    assert surviving(text, value) == "", masked(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless(text: str) -> None:
    """Order numbers, prices, dates, sizes and everyday words stay readable."""
    assert masked(text) == text


@pytest.mark.parametrize(("record", "text", "value"), KNOWN)
def test_known_values(record: tuple[str, ...], text: str, value: str) -> None:
    """A value of the customer's record is found however it is written."""
    assert surviving(text, value, record) == "", masked(text, record)


@pytest.mark.parametrize(("record", "text"), KNOWN_HARMLESS)
def test_known_words_meant_otherwise(record: tuple[str, ...], text: str) -> None:
    """A record whose name is an ordinary word does not blot out ordinary sentences."""
    assert masked(text, record) == text


@pytest.mark.parametrize(("_text", "value"), PERSONAL)
@pytest.mark.parametrize("order", ["#1001", "order 1002"])
def test_order_numbers_stay_beside_anything(_text: str, value: str, order: str) -> None:
    """An order number stays usable in a message full of personal data."""
    assert order in masked(f"It is about {order}. {_text}")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("change the address of 1003 to 5 rue de la Paix, 75002 Paris", "5 rue de la Paix, 75002 Paris"),
        ("change the address of 1003 to 5 Elm Street, Portland OR 97201", "5 Elm Street, Portland OR 97201"),
        ("livrez la 1003 au 5 rue de la Paix, 75002 Paris", "5 rue de la Paix, 75002 Paris"),
        ("la dirección del 1003 a Calle Mayor 5, 28013 Madrid", "Calle Mayor 5, 28013 Madrid"),
    ],
)
def test_an_order_number_before_an_address_is_none_of_it(text: str, address: str) -> None:
    """What is changed can be read, and where to is hidden."""
    assert masked(text) == text.replace(address, "\N{FULL BLOCK}")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("my card is 4111 1111 1111 1111 exp 12/29", "my card is █ exp █"),
        ("4111111111111111 12/29 123", "█ █"),
        (
            "ma carte 4111 1111 1111 1111 expire le 12/29, cryptogramme 123",
            "ma carte █ expire le █, cryptogramme █",
        ),
        ("caduca en 12/2029, tarjeta 4111 1111 1111 1111", "caduca en █, tarjeta █"),
        ("exp dec 2029: 4111 1111 1111 1111", "exp █: █"),
        ("my gift card expires 12/29", "my gift card expires 12/29"),
        ("paid 12/11 for order 1001 with 4111 1111 1111 1111", "paid 12/11 for order 1001 with █"),
    ],
)
def test_what_stands_beside_a_card(text: str, left: str) -> None:
    """When it expires and its check code are hidden with it; other dates stay."""
    assert masked(text) == left


def test_tokens_stay() -> None:
    """What is already a token is not tokenized again, nor does it lend its digits to a number."""
    token = "TOKEN_0b5f3c1e-5a52-4b6f-9b50-5d2d3a1c9f10"
    assert masked(f"call {token} 555 or {token}") == f"call {token} 555 or {token}"
    assert find(token, known=("5a52",)) == []


def test_spans() -> None:
    """Spans are in order, do not overlap, and say what they are in the original's own places."""
    text = "né\u0301e: e-mail ana@exam\u200bple.com, (555) 013-4477"
    spans = find(text)
    assert [text[span.start : span.end] for span in spans] == ["ana@exam\u200bple.com", "(555) 013-4477"]
    assert [span.kind for span in spans] == ["email", "phone"]
    assert find("") == []


@pytest.mark.parametrize(
    "piece",
    [
        "a", "a.", "1", "1 ", "a@", "Ana ", "at dot ", "12 rue ", "calle ", ": ", "(", "é", "A-",
        "my name is ", "1001, ", "a1", "GB29 ", "- ", "12 a b c ", "a_", "0:", "gmail ", "a dot ",
        "a at b dot ", "@a.com ", "order 1001 ", "#1 ", "de la ", "Apt ", "TOKEN_", "\u200b", "M. ",
        "thanks,\n", "born ", "c/ ",
    ],
)  # fmt: skip
def test_long_messages(piece: str) -> None:
    """The longest message allowed, of the worst kind, does not stop the process (no runaway pattern)."""
    text = (piece * 5000)[:5000]
    find("warm up 1 @", known=ANA)
    started = time.process_time()
    find(text, known=ANA)
    assert time.process_time() - started < limit(0.5)


def test_our_own_articles() -> None:
    """Nothing in the shop's knowledge base, which names no customer, is taken for personal data."""
    articles = sorted((Path(__file__).parents[2] / "knowledge_base").glob("*/*.md"))
    assert len(articles) > 20
    lines = [line for article in articles for line in article.read_text("utf-8").splitlines()]
    assert [masked(line) for line in lines if find(line)] == []
