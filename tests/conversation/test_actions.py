"""Actions in conversations, as transcripts: what will happen is said, agreed to, done once, and receipted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared import contracts as c
from tests.clock import Clock
from tests.conversation.desk import Desk, ids, running, understood
from tests.orders import item, order
from tests.products import product, variant

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
HOME, AWAY = (f"TOKEN_0000000{n}-0000-4000-8000-000000000000" for n in (1, 2))
JACKET = item("Tern Jacket", "Men's M", "TJ-M", price="89.00")
SOCKS = item("Fern Socks", "Small", "FS-S", price="22.00")
MUG = item("Wren Mug", "450 ml", "WM", price="34.00")
ORDERS = {
    "1005": order("1005", JACKET, MUG, status="delivered", delivered_on="2026-11-11", total="123.00"),
    "1003": order("1003", SOCKS, status="unfulfilled", total="22.00"),
    "1007": order("1007", SOCKS, status="shipped", total="22.00"),
    "1009": order("1009", SOCKS, status="delivered", delivered_on="2026-09-01", total="22.00"),
}
PRODUCTS = (
    product(
        "Tern Jacket",
        variant("Men's M", "TJ-M", price="89.00"),
        variant("Men's L", "TJ-L", price="89.00"),
        variant("Women's L", "TJ-WL", price="89.00"),
        variant("Men's XL", "TJ-XL", price="99.00"),
        variant("Men's S", "TJ-S", price="89.00", in_stock=0),
    ),
    product("Fern Socks", *(variant(f, f"FS-{f[0]}", price="22.00") for f in ("Small", "Medium", "Large"))),
)


class Talk:
    """One signed-in customer's conversation, and what the shop was asked to do."""

    def __init__(
        self, desk: Desk, answers: dict[Any, Any], done: list[c.ExecuteAction], clock: Clock
    ) -> None:
        self.desk = desk
        self.clock = clock
        self.done = done
        self._answers = answers
        self.customer = "TOKEN_x"
        self.language: c.Language = "en"

    async def says(
        self, text: str, intent: str = "", *, conversation: str = "c-1", **entities: str
    ) -> c.TurnFinished:
        """A message, understood as told; what is not told is small talk."""
        several = entities.pop("order_numbers", "").split()
        named = [*entities.items(), *(("order_number", number) for number in several)]
        found = tuple(
            c.Entity(kind=kind, text=value, value=value, start=0, end=1)  # type: ignore[arg-type]
            for kind, value in named
        )
        self._answers[c.CLASSIFY] = understood(
            intent or "GENERAL_INQUIRY", 0.99 if intent else 0.3, self.language, entities=found
        )
        return await self.desk.say(text, conversation, customer=self.customer)

    @property
    def actions(self) -> list[c.Action]:
        """What was carried out."""
        return [ask.action for ask in self.done]


@asynccontextmanager
async def talking(tmp_path: Path, receipt: dict[str, Any] | None = None) -> AsyncIterator[Talk]:
    """A desk over a shop of four orders that says yes, or what the receipt says."""
    answers: dict[Any, Any] = {}
    done: list[c.ExecuteAction] = []

    async def classify(ask: c.ClassifyIntent) -> c.IntentClassified:
        answer: c.IntentClassified = await answers[c.CLASSIFY](ask)
        return answer

    async def shop(ask: c.FetchFacts) -> c.FactsFetched:
        found = ORDERS.get(ask.order_number)
        orders = tuple(ORDERS.values()) if "orders" in ask.wants else ()
        products = tuple(p for p in PRODUCTS if ask.product_query and p.title in ask.product_query)
        return c.FactsFetched(
            **ids(ask),
            order=found,
            order_lookup="found" if found else "unknown",
            products=products,
            orders=orders,
        )

    async def execute(ask: c.ExecuteAction) -> c.ActionExecuted:
        done.append(ask)
        said = {"status": "done", "reference": "R-77"} | (receipt or {})
        number = ask.action.order_number
        waits = isinstance(ask.action, c.Refund) and ask.action.goods_back
        kind: c.ActionKind = "return" if waits else ask.action.kind
        return c.ActionExecuted(**ids(ask), receipt=c.Receipt(kind=kind, order_number=number, **said))

    agents = {c.CLASSIFY: classify, c.FETCH: shop, c.EXECUTE: execute}
    clock = Clock(NOW)
    async with running(tmp_path, agents, clock) as desk:
        yield Talk(desk, answers, done, clock)


