"""Each topic becomes its event: ids, numbers, states, times; an unsigned topic must fit the body."""

from typing import Any

import pytest

from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from tests.security import webhook_vendors as v
from tests.security.webhook_vendors import Gateway

AT = v.NOW - 30
PERSON = {"shop_id": 954889, "shop_domain": v.SHOP, "customer": v.PERSON}
REDACT = PERSON | {"orders_to_redact": [299938]}
DATA_REQUEST = PERSON | {"orders_requested": [299938], "data_request": {"id": 9999}}
GONE = {"shop_id": 954889, "shop_domain": v.SHOP}
DELETED = {"id": v.CUSTOMER, "phone": v.CANARIES[3], "addresses": []}
STOCK: dict[str, Any] = {"inventory_item_id": 271878346596884015, "location_id": 24826418, "available": None}
STOCK |= {"updated_at": "2026-11-21T11:59:30Z"}
PARCEL = {
    "id": 255858046, "order_id": v.ORDER["id"], "updated_at": "2026-11-21T11:59:30Z",
    "email": v.CANARIES[2], "destination": {"first_name": v.CANARIES[0]}, "tracking_number": "1Z2345",
}  # fmt: skip
FULFILLED = {"fulfillment_status": "fulfilled"}
CANCELLED = {
    "cancelled_at": "2026-11-21T11:59:30Z",
    "cancel_reason": "inventory",
    "financial_status": "voided",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    return Gateway(MemoryBus(), MemoryVault(), lambda: v.NOW, v.chosen(tmp_path_factory.mktemp("desk")))


@pytest.fixture
def desk(built: Gateway) -> Gateway:
    return v.fresh(built)


async def told(desk: Gateway, vendor: str, body: bytes, headers: dict[str, str]) -> tuple[str, Any]:
    """The one event that is on the bus after this, with its subject."""
    assert (await desk.post(vendor, body, headers)).json() == {"status": "stored"}
    assert isinstance(desk.bus, MemoryBus)
    assert set(desk.bus._events) <= {event.subject for event in c.VENDOR_EVENTS}
    ((subject, body_),) = [(name, each) for name, kept in desk.bus._events.items() for each in kept.values()]
    return subject, body_


@pytest.mark.parametrize(
    ("topic", "more", "event", "states"),
    [
        ("orders/create", {"financial_status": None}, c.SHOP_ORDER_CREATED, ("pending", "unfulfilled", "")),
        ("orders/paid", {}, c.SHOP_ORDER_PAID, ("paid", "unfulfilled", "")),
        ("orders/fulfilled", FULFILLED, c.SHOP_ORDER_FULFILLED, ("paid", "fulfilled", "")),
        ("orders/cancelled", CANCELLED, c.SHOP_ORDER_CANCELLED, ("voided", "unfulfilled", "inventory")),
        ("orders/paid", {"fulfillment_status": "x"}, c.SHOP_ORDER_PAID, ("paid", "other", "")),
    ],
)
async def test_orders(
    desk: Gateway,
    topic: str,
    more: dict[str, Any],
    event: c.Event[c.ShopOrderChanged],
    states: tuple[str, str, str],
) -> None:
    """State and amount, and whose it is as a token that opens at its own place alone."""
    body = v.encoded(v.ORDER | more)
    subject, order = await told(desk, "shopify", body, v.shopify(body, topic))
    assert subject == event.subject
    assert (order.order_id, order.number, order.total, order.currency) == (
        v.ORDER["id"],
        "1001",
        "52.90",
        "USD",
    )
    assert (order.payment, order.fulfillment, order.cancel_reason) == states
    assert order.changed_at == AT
    place = order.conversation_id
    assert await desk.vault.reveal(order.customer, conversation_id=place, purpose="commerce") == str(
        v.CUSTOMER
    )
    assert (
        await desk.vault.reveal(order.customer, conversation_id="c-1", purpose="commerce") == order.customer
    )
    # What erases the customer's conversations finds their events.
    assert await desk.vault.conversations(str(v.CUSTOMER)) == [place]


async def test_a_guests_order_is_nobodys(desk: Gateway) -> None:
    """No customer, no token."""
    body = v.encoded(v.ORDER | {"customer": None})
    _, order = await told(desk, "shopify", body, v.shopify(body))
    assert (order.customer, order.conversation_id) == ("", "")


@pytest.mark.parametrize(
    ("topic", "sent", "event", "at"),
    [
        ("customers/create", v.PERSON, c.SHOP_CUSTOMER_CREATED, AT),
        ("customers/update", v.PERSON, c.SHOP_CUSTOMER_UPDATED, AT),
        ("customers/delete", DELETED, c.SHOP_CUSTOMER_DELETED, v.NOW),
        ("customers/redact", REDACT, c.SHOP_CUSTOMER_REDACT, v.NOW),
        ("customers/data_request", DATA_REQUEST, c.SHOP_CUSTOMER_DATA_REQUEST, v.NOW),
    ],
)
async def test_customers(
    desk: Gateway, topic: str, sent: dict[str, Any], event: c.Event[Any], at: float
) -> None:
    """Who, as a token, and when; what the shop asks for a person comes with the token that erases them."""
    body = v.encoded(sent)
    subject, found = await told(desk, "shopify", body, v.shopify(body, topic))
    assert subject == event.subject
    revealed = await desk.vault.reveal(
        found.customer, conversation_id=found.conversation_id, purpose="commerce"
    )
    assert revealed == str(v.CUSTOMER)
    assert at == (found.received_at if isinstance(found, c.ShopPersonRequest) else found.changed_at)
    if isinstance(found, c.ShopPersonRequest):
        assert found.request_id == (9999 if topic == "customers/data_request" else 0)


async def test_stock(desk: Gateway) -> None:
    """Nobody's."""
    body = v.encoded(STOCK)
    stock = c.ShopStockChanged(
        inventory_item_id=271878346596884015, location_id=24826418, available=None, changed_at=AT
    )
    found = await told(desk, "shopify", body, v.shopify(body, "inventory_levels/update"))
    assert found == (c.SHOP_STOCK_UPDATED.subject, stock)


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("#1001.1", "delivered", ("1001", "delivered")),
        ("#1001-F2", None, ("1001", "")),
        ("HP1001.1", "lost_by_a_new_carrier", ("1001", "other")),
    ],
)
@pytest.mark.parametrize("topic", ["fulfillments/create", "fulfillments/update"])
async def test_parcels(
    desk: Gateway, topic: str, name: str, status: str | None, expected: tuple[str, str]
) -> None:
    """Of which order, and how far; nobody's name, no number to track."""
    body = v.encoded(PARCEL | {"name": name, "shipment_status": status})
    subject, parcel = await told(desk, "shopify", body, v.shopify(body, topic))
    assert (subject, (parcel.number, parcel.state)) == (c.SHOP_PARCEL_CHANGED.subject, expected)
    assert not [each for each in v.CANARIES if each in str(parcel)]


