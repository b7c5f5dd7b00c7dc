"""A refund is for the items it names, as transcripts; one that names none is for the whole order."""

from pathlib import Path

import pytest

from shared import contracts as c
from tests.conversation.test_actions import ORDERS, talking
from tests.orders import item, order

BEANIE = item("Larch Beanie", "One size", "LB", price="18.00", quantity=2)
SOCKS = item("Fern Socks", "Small", "FS-S", price="22.00")
LARGE = item("Fern Socks", "Large", "FS-L", price="22.00")
TERN = item("Tern Jacket", "Men's M", "TJ-M", price="89.00")
HERON = item("Heron Jacket", "Men's M", "HJ-M", price="99.00", returnable=False)
MANY = order(
    "1004",
    BEANIE,
    SOCKS,
    LARGE,
    TERN,
    HERON,
    status="delivered",
    delivered_on="2026-11-11",
    total="275.95",
    shipping="6.95",
)
ABLE = ("LB", "FS-S", "FS-L", "TJ-M")


@pytest.mark.parametrize(
    ("text", "language", "amount", "items"),
    [
        ("please refund the beanie of order 1004", "en", "30.05", ("LB",)),
        ("refund the socks of order 1004", "en", "38.05", ("FS-S", "FS-L")),
        ("I want a refund for the large socks of 1004", "en", "16.05", ("FS-L",)),
        ("je voudrais un remboursement pour le bonnet de la commande 1004", "fr", "30.05", ("LB",)),
        ("quiero el reembolso del gorro del pedido 1004", "es", "30.05", ("LB",)),
    ],
)
async def test_named_items_are_refunded_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, language: c.Language, amount: str,
    items: tuple[str, ...],
) -> None:  # fmt: skip
    """At their price, as often as they were bought; the preview names them, and the yes is for that."""
    monkeypatch.setitem(ORDERS, "1004", MANY)
    async with talking(tmp_path) as talk:
        talk.language = language
        asked = await talk.says(text, "REFUND_STATUS", order_number="1004")
        titles = {each.title for each in MANY.items if each.sku in items}
        assert (asked.status, all(title in asked.reply for title in titles)) == ("asked", True)
        await talk.says({"en": "yes", "fr": "oui", "es": "sí"}[language])
    (done,) = talk.actions
    assert isinstance(done, c.Refund)
    assert (done.items, done.amount, done.goods_back, done.label_cost) == (items, amount, True, "5.95")


@pytest.mark.parametrize(
    ("text", "amount", "items"),
    [
        ("I want a refund for order 1004", "163.05", ABLE),
        ("I want a refund for everything in order 1004, the beanie is torn", "163.05", ABLE),
        ("I want a refund for the Tern jacket of order 1004", "83.05", ("TJ-M",)),
        ("I want a refund for the Tern jacket and the beanie of 1004", "119.05", ("LB", "TJ-M")),
    ],
)
async def test_what_a_person_decides_is_what_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, amount: str, items: tuple[str, ...]
) -> None:
    """The rule looks at these items alone; of a whole order, what may never go back is not paid."""
    monkeypatch.setitem(ORDERS, "1004", MANY)
    async with talking(tmp_path) as talk:
        asked = (await talk.says(text, "REFUND_STATUS", order_number="1004")).approval
    assert asked is not None
    assert isinstance(asked.action, c.Refund)
    assert (asked.action.items, asked.action.amount, asked.action.goods_back) == (items, amount, True)
    assert asked.why == (("amount", "final_sale") if items == ABLE else ("amount",))
    assert ("Tern Jacket" in asked.preview["en"]) == ("TJ-M" in items)


async def test_an_item_named_before_its_order_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked which order, the customer says no more than its number."""
    monkeypatch.setitem(ORDERS, "1004", MANY)
    async with talking(tmp_path) as talk:
        await talk.says("I want a refund for the beanie", "REFUND_STATUS")
        asked = await talk.says("1004", "REFUND_STATUS", order_number="1004")
    assert "Larch Beanie" in asked.reply
