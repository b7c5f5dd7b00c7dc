"""A part of an order is cancelled, never more than was named: its wordings, and how it goes on."""

from pathlib import Path

import pytest
from msgspec import structs

from conversation.words.parts import part_of, takes_out
from shared import contracts as c
from shared.adapters.embedded.product_reader import open_product_reader
from tests.conversation.test_actions import JACKET, MUG, ORDERS, SOCKS, talking
from tests.orders import item, order

WORDINGS = Path(__file__).parent / "order_wordings" / "part.txt"
ORDER = order(
    "1012",
    item("Saltspray Rain Jacket", "Men's M", "HP-SALTSRJ", price="189.00"),
    item("Wren Titanium Mug", "450 ml", "HP-WRENTM", price="34.00", quantity=2),
    item("Fernstep Hiking Socks", "Medium", "HP-FERNSHS", price="22.00"),
    status="unfulfilled",
)
SKUS = dict(zip(("jacket", "mug", "socks"), (one.sku for one in ORDER.items), strict=True))
READER = open_product_reader()


@pytest.fixture(autouse=True)
def unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order of three things that can still be cancelled."""
    monkeypatch.setitem(
        ORDERS, "1012", order("1012", JACKET, MUG, SOCKS, status="unfulfilled", total="145.00")
    )


def _read(language: c.Language, text: str) -> str:
    part = part_of(text, ORDER, lambda said: f"{said} {READER.search_words(said, language=language)}")
    if part.kind == "items" and len(part.items) < len(ORDER.items):
        return " ".join(name for name, sku in SKUS.items() if sku in {one.sku for one in part.items})
    return {"which": "ask", "one": "person"}.get(part.kind, "all")


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_no_more_is_cancelled_than_was_named(language: c.Language) -> None:
    """The item, all but an item, the whole; a thing that the order does not hold is asked about."""
    lines = [line.split(" | ") for line in WORDINGS.read_text("utf-8").splitlines() if line[0] != "#"]
    told = {text: " ".join(sorted(what.split())) for of, text, what in lines if of == language}
    assert len(told) > 7
    assert {text: " ".join(sorted(_read(language, text).split())) for text in told} == told


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("cancel it please, I ordered the jacket by mistake", "jacket"),
        ("I don't want the tent any more", "ask"),
        ("keep the mug, cancel the rest", "jacket socks"),
        ("cancel the mug, not the jacket", "mug"),
        ("cancel the shipping protection on 1012", "ask"),
        ("can you cancel the first item?", "ask"),
        ("cancel one of the two mugs", "person"),
        ("cancel one mug from order 1012", "person"),
        ("annulez un mug de la commande", "person"),
        ("i ordered a mug by accident in 1012, get rid of it", "mug"),
        ("cancel 2 of the 3 things in 1012", "ask"),
        ("the jacket is too expensive", "all"),
        ("yes, cancel it", "all"),
        ("sí, por favor", "all"),
        ("oui, s'il vous plaît", "all"),
    ],
)
def test_a_reason_or_a_yes_names_no_part(text: str, what: str) -> None:
    """What says how much is the wish alone; "all" is all of what is spoken of."""
    assert _read("en", text) == what


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("please remove the mug from my order", True),
        ("enlevez la tasse de ma commande", True),
        ("quiten la taza del pedido", True),
        ("remove my address from the order", False),
        ("take 10% off order 1012 with my code", False),
        ("where is the mug of my order?", False),
    ],
)
def test_taking_out_is_cancelling_a_part(text: str, out: bool) -> None:
    """An address or a code is no item."""
    assert takes_out(text) is out


@pytest.mark.parametrize(
    ("wish", "yes", "language"),
    [
        ("cancel the jacket from order 1012", "yes, cancel it", "en"),
        ("annulez la veste de la 1012", "oui, s'il vous plaît", "fr"),
        ("cancele solo la chaqueta del 1012", "sí, por favor", "es"),
    ],
)
async def test_an_item_is_previewed_agreed_to_and_cancelled(
    tmp_path: Path, wish: str, yes: str, language: c.Language
) -> None:
    """The preview names it with its price, the yes is for it alone, and so is what is told afterwards."""
    async with talking(tmp_path) as talk:
        talk.language = language
        offered = await talk.says(wish, "CANCELLATION", order_number="1012")
        # Of 89.00: what is left is below the amount for free shipping.
        price, shipping = ("82,05", "6,95") if language == "fr" else ("82.05", "6.95")
        assert (offered.status, "Tern Jacket" in offered.reply, price in offered.reply) == (
            "asked",
            True,
            True,
        )
        assert (shipping in offered.reply, "Wren Mug" in offered.reply) == (True, False)
        again = await talk.says({"en": "it was cheaper elsewhere"}.get(language, "hmm"), "PRODUCT_INQUIRY")
        assert ("Tern Jacket" in again.reply, talk.actions) == (True, [])
        done = await talk.says(yes)
        assert (done.status, "R-77" in done.reply) == ("answered", True)
        assert done.state is not None
        assert not done.state.pending_action
    assert [structs.replace(each, reason="") for each in talk.actions] == [
        c.Cancel(order_number="1012", items=("TJ-M",), amount="82.05", currency="USD")
    ]


async def test_who_narrows_an_offer_is_offered_that(tmp_path: Path) -> None:
    """And who widens it, too: each is put before the customer before it is done."""
    async with talking(tmp_path) as talk:
        whole = await talk.says("cancel order 1012", "CANCELLATION", order_number="1012")
        assert "145.00" in whole.reply
        part = await talk.says("yes, but only the mug", "CANCELLATION")
        assert ("34.00" in part.reply, part.status, talk.actions) == (True, "asked", [])
        all_of_it = await talk.says("no, everything please", "CANCELLATION")
        assert ("145.00" in all_of_it.reply, all_of_it.status, talk.actions) == (True, "asked", [])
        await talk.says("yes")
    assert [each.what for each in talk.actions] == [":"]


async def test_a_thing_that_is_not_in_the_order_is_asked_about(tmp_path: Path) -> None:
    """With what there is; only the answer is offered."""
    async with talking(tmp_path) as talk:
        which = await talk.says("cancel the tent from order 1012", "CANCELLATION", order_number="1012")
        assert (which.status, "Wren Mug" in which.reply) == ("asked", True)
        offered = await talk.says("the mug", "PRODUCT_INQUIRY")
        assert ("34.00" in offered.reply, talk.actions) == (True, [])
        await talk.says("yes please")
    assert [each.what for each in talk.actions] == ["WM:"]


async def test_the_item_is_remembered_while_its_order_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that it was only the jacket is not forgotten over the number."""
    monkeypatch.setitem(ORDERS, "1014", order("1014", JACKET, SOCKS, status="unfulfilled", total="111.00"))
    async with talking(tmp_path, {"part": True}) as talk:
        await talk.says("cancel only the jacket", "CANCELLATION")
        offered = await talk.says("1014", order_number="1014")
        assert ("82.05" in offered.reply, "111.00" in offered.reply) == (True, False)
        await talk.says("yes")
        told = await talk.says("what did you just do?", "ORDER_STATUS")
    assert [each.what for each in talk.actions] == ["TJ-M:"]
    assert "part" in told.reply


async def test_money_back_for_an_item_that_is_not_packed_cancels_it_alone(tmp_path: Path) -> None:
    """Nothing has to be sent back."""
    async with talking(tmp_path) as talk:
        offered = await talk.says("refund the mug of 1012", "REFUND_STATUS", order_number="1012")
        assert ("34.00" in offered.reply, offered.status) == (True, "asked")
        beside = await talk.says("wait, what did I order again?", "ORDER_STATUS")
        assert ("Fern Socks" in beside.reply, beside.status) == (True, "asked")
        await talk.says("yes")
    assert [each.what for each in talk.actions] == ["WM:"]
