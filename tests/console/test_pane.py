"""The right pane: the packet, where facts stand, orders, and what the customer wrote before."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from shared import contracts as c
from shared.errors import VendorDown
from tests.cases.examples import EMMA, hand_over
from tests.console.desk import HTMX, PAGE, ConsoleDesk, open_desk
from tests.orders import item, order

MARK = "customer:0011223344556677"
TRACKING = "TOKEN_11111111-2222-3333-4444-555555555555"


class Shop:
    """A shop with one order of everybody's, which may be down."""

    down = False

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def orders_of_customer(
        self, *, customer: str, conversation_id: str, limit: int = 5
    ) -> Sequence[c.Order]:
        return (await self.order_proved("1001", conversation_id=conversation_id),)

    async def order_proved(self, number: str, *, conversation_id: str) -> c.Order:
        self.asked.append(number)
        if self.down:
            raise VendorDown("shopify", "it does not answer")
        return order(number, item("Tern 2 Tent", "Moss", "T-1"), tracking_number=TRACKING, carrier="Northway")


def packet(**fields: object) -> c.HandOver:
    given = hand_over()
    return structs.replace(given, packet=structs.replace(given.packet, **fields))


async def opened(console: ConsoleDesk, given: c.HandOver, state: c.ConversationState | None = None) -> None:
    await console.said(
        "hello", "Hi.", state=state or c.ConversationState(), customer_mark=MARK if state else ""
    )
    await console.cases.open(c.CaseOpened(at=100.0, by="bot", hand_over=given))


async def test_the_packet_and_where_its_facts_stand(tmp_path: Path) -> None:
    """Each fact with its source, an order's as a link into the orders below; tokens as labels."""
    async with open_desk(tmp_path) as console:
        facts = (
            c.Fact(id="order:1001/shipped_on", value="2026-11-03"),
            c.Fact(id="kb:returns#window", value="30 days"),
            c.Fact(id="odd <id>", value=TRACKING),
        )
        given = packet(
            summary="Asks for a <refund>.", facts=facts, tried=("looked it up",), promised=("a call",),
            suggested_reply="We are sorry.", language="fr",
        )  # fmt: skip
        await opened(console, given)
        page = await console.page()
    pane = page[page.index('id="customer"') :]
    assert re.search(r"Nov\w* 3, 2026|3 Nov\w* 2026", pane)
    assert 'href="#order-1001">order 1001' in pane
    for shown in (
        "kb returns",
        "odd &lt;id&gt;",
        "Asks for a &lt;refund&gt;.",
        "looked it up",
        "a call",
        "French",
    ):
        assert shown in pane, shown
    assert "We are sorry." in pane
    assert "‹hidden 1111›" in pane


async def test_the_note_is_in_the_readers_language(tmp_path: Path) -> None:
    """What their browser asks for; the customer's own words stay as they are."""
    async with open_desk(tmp_path) as console:
        await opened(console, packet(suggested_reply="We are sorry.", tried=("x",)))
        for header, title in (
            ("fr-CH", "Réponse proposée"),
            ("en", "Suggested reply"),
            ("de", "Suggested reply"),
        ):
            page = await console.http().get("/console/cases/h-1", headers={**PAGE, "Accept-Language": header})
            assert title in page.text, header


@pytest.mark.parametrize(
    "state", [c.ConversationState(customer="TOKEN_x"), c.ConversationState(proved_orders=("1001",))]
)
async def test_orders_come_after_the_page(tmp_path: Path, state: c.ConversationState) -> None:
    """The page asks for them; without scripts a link does. Status, items and tracking are there."""
    shop = Shop()
    async with open_desk(tmp_path, shop=shop) as console:
        await opened(console, packet(), state)
        page = await console.page()
        assert shop.asked == []
        assert 'data-fetch="/console/cases/h-1/orders"' in page
        for headers in (HTMX, PAGE):
            found = await console.http().get("/console/cases/h-1/orders", headers=headers)
            assert found.headers["cache-control"] == "no-store"
            assert ("<html" in found.text) == (headers is PAGE)
            for shown in ('id="order-1001"', "shipped", "Tern 2 Tent", "Northway", "‹hidden 1111›"):
                assert shown in found.text, shown


async def test_who_proved_nothing_has_no_orders(tmp_path: Path) -> None:
    """The shop is not even asked."""
    shop = Shop()
    async with open_desk(tmp_path, shop=shop) as console:
        await opened(console, packet())
        found = await console.http().get("/console/cases/h-1/orders", headers=HTMX)
    assert "proved no order" in found.text
    assert shop.asked == []


async def test_a_shop_that_is_down_is_said(tmp_path: Path) -> None:
    """In plain words, in its place; the rest of the page is there."""
    shop = Shop()
    shop.down = True
    async with open_desk(tmp_path, shop=shop) as console:
        await opened(console, packet(), c.ConversationState(proved_orders=("1001",)))
        found = await console.http().get("/console/cases/h-1/orders", headers=HTMX)
        assert (found.status_code, "does not answer now" in found.text) == (200, True)
        assert "it does not answer" not in found.text, "a vendor's words are for the log"


async def test_history_is_paged_and_opens_to_read(tmp_path: Path) -> None:
    """Newest first, not this one: date, intent, outcome, who; a case leads to it, else to its lines."""
    async with open_desk(tmp_path) as console:
        mark = c.ConversationState(customer_mark=MARK)
        for n in range(30):
            await console.said(
                f"question {n}", "An answer.", conversation=f"c-old{n}", turn=f"t-{n}", at=1000.0 + n,
                state=mark, customer_mark=MARK, intent=c.Intent.ORDER_STATUS,
            )  # fmt: skip
        old = hand_over("h-old", "c-old29")
        await console.cases.open(c.CaseOpened(at=1.0, by="bot", hand_over=old))
        await console.cases.append("h-old", c.CaseClosed(at=2.0, by=EMMA.actor, name="Emma", turn_id="s-1"))
        await opened(console, packet(), mark)
        page = await console.page()
        first = re.findall(r'<li class="entry"><a href="([^"]+)">.*?</li>', page)
        assert first[:2] == ["/console/cases/h-old", "/console/conversations/c-old28"]
        line = re.search(r'<li class="entry">(.*?)</li>', page)
        assert line is not None
        for shown in ("1970-01-01", "order status", "closed", "Emma"):
            assert shown in line[1], shown
        found, cursor = list(first), re.search(r'history\?cursor=([^"]+)"', page)
        while cursor:
            more = await console.http().get(f"/console/cases/h-1/history?cursor={cursor[1]}", headers=HTMX)
            found += re.findall(r'<li class="entry"><a href="([^"]+)">', more.text)
            cursor = re.search(r'history\?cursor=([^"]+)"', more.text)
        assert len(found) == len(set(found)) == 30
        read = (await console.http().get("/console/conversations/c-old28", headers=PAGE)).text
        assert "question 28" in read
        assert "<textarea" not in read
        assert read.count("<form") == 1, "to take it over; nothing is written here"
        wrong = await console.http().get("/console/cases/h-1/history?cursor=xx", headers=PAGE)
        assert (wrong.status_code, "cursor" in wrong.text) == (422, True)
        gone = await console.http().get("/console/conversations/c-nobody", headers=PAGE)
        assert gone.status_code == 404