async def test_a_shop_that_leaves(desk: Gateway) -> None:
    """The shop that uninstalled us is named by its number."""
    body = v.encoded(GONE)
    found = await told(desk, "shopify", body, v.shopify(body, "shop/redact"))
    assert found == (c.SHOP_REDACT.subject, c.ShopGone(shop_id=954889, received_at=v.NOW))


@pytest.mark.parametrize(
    ("captured", "topic"),
    [
        (v.ORDER, "orders/cancelled"),
        (v.ORDER, "orders/fulfilled"),
        (v.ORDER | {"financial_status": "pending"}, "orders/paid"),
        (v.PERSON, "customers/delete"),
        (DELETED, "customers/update"),
        (v.ORDER, "customers/delete"),
        (REDACT, "shop/redact"),
        (DATA_REQUEST, "customers/redact"),
        (REDACT, "customers/data_request"),
        (v.ORDER, "customers/redact"),
        (v.PERSON, "inventory_levels/update"),
        (v.ORDER, "fulfillments/update"),
        (PARCEL | {"name": "gift"}, "fulfillments/update"),
        (GONE | {"shop_domain": "evil.myshopify.com"}, "shop/redact"),
        ({"shop_id": 954889}, "shop/redact"),
    ],
)
async def test_a_body_under_another_topic(desk: Gateway, captured: dict[str, Any], topic: str) -> None:
    """Shopify does not sign the topic: who captured a body cannot cancel, delete or erase with it."""
    body = v.encoded(captured)
    assert (await desk.post("shopify", body, v.shopify(body, topic))).json() == {"status": "unreadable"}
    assert isinstance(desk.bus, MemoryBus)
    assert [name for name, kept in desk.bus._events.items() if kept] == [c.WEBHOOK_UNREADABLE.subject]
    assert not await desk.vault.conversations(str(v.CUSTOMER))