async def test_an_exchange_is_previewed_agreed_to_and_receipted(tmp_path: Path) -> None:
    """The size is chosen among those in stock, and the yes is for exactly that."""
    label = "https://labels.example.com/1005-R1.pdf"
    async with talking(tmp_path, {"label": label, "reference": "#1005-R1"}) as talk:
        which = await talk.says("I'd like to swap the jacket of 1005", "EXCHANGE", order_number="1005")
        assert (which.status, "Men's L" in which.reply, "Men's S" in which.reply) == ("asked", True, False)
        preview = await talk.says("the large one please", size="L")
        assert (preview.status, talk.actions) == ("asked", [])
        for said in ("#1005", "Tern Jacket Men's M", "Tern Jacket Men's L"):
            assert said in preview.reply
        done = await talk.says("yes please")
        assert (done.status, label in done.reply, "#1005-R1" in done.reply) == ("answered", True, True)
    (action,) = talk.actions
    assert isinstance(action, c.Exchange)
    assert (action.item, action.wanted, action.label.count("{return}")) == ("TJ-M", "TJ-L", 1)


async def test_who_changes_their_mind_gets_a_new_preview(tmp_path: Path) -> None:
    """Between preview and yes nothing is done that was not said last, however it is put."""
    async with talking(tmp_path) as talk:
        await talk.says("swap the jacket of 1005 for a large", "EXCHANGE", order_number="1005", size="L")
        other = await talk.says("yes but the women's large", size="L")
        assert ("Tern Jacket Women's L" in other.reply, other.status, talk.actions) == (True, "asked", [])
        back = await talk.says("no, the men's large after all", size="L")
        assert ("Tern Jacket Men's L" in back.reply, back.status, talk.actions) == (True, "asked", [])
        await talk.says("yes")
    assert [action.what for action in talk.actions] == ["TJ-M>TJ-Lx1"]


async def test_a_no_leaves_everything_as_it_is(tmp_path: Path) -> None:
    """And a yes right after it does nothing either: it has the offer put once more."""
    async with talking(tmp_path) as talk:
        await talk.says("swap the jacket of 1005 for a large", "EXCHANGE", order_number="1005", size="L")
        no = await talk.says("no, leave it as it is")
        yes = await talk.says("yes")
    assert (no.status, no.state.pending_action if no.state else "?") == ("answered", None)
    assert (yes.actions, talk.actions, yes.status) == ((), [], "asked")


async def test_another_price_is_for_a_person_to_approve(tmp_path: Path) -> None:
    """What it is about goes along: the exchange, and that the price is why."""
    async with talking(tmp_path) as talk:
        asked = await talk.says("swap the jacket of 1005 for XL", "EXCHANGE", order_number="1005", size="XL")
    assert (asked.status, talk.actions) == ("handed_over", [])
    assert asked.escalation is not None
    assert (asked.escalation.reason, asked.escalation.queue) == ("approval", "approvals")


async def test_a_size_that_is_sold_out_is_said_so(tmp_path: Path) -> None:
    """With what there is instead."""
    async with talking(tmp_path) as talk:
        told = await talk.says("swap the jacket of 1005 for S", "EXCHANGE", order_number="1005", size="S")
        assert (told.status, "Tern Jacket Men's S" in told.reply, "Men's L" in told.reply) == (
            "asked",
            True,
            True,
        )


@pytest.mark.parametrize(("number", "words"), [("1007", "arrived"), ("1009", "30 days")])
async def test_an_exchange_too_early_or_too_late_is_declined(tmp_path: Path, number: str, words: str) -> None:
    """With the reason."""
    async with talking(tmp_path) as talk:
        told = await talk.says("swap the socks for large", "EXCHANGE", order_number=number, size="L")
    assert (told.status, words in told.reply) == ("answered", True)


async def test_sent_elsewhere_is_another_address(tmp_path: Path) -> None:
    """Not another form of the item, though "instead" is said."""
    async with talking(tmp_path) as talk:
        asked = await talk.says(
            "Please send order 1003 to my office instead", "ORDER_CHANGE", order_number="1003"
        )
        assert "address" in asked.reply
        assert "sold out" not in asked.reply


async def test_an_address_is_asked_for_shown_and_changed(tmp_path: Path) -> None:
    """The address stays a token on the way; a better one before the yes replaces it."""
    async with talking(tmp_path) as talk:
        asked = await talk.says("wrong address on order 1003!", "ORDER_CHANGE", order_number="1003")
        assert asked.status == "asked"
        preview = await talk.says(f"{HOME}")
        assert (HOME in preview.reply, preview.status) == (True, "asked")
        other = await talk.says(f"yes {AWAY}")
        assert (AWAY in other.reply, HOME in other.reply, talk.actions) == (True, False, [])
        done = await talk.says("yes")
        assert (AWAY in done.reply, "R-77" in done.reply) == (True, True)
    assert talk.actions == [c.ChangeAddress(order_number="1003", address=AWAY)]


