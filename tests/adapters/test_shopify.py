"""The Shopify adapter keeps the promises of the `CommerceApi` port."""

import re
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mock_apis.demo import demo_customers
from mock_apis.shopify import open_shop
from shared import contracts as c
from shared.adapters.shopify import ShopifyCommerce, open_commerce
from shared.errors import NotAnAddress, SettingsError
from shared.ports import CommerceApi
from tests.clock import Clock

from .vendors import NOW, TALK, TODAY, PlainVault

ANA, MARC, EMMA, JAMES = (str(7_100_000_000_000 + n) for n in (1, 2, 3, 4))
TOKEN = re.compile(r"TOKEN_[0-9a-f-]{36}")


@dataclass
class Desk:
    """A conversation with a signed-in customer."""

    shop: CommerceApi
    vault: PlainVault

    async def token(self, value: str) -> str:
        """A token of this conversation."""
        return await self.vault.token(value, conversation_id=TALK, owner="o")

    async def order(self, number: str, customer: str) -> c.Order | None:
        """A customer's order."""
        return await self.shop.order_of_customer(
            number, customer=await self.token(customer), conversation_id=TALK
        )


@pytest.fixture
def desk(commerce: ShopifyCommerce, vault: PlainVault) -> Desk:
    """The port over the mock shop."""
    return Desk(shop=commerce, vault=vault)


async def test_shows_the_customer_behind_a_token(desk: Desk) -> None:
    """A customer comes as tokens, with the plain numbers of their orders, newest first."""
    token = await desk.token(ANA)
    found = await desk.shop.customer(token, conversation_id=TALK)
    assert found is not None
    assert found.id == token
    assert (found.locale, found.order_numbers) == ("es", ("1001", "1002", "1013"))
    for field, value in ((found.first_name, "Ana"), (found.email, "ana.garcia@example.com")):
        assert TOKEN.fullmatch(field)
        assert desk.vault.values[TALK, field] == value
        assert desk.vault.owners[field] == ANA


async def test_nobody_is_none(desk: Desk) -> None:
    """A token of no customer, of another conversation, or of nonsense finds nobody."""
    stranger = await desk.vault.token(ANA, conversation_id="c-2", owner="o")
    for token in (await desk.token("42"), await desk.token("x OR id:1"), stranger, ""):
        assert await desk.shop.customer(token, conversation_id=TALK) is None
        assert await desk.shop.order_of_customer("1001", customer=token, conversation_id=TALK) is None
        assert await desk.shop.orders_of_customer(customer=token, conversation_id=TALK) == ()


async def test_shows_an_order(desk: Desk) -> None:
    """An order comes with plain facts, and its personal values as tokens of its customer."""
    order = await desk.order("#1001", ANA)
    assert order is not None
    assert (order.number, order.status, order.payment) == ("1001", "shipped", "paid")
    assert (order.placed_on, order.shipped_on, order.expected_on) == (
        "2026-11-15",
        "2026-11-17",
        "2026-11-26",
    )
    assert (order.delivered_on, order.cancelled_on, order.refunded) == ("", "", "")
    assert (order.total, order.currency, order.carrier) == ("281.45", "USD", "Northway Parcel")
    assert [(i.title, i.variant, i.quantity, i.price) for i in order.items] == [
        ("Tern 2 Tent", "Moss", 1, "249.00"),
        ("Sparrow Spork Set", "Pack of 2", 1, "12.50"),
    ]
    assert "Calle de la Brújula 14" in desk.vault.values[TALK, order.ship_to]
    assert desk.vault.values[TALK, order.tracking_number].startswith("CX")
    assert {desk.vault.owners[t] for t in (order.ship_to, order.tracking_number)} == {ANA}


async def test_says_what_the_shop_page_says(desk: Desk, shop_file: Path) -> None:
    """For every demo order the adapter and the demo page tell the same status, dates and total."""
    for person in demo_customers(shop_file):
        for shown in person["orders"]:
            order = await desk.order(shown["number"], person["id"])
            assert order is not None
            told = (order.status, order.payment, order.placed_on, order.shipped_on, order.total)
            names = ("status", "payment", "placed", "shipped", "total")
            assert told == tuple(shown[name] for name in names)
            assert (order.expected_on, order.delivered_on) == (shown["expected"], shown["delivered"])