@pytest.mark.parametrize(
    ("kind", "event", "expected", "fields"),
    [
        ("created", {}, c.TICKET_CREATED, {"change": "created", "status": "open", "priority": "high"}),
        ("status_changed", {"current": "SOLVED"}, c.TICKET_UPDATED, {"change": "status"}),
        ("status_changed", {"current": "CLOSED"}, c.TICKET_CLOSED, {"change": "status"}),
        ("soft_deleted", {}, c.TICKET_UPDATED, {"change": "status", "status": "deleted"}),
        ("merged", {"merged_into": "35437"}, c.TICKET_UPDATED, {"change": "merged"}),
        (
            "priority_changed",
            {"current": "HIGH", "previous": "LOW"},
            c.TICKET_PRIORITY_CHANGED,
            {"priority": "high", "previous_priority": "low"},
        ),
        ("agent_assignment_changed", {}, c.TICKET_ASSIGNED, {"assigned": True, "group_id": 8268544}),
        ("group_assignment_changed", {}, c.TICKET_ASSIGNED, {"assigned": True}),
        (
            "comment_added",
            {"comment": {"body": f"I am {v.CANARIES[0]}", "is_public": True}},
            c.TICKET_UPDATED,
            {"change": "comment", "public": True},
        ),
        ("comment_added", {"comment": {"is_public": "yes"}}, c.TICKET_UPDATED, {"public": False}),
        ("tags_changed", {"tags_added": [v.CANARIES[1]]}, c.TICKET_UPDATED, {"change": "tags"}),
    ],
)
async def test_tickets(
    desk: Gateway, kind: str, event: dict[str, Any], expected: c.Event[Any], fields: dict[str, object]
) -> None:
    """What changed, of which of our hand-overs; no words, and no number of a person."""
    body = v.happened(kind, event)
    subject, ticket = await told(desk, "zendesk", body, v.zendesk(body))
    assert subject == expected.subject
    assert {name: getattr(ticket, name) for name in fields} == fields
    assert (ticket.ticket, ticket.hand_over_id) == ("35436", v.TICKET["external_id"])
    assert ticket.changed_at == pytest.approx(v.NOW - 1.877, abs=0.001)
    shown = str(ticket)
    assert not [
        each for each in (*v.CANARIES, str(v.CUSTOMER), v.TICKET["assignee_id"]) if str(each) in shown
    ]


async def test_what_a_merge_closes_is_not_settled(desk: Gateway) -> None:
    """Zendesk closes the ticket that was merged into another, and marks it so."""
    body = v.happened("status_changed", {"current": "CLOSED"}, tags=["vip", "closed_by_merge"])
    subject, ticket = await told(desk, "zendesk", body, v.zendesk(body))
    assert (subject, ticket.change) == (c.TICKET_UPDATED.subject, "merged")


@pytest.mark.parametrize(
    "external", ["Zephyrine", "h-t-Zephyrine", "h-t-0123456789abcdef Zephyrine", 7, None]
)
async def test_an_external_id_of_others(desk: Gateway, external: object) -> None:
    """Other systems write what they like there; only our own goes on."""
    body = v.happened("created", external_id=external)
    _, ticket = await told(desk, "zendesk", body, v.zendesk(body))
    assert ticket.hand_over_id == ""


@pytest.mark.parametrize(
    ("rating", "score"),
    [({"score": "GOOD", "comment": v.CANARIES[0]}, "good"), ("BAD", "bad"), ("?", "other")],
)
async def test_ratings(desk: Gateway, rating: object, score: str) -> None:
    """The score, not the words."""
    body = v.happened("csat_received", {"satisfaction_score": rating})
    subject, rated = await told(desk, "zendesk", body, v.zendesk(body))
    assert (subject, rated.score, rated.ticket) == (c.TICKET_RATED.subject, score, "35436")
    assert v.CANARIES[0] not in str(rated)