async def test_a_guest_moves_no_parcel(tmp_path: Path) -> None:
    """Number and e-mail show an order; they do not send it elsewhere."""
    async with talking(tmp_path) as talk:
        talk.customer = ""
        told = await talk.says(
            f"I moved, order 1003 should go to {HOME}", "ORDER_CHANGE", order_number="1003"
        )
    assert (told.status, "sign in" in told.reply, talk.actions) == ("answered", True, [])
    assert told.state is not None
    assert told.state.person_offered


async def test_an_item_of_an_open_order_is_swapped(tmp_path: Path) -> None:
    """Before it is packed; what else may be changed, a person does."""
    async with talking(tmp_path) as talk:
        preview = await talk.says(
            "can you make the socks in 1003 medium instead", "ORDER_CHANGE", order_number="1003", size="M"
        )
        assert "Fern Socks Medium" in preview.reply
        assert "R-77" in (await talk.says("yes")).reply
        method = await talk.says("send 1003 by express", "ORDER_CHANGE", order_number="1003")
        assert method.escalation is not None
        assert method.escalation.reason == "order_change"
    assert talk.actions == [c.ChangeItem(order_number="1003", item="FS-S", wanted="FS-M")]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("please unsubscribe me from the newsletter", "unsubscribe"),
        ("I'd like to subscribe to your newsletter", "subscribe"),
    ],
)
async def test_the_newsletter_is_turned_on_and_off(tmp_path: Path, text: str, wish: str) -> None:
    """After a yes, for who is signed in; a guest is told to sign in."""
    async with talking(tmp_path) as talk:
        assert (await talk.says(text, "SUBSCRIPTION_MANAGEMENT")).status == "asked"
        assert "newsletter" in (await talk.says("yes")).reply
        assert [action.what for action in talk.actions] == [wish]
        talk.customer = ""
        guest = await talk.says(text, "SUBSCRIPTION_MANAGEMENT", conversation="c-2")
        assert (guest.status, len(talk.actions)) == ("answered", 1)


async def test_a_question_about_the_newsletter_is_answered_from_the_pages(tmp_path: Path) -> None:
    """Asking how is no order to do it."""
    async with talking(tmp_path) as talk:
        asked = await talk.says("how do I unsubscribe from the newsletter?", "SUBSCRIPTION_MANAGEMENT")
    assert (asked.status, asked.gap) == ("answered", True)  # this desk's knowledge base is empty


@pytest.mark.parametrize(
    ("why", "language", "words"),
    [
        ("sold_out", "en", "available"), ("sold_out", "fr", "disponible"), ("sold_out", "es", "disponible"),
        ("other", "en", "The shop's system"), ("", "fr", "boutique"),
    ],
)  # fmt: skip
async def test_the_shop_s_no_is_told_in_the_customer_s_words(
    tmp_path: Path, why: str, language: c.Language, words: str
) -> None:
    """Honestly: nothing has been changed, and why; the vendor's own English is for staff alone."""
    raw = "Variant gid://shopify/ProductVariant/7 is out of stock"
    async with talking(tmp_path, {"status": "refused", "detail": raw, "why": why}) as talk:
        await talk.says("swap the jacket of 1005 for a large", "EXCHANGE", order_number="1005", size="L")
        talk.language = language
        told = await talk.says({"en": "yes", "fr": "oui", "es": "sí"}[language])
    assert (told.status, "gid://" in told.reply) == ("answered", False)
    # The second variant of a text may be the one that is said.
    assert words in told.reply or "#1005" in told.reply
    assert told.actions[0].detail == raw


@pytest.mark.parametrize(("status", "why"), [("half", ""), ("refused", "by_hand")])
async def test_what_a_person_must_do_goes_to_one(tmp_path: Path, status: str, why: str) -> None:
    """Neither done nor undone, or not to be done from here: the customer hears that it is being checked."""
    open_still = "return #1005-R1 is open, but has no label: not now"
    shop = {"status": status, "reference": "", "detail": open_still, "why": why}
    async with talking(tmp_path, shop) as talk:
        await talk.says("swap the jacket of 1005 for a large", "EXCHANGE", order_number="1005", size="L")
        told = await talk.says("yes")
    assert told.escalation is not None
    assert told.escalation.reason == "action_failed"
    assert open_still in told.escalation.packet.promised


async def test_the_key_names_the_wish_not_the_turn(tmp_path: Path) -> None:
    """Asked for again in the same conversation it is the same action, which the shop does once."""
    async with talking(tmp_path) as talk:
        for _ in range(2):
            await talk.says("swap the jacket of 1005 for a large", "EXCHANGE", order_number="1005", size="L")
            await talk.says("yes")
    first, second = talk.done
    assert first.step_id != second.step_id
    assert (first.action.key, first.idempotency_scope) == (second.action.key, second.idempotency_scope)
