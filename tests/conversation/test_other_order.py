"""A thing that is named is looked for in the customer's other orders where the one spoken of has none."""

from pathlib import Path

import pytest

from shared import contracts as c
from tests.conversation.test_actions import JACKET, ORDERS, SOCKS, talking
from tests.orders import item, order

BANK = item("Cove 10K Power Bank", "Standard", "PB")
STOVE = item("Kestrel Canister Stove", "Standard", "ST")
COOKSET = item("Finch Cookset", "Two-Person", "CS")
POLES = item("Juniper Trekking Poles", "Pair", "TP")
FLEECE = item("Kindling Fleece", "Men's M", "KF")
TENT = item("Tern 2 Tent", "Moss", "T2")


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """A customer with an order in every state."""
    arrived = {"status": "delivered", "delivered_on": "2026-11-12"}
    gone = {"status": "cancelled", "cancelled_on": "2026-11-05", "payment": "refunded"}
    theirs = (
        order("1001", TENT, shipped_on="2026-11-10"),
        order("1002", SOCKS, **arrived),
        order("1005", JACKET, **arrived),
        order("1006", POLES, **gone),
        order("1009", STOVE, COOKSET, status="partially_shipped", shipped_on="2026-11-18"),
        order("1011", BANK, status="delayed", shipped_on="2026-11-05"),
        order("1014", FLEECE, status="unfulfilled"),
        order("1016", TENT, status="unfulfilled"),
    )
    for number in list(ORDERS):
        monkeypatch.delitem(ORDERS, number)
    for each in theirs:
        monkeypatch.setitem(ORDERS, each.number, each)


@pytest.mark.parametrize(
    ("text", "intent", "first", "then", "language"),
    [
        ("and my power bank?", "ORDER_STATUS", "1009", "1011", "en"),
        ("ok then cancel the power bank", "CANCELLATION", "1009", "1011", "en"),
        ("cancel power bank", "CANCELLATION", "1009", "1011", "en"),
        ("I want to return the jacket", "RETURN_REQUEST", "1001", "1005", "en"),
        ("when do I get the refund for the trekking poles?", "REFUND_STATUS", "1001", "1006", "en"),
        ("quiero devolver los calcetines", "RETURN_REQUEST", "1001", "1002", "es"),
        ("où est ma polaire ?", "ORDER_STATUS", "1001", "1014", "fr"),
        ("cancel the tent", "CANCELLATION", "1009", "1016", "en"),
        ("and my cookset?", "ORDER_STATUS", "1009", "1009", "en"),
        ("when will the money be at my bank?", "REFUND_STATUS", "1006", "1006", "en"),
        ("I need it for a trip, do I need a jacket?", "ORDER_STATUS", "1001", "1001", "en"),
        ("where is the power bank, the one of 1009?", "ORDER_STATUS", "1009", "1009", "en"),
    ],
)
async def test_what_is_named_tells_the_order(
    tmp_path: Path, text: str, intent: str, first: str, then: str, language: c.Language
) -> None:
    """Not which was spoken of last; a number that is named wins, and so does what may be meant of it."""
    async with talking(tmp_path) as talk:
        talk.language = language
        await talk.says(f"where is {first}?", "ORDER_STATUS", order_number=first)
        number = {"order_number": "1009"} if "1009" in text else {}
        told = await talk.says(text, intent, **number)
    assert told.state is not None
    assert told.state.slots.get("order_number") == then, told.reply
    assert f"#{then}" in told.reply


async def test_in_doubt_it_is_asked_which(tmp_path: Path) -> None:
    """Two of their orders hold it, and the answer is of one of those."""
    async with talking(tmp_path) as talk:
        await talk.says("where is 1009?", "ORDER_STATUS", order_number="1009")
        which = await talk.says("and where is my tent?", "ORDER_STATUS")
        assert (which.status, "#1001" in which.reply, "#1016" in which.reply) == ("asked", True, True)
        assert "#1011" not in which.reply
        told = await talk.says("1016", "ORDER_STATUS", order_number="1016")
    assert "#1016" in told.reply


@pytest.mark.parametrize("text", ["cancel just the cookset from 1009", "cancel 1009"])
async def test_what_is_still_in_the_warehouse_is_for_a_person(tmp_path: Path, text: str) -> None:
    """Which of the items has left is not known here, so nothing is said of it."""
    async with talking(tmp_path) as talk:
        told = await talk.says(text, "CANCELLATION", order_number="1009")
    assert (told.status, "left our warehouse" in told.reply, talk.actions) == ("handed_over", False, []), told


async def test_what_was_delivered_is_not_waited_for(tmp_path: Path) -> None:
    """It can go back now."""
    async with talking(tmp_path) as talk:
        told = await talk.says("cancel 1005", "CANCELLATION", order_number="1005")
    assert ("after delivery" in told.reply.lower(), "delivered" in told.reply) == (False, True), told.reply