async def test_another_customers_order_is_none(desk: Desk, shopify_http: httpx.AsyncClient) -> None:
    """Another customer's order looks like none, and the shop is asked so that it does not even send it."""
    sent: list[bytes] = []
    received: list[bytes] = []

    async def note(answer: httpx.Response) -> None:
        sent.append(await answer.request.aread())
        received.append(await answer.aread())

    shopify_http.event_hooks["response"] = [note]
    assert await desk.order("1005", ANA) is None
    assert await desk.order("99999", ANA) is None
    assert len(received) == 2
    assert b"Saltspray" not in b"".join(received)


async def test_proof_is_number_and_email(desk: Desk) -> None:
    """Number and e-mail that belong together show the order, however the e-mail is written."""
    for spelling in (
        "emma.johnson@example.com",
        " Emma.Johnson@EXAMPLE.com",
        "emma dot johnson at example dot com",
        "emma.johnson (arobase) example point com",
    ):
        email = await desk.token(spelling)
        order = await desk.shop.order_by_proof("1005", email=email, conversation_id=TALK)
        assert order is not None
        assert order.status == "delivered"


@pytest.mark.parametrize(
    ("number", "email"),
    [
        ("1005", "ana.garcia@example.com"),
        ("99999", "emma.johnson@example.com"),
        ("1005 OR name:1006", "emma.johnson@example.com"),
        ("", "emma.johnson@example.com"),
    ],
)
async def test_a_wrong_proof_is_none(desk: Desk, number: str, email: str) -> None:
    """A wrong e-mail, an unknown number and smuggled search words all look the same: None."""
    token = await desk.token(email)
    assert await desk.shop.order_by_proof(number, email=token, conversation_id=TALK) is None


@pytest.mark.parametrize(
    "text",
    [
        "Emma Johnson",
        "+1 415 555 0134",
        'x" OR email:"emma.johnson@example.com',
        "emma.johnson@example.com OR name:1005",
        'emma at example dot com" OR email:"emma.johnson at example dot com',
        "",
    ],
)
async def test_what_is_no_address_is_no_proof(desk: Desk, text: str) -> None:
    """The shop is not asked, and whoever counts wrong proofs hears that this was none."""
    token = await desk.token(text)
    with pytest.raises(NotAnAddress):
        await desk.shop.order_by_proof("1005", email=token, conversation_id=TALK)


async def test_shows_a_proved_order(desk: Desk) -> None:
    """An order proved earlier is shown by its number."""
    order = await desk.shop.order_proved("1009", conversation_id=TALK)
    assert order is not None
    assert order.status == "partially_shipped"
    assert await desk.shop.order_proved("1", conversation_id=TALK) is None


async def test_lists_the_newest_orders(desk: Desk) -> None:
    """The newest orders come first, as many as asked."""
    token = await desk.token(JAMES)
    orders = await desk.shop.orders_of_customer(customer=token, conversation_id=TALK, limit=3)
    assert [(order.number, order.status) for order in orders] == [
        ("1009", "partially_shipped"),
        ("1011", "delayed"),
        ("1010", "return_in_progress"),
    ]


async def test_tells_the_days_of_a_customers_refunds(desk: Desk, shop_file: Path) -> None:
    """Of all their orders, newest first: the policy counts those within its window."""
    emma = await desk.order("1005", EMMA)
    ana = await desk.order("1002", ANA)
    assert emma is not None
    assert ana is not None
    assert (len(emma.refunds_on), ana.refunds_on) == (1, ())
    owned = open_shop(shop_file, TODAY).owned("order", "gid://shopify/Customer/7100000000005")
    truth = sorted((refund["createdAt"][:10] for order in owned for refund in order["refunds"]), reverse=True)
    abuser = await desk.token("7100000000005")
    orders = await desk.shop.orders_of_customer(customer=abuser, conversation_id=TALK)
    assert {order.refunds_on for order in orders} == {tuple(truth)}
    assert len(truth) >= 3


