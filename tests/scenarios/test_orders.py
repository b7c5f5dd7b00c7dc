"""What customers hear about orders matches the shop, in three languages, and only for who may hear it."""

import pytest

from tests.shop import Shop

WHERE = {
    "en": "Where is my order {}?",
    "fr": "Où en est ma commande {} ?",
    "es": "¿Dónde está mi pedido {}?",
}
DEMO_ORDERS = [
    ("Ana", "1001"), ("Ana", "1002"), ("Marc", "1003"), ("Marc", "1004"), ("Emma", "1005"), ("Emma", "1006"),
    ("Emma", "1007"), ("James", "1008"), ("James", "1009"), ("James", "1010"), ("James", "1011"),
]  # fmt: skip
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


def spoken(day: str, language: str) -> str:
    """An ISO day as a reply says it: the number and the month's name."""
    month = MONTHS[language].split()[int(day[5:7]) - 1]
    return f"{month} {int(day[8:10])}" if language == "en" else month


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize(("name", "number"), DEMO_ORDERS)
def test_order_questions_are_answered_with_the_shops_facts(
    shop: Shop, name: str, number: str, language: str
) -> None:
    """Number and dates of the reply are those of the mock shop."""
    answer = shop.customer(name).say(WHERE[language].format(number))
    order = shop.order(number)
    assert answer["status"] == "answered", answer
    assert answer["language"] == language
    assert answer["intent"] in {"ORDER_STATUS", "TRACKING_UPDATE"}
    assert number in answer["reply"]
    happened = [order[k] for k in ("delivered", "expected", "shipped", "placed") if order[k]]
    told = answer["reply"].replace(",", ".")
    dated = any(spoken(day, language) in answer["reply"] for day in happened)
    # What has neither left nor a day to arrive on may be said so, without a date.
    waiting = order["status"] == "unfulfilled" and not order["expected"]
    refunded = order["status"] == "cancelled" and order["total"] in told
    assert dated or waiting or refunded, (answer["reply"], order)


def test_the_bot_asks_which_order_and_understands_the_bare_number(shop: Shop) -> None:
    """Where is my order? - which one? - 1001."""
    chat = shop.customer("Ana")
    asked = chat.say("where is my order?")
    assert asked["status"] == "asked"
    assert "1001" in asked["reply"]
    answer = chat.say("1001")
    assert answer["status"] == "answered"
    assert shop.order("1001")["tracking"]["number"] in answer["reply"]


def test_a_guest_proves_an_order_with_number_and_email(shop: Shop) -> None:
    """Without identity nothing is told before number and e-mail fit."""
    chat = shop.guest()
    first = chat.say("Where is my order?")
    assert first["status"] == "asked"
    second = chat.say("it's 1005")
    assert second["status"] == "asked"
    assert "deliver" not in second["reply"].lower()
    answer = chat.say("emma.johnson@example.com")
    assert answer["status"] == "answered"
    assert "1005" in answer["reply"]
    again = chat.say("and when was order 1005 delivered?")
    assert again["status"] == "answered", again


def test_a_wrong_pair_reads_like_an_unknown_order(shop: Shop) -> None:
    """Nobody can probe which orders or e-mails exist."""
    wrong_mail = shop.guest().say("Where is order 1005? My e-mail is james.wilson@example.com")
    unknown = shop.guest().say("Where is order 9999? My e-mail is james.wilson@example.com")
    stranger = shop.guest().say("Where is order 1005? My e-mail is nobody@example.net")
    assert wrong_mail["status"] == unknown["status"] == stranger["status"] == "asked"
    strip = [a["reply"].replace("1005", "N").replace("9999", "N") for a in (wrong_mail, unknown, stranger)]
    goals = {text[:20] for text in strip}
    assert all("deliver" not in text.lower() for text in strip), strip
    assert len(goals) <= 3


def test_another_customers_order_is_not_told(shop: Shop) -> None:
    """James asks for Ana's order: the same as for one that does not exist."""
    theirs = shop.customer("James").say("Where is my order 1001?")
    assert theirs["status"] in {"asked", "answered"}
    order = shop.order("1001")
    assert order["tracking"]["number"] not in theirs["reply"]
    for day in (order["placed"], order["shipped"], order["expected"]):
        assert not day or spoken(day, "en") not in theirs["reply"]
