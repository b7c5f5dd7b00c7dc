"""The chat widget in a real browser: what a customer sees and can do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.web.conftest import Visit
from tests.web.scripted_api import RETURNS, ScriptedApi, Turn

pytestmark = pytest.mark.asyncio(loop_scope="module")

NASTY = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'


async def test_sentences_appear_before_the_answer_is_whole(visit: Visit, api: ScriptedApi) -> None:
    """Each sentence is on the page as soon as it is sent, in order, under the stage of the work."""
    steps = [asyncio.Event() for _ in range(3)]

    async def slowly(turn: Turn) -> AsyncIterator[bytes]:
        yield turn.status("looking_up")
        await steps[0].wait()
        yield turn.sentence(0, "Your parcel is on its way.")
        await steps[1].wait()
        yield turn.sentence(1, "It should arrive on Monday.")
        await steps[2].wait()
        yield turn.done("Your parcel is on its way. It should arrive on Monday.")

    api.script(slowly)
    shop = await visit()
    await shop.open()
    await shop.say("Where is my order?")
    await expect(shop.stage).to_have_text("Looking that up…")
    await expect(shop.replies).to_have_count(0)
    steps[0].set()
    await expect(shop.replies).to_have_text("Your parcel is on its way.")
    steps[1].set()
    await expect(shop.replies).to_have_text("Your parcel is on its way. It should arrive on Monday.")
    await expect(shop.stage).not_to_be_empty()
    steps[2].set()
    await expect(shop.stage).to_be_empty()
    await expect(shop.replies).to_have_count(1)
    assert api.chats[0]["locale"] == "en"
    assert re.fullmatch(r"[0-9a-f-]{36}", api.chats[0]["client_message_id"])


async def test_sources_and_receipts_of_an_answer(visit: Visit, api: ScriptedApi) -> None:
    """A reply opens its sources on demand and shows each action with what came of it."""

    async def returned(turn: Turn) -> AsyncIterator[bytes]:
        actions = [
            {"kind": "return", "status": "done", "order_number": "#1007", "summary": "Label sent."},
            {"kind": "refund", "status": "needs_approval", "summary": "A colleague looks at it."},
        ]
        order = {
            "source": "order:1007",
            "title": "Order #1007",
            "section": "status",
            "quote": "",
            "fields": ["status"],
        }
        yield turn.done("The return is open.", citations=[RETURNS, order], actions=actions)

    api.script(returned)
    shop = await visit()
    await shop.open()
    await shop.say("I want to send my jacket back")
    quote = shop.log.get_by_text("Within 30 days of delivery.")
    await expect(shop.log.get_by_text("Sources")).to_be_visible()
    await expect(quote).to_be_hidden()
    await shop.log.get_by_text("Sources").click()
    await expect(quote).to_be_visible()
    await expect(shop.page.locator("answer-desk .sources li").last).to_have_text("Order #1007status")
    receipts = shop.page.locator("answer-desk .receipt")
    await expect(receipts).to_have_count(2)
    await expect(receipts.first).to_contain_text("ReturnOrder #1007DoneLabel sent.")
    await expect(receipts.last).to_contain_text("Being reviewed")


async def test_text_is_text(visit: Visit, api: ScriptedApi) -> None:
    """Markup from customer, shop, source or receipt is shown as written, never becomes a node."""

    async def nasty(turn: Turn) -> AsyncIterator[bytes]:
        citation = {
            "source": "javascript:alert(1)",
            "title": NASTY,
            "section": NASTY,
            "quote": NASTY,
        }
        action = {"kind": NASTY, "status": NASTY, "order_number": NASTY, "summary": NASTY}
        yield turn.sentence(0, NASTY)
        yield turn.done(NASTY, citations=[citation], actions=[action])

    api.script(nasty)
    shop = await visit()
    await shop.open()
    await shop.say(NASTY)
    await expect(shop.replies).to_have_text(NASTY)
    await expect(shop.mine).to_have_text(NASTY)
    await shop.log.get_by_text("Sources").click()
    await expect(shop.page.locator("answer-desk blockquote")).to_have_text(NASTY)
    await expect(shop.log.locator("img, script, a")).to_have_count(0)
    assert await shop.page.evaluate("window.pwned") is None


async def test_only_paths_of_the_shop_become_links(visit: Visit, api: ScriptedApi) -> None:
    """A path of the shop is a link; other hosts, schemes and look-alikes stay text."""
    text = (
        "See /products/tern-2-tent. Not https://evil.example/products/x nor //evil.example/cart, "
        "no javascript:alert(1) nor /\\evil nor and/or nor /products//evil.example nor /admin."
    )

    async def links(turn: Turn) -> AsyncIterator[bytes]:
        yield turn.done(text)

    api.script(links)
    shop = await visit()
    await shop.open()
    await shop.say("Which tent?")
    await expect(shop.replies).to_have_text(text)
    link = shop.log.get_by_role("link")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("href", "/products/tern-2-tent")
    await link.click()
    await expect(shop.page.locator("#product-tern-2-tent")).to_be_focused()
    assert shop.page.url.rstrip("/") == api.address


async def test_the_hand_over_is_told_honestly(visit: Visit, api: ScriptedApi) -> None:
    """The banner shows the place in the queue and the reference, not the priority."""

    async def hands_over(turn: Turn) -> AsyncIterator[bytes]:
        escalation = {
            "id": "h1", "reason": "asked", "priority": "urgent", "queue": "general",
            "position": 3, "sla_due": "2026-11-21T12:00:00Z", "ticket": "48213",
        }  # fmt: skip
        yield turn.done("A person takes over.", status="handed_over", escalation=escalation)

    async def silent(turn: Turn) -> AsyncIterator[bytes]:
        yield turn.done("", status="with_person")

    api.script(hands_over, silent)
    shop = await visit()
    await shop.open()
    await shop.panel.get_by_role("button", name="Talk to a person").click()
    banner = shop.page.locator("answer-desk .handover")
    await expect(banner).to_contain_text("You are number 3 in the queue.")
    await expect(banner).to_contain_text("Reference 48213")
    await expect(shop.panel).not_to_contain_text("urgent")
    assert api.chats[0]["message"] == "I would like to talk to a person."
    await shop.say("It is about the zipper")
    await expect(shop.stage).to_be_empty()
    await expect(shop.replies).to_have_text(["A person takes over."])
    await expect(banner).to_be_visible()


async def test_thumbs_reach_the_gateway(visit: Visit, api: ScriptedApi) -> None:
    """A thumb is sent with its turn; thumbs down may carry a comment; both survive a reload."""
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    down = shop.log.get_by_role("button", name="No, not helpful")
    await down.click()
    await expect(down).to_have_attribute("aria-pressed", "true")
    comment = shop.log.get_by_role("textbox", name="What was wrong?")
    await expect(comment).to_be_focused()
    await comment.fill("Too vague")
    await comment.press("Enter")
    await expect(comment).to_have_count(0)
    assert api.feedback == [
        {"turn_id": "t1", "rating": "down"},
        {"turn_id": "t1", "rating": "down", "comment": "Too vague"},
    ]
    await shop.page.reload()
    await expect(down).to_have_attribute("aria-pressed", "true")


async def test_a_closed_chat_counts_what_comes(visit: Visit, api: ScriptedApi) -> None:
    """While the panel is closed, news is counted on the launcher and named for screen readers."""
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_count(1)
    await shop.panel.get_by_role("button", name="Close the chat").click()
    api.talks["c1"].tell("message", {"id": "s1", "who": "staff", "text": "Hi, this is Robin."})
    badge = shop.page.locator("answer-desk .badge")
    await expect(badge).to_have_text("1New message from customer service")
    await shop.open()
    await expect(shop.log.get_by_text("Hi, this is Robin.")).to_be_visible()


async def test_a_new_conversation_is_one_button_away(visit: Visit, api: ScriptedApi) -> None:
    """The button empties the chat, greets again, and the next message has no conversation id."""
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_count(1)
    await shop.panel.get_by_role("button", name="New conversation").click()
    await expect(shop.mine).to_have_count(0)
    await expect(shop.input).to_be_focused()
    await shop.say("again")
    await expect(shop.replies).to_have_text(["You wrote: again"])
    assert "conversation_id" not in api.chats[1]