async def test_shows_a_refund(desk: Desk) -> None:
    """A refunded order tells amount and day."""
    order = await desk.order("1006", EMMA)
    assert order is not None
    assert (order.status, order.payment) == ("cancelled", "refunded")
    assert (order.refunded, order.refunded_on, order.cancelled_on) == ("99.00", "2026-11-13", "2026-11-13")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("Do you have the Tern 2 tent in sand?", "Tern 2 Tent"),
        ("hiking boots", "Cairn Mid Boot"),
        ("Saltspray Rain Jacket", "Saltspray Rain Jacket"),
        ("glimmer headlamps", "Glimmer 350 Headlamp"),
    ],
)
async def test_finds_products(desk: Desk, query: str, title: str) -> None:
    """The product meant comes first, at most as many as asked."""
    found = await desk.shop.products(query, limit=2)
    assert found[0].title == title
    assert len(found) <= 2


async def test_a_product_has_its_variants(desk: Desk) -> None:
    """A product tells prices, stock, and whether its sale is final."""
    tent, *_ = await desk.shop.products("Tern 3 Tent")
    assert [(v.title, v.price, v.in_stock) for v in tent.variants] == [
        ("Moss", "319.00", 11),
        ("Sand", "319.00", 0),
    ]
    assert (tent.currency, tent.final_sale) == ("USD", False)
    assert (await desk.shop.products("Breakwater wind vest"))[0].final_sale is True


async def test_no_products_for_nonsense(desk: Desk) -> None:
    """Words of no product, operators and signs find nothing and break nothing."""
    for query in ("zzyzx", "OR", '"" AND ((', "", "title:"):
        assert list(await desk.shop.products(query)) == []


async def test_knows_the_customers_record(desk: Desk) -> None:
    """The record for the intake door has name, e-mail, phone and address lines, raw."""
    record = await desk.shop.record_of(EMMA)
    for value in (
        "Emma Johnson",
        "Johnson",
        "emma.johnson@example.com",
        "+15035550142",
        "418 Alder Creek Road",
    ):
        assert value in record
    assert len(record) == len(set(record))
    token = await desk.vault.token(EMMA, conversation_id=TALK, owner=EMMA)
    assert await desk.shop.record_behind(token, conversation_id=TALK) == record
    assert await desk.shop.record_behind(token, conversation_id="c-other") == ()
    assert await desk.shop.record_of("42") == ()
    assert await desk.shop.record_of("x") == ()


async def test_every_reveal_has_its_purpose(desk: Desk) -> None:
    """What the adapter opens, it opens for `commerce`."""
    await desk.order("1001", ANA)
    email = await desk.token("emma.johnson@example.com")
    await desk.shop.order_by_proof("1005", email=email, conversation_id=TALK)
    assert {purpose for _, purpose in desk.vault.revealed} == {"commerce"}


async def test_opens_by_url(tmp_path: Path, vault: PlainVault) -> None:
    """`mock://shopify` is the adapter over the mock's file; any other scheme fails, naming the known ones."""
    path = tmp_path / "own.db"
    async with open_commerce(
        "mock://shopify", token="", vault=vault, clock=Clock(NOW), mock_file=path
    ) as shop:
        await shop.ping()
        assert await shop.order_proved("1001", conversation_id=TALK)
    with pytest.raises(SettingsError, match="'ftp://x' is neither mock://shopify nor https"):
        async with open_commerce("ftp://x", token="", vault=vault, clock=Clock(NOW)):
            pass


async def test_what_is_counted_under_an_items_number(desk: Desk) -> None:
    """The number that webhooks of stock bring leads to the one variant; others, and none, to nothing."""
    (beanie, *_) = await desk.shop.products("Driftwood Beanie")
    for variant in beanie.variants:
        found = await desk.shop.stocked(variant.item)
        assert found is not None
        assert (found.title, found.variants) == (beanie.title, (variant,))
    for item in ("", "1", "gid://shopify/InventoryItem/1"):
        assert await desk.shop.stocked(item) is None
