"""What the chat widget remembers of whom: reloads, sign-ins, expired tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.web.conftest import Visit
from tests.web.scripted_api import RETURNS, Hangs, ScriptedApi, Turn, echo

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_reload_restores_the_conversation(visit: Visit, api: ScriptedApi) -> None:
    """After a reload the panel is open with everything said, and the next message continues it."""

    async def answers(turn: Turn) -> AsyncIterator[bytes]:
        action = {
            "kind": "cancel",
            "status": "done",
            "order_number": "#1003",
            "summary": "Cancelled.",
        }
        yield turn.done("It is cancelled.", citations=[RETURNS], actions=[action])

    api.script(answers)
    shop = await visit()
    await shop.open()
    await shop.say("cancel it")
    await expect(shop.replies).to_have_text(["It is cancelled."])
    await shop.page.reload()
    await expect(shop.panel).to_be_visible()
    await expect(shop.mine).to_have_text(["cancel it"])
    await expect(shop.replies).to_have_text(["It is cancelled."])
    await expect(shop.page.locator("answer-desk .receipt")).to_have_count(1)
    await expect(shop.log.get_by_text("Sources")).to_be_visible()
    await shop.say("thanks")
    await expect(shop.replies).to_have_text(["It is cancelled.", "You wrote: thanks"])
    assert api.chats[1]["conversation_id"] == "c1"


async def test_a_reload_in_the_middle_of_a_turn_loses_nothing(visit: Visit, api: ScriptedApi) -> None:
    """A message under way at the reload is asked about again; it and its answer are there once."""
    hangs = Hangs()
    api.script(echo, hangs)
    shop = await visit()
    await shop.open()
    await shop.say("one")
    await expect(shop.replies).to_have_count(1)
    await shop.say("two")
    await expect(shop.stage).to_have_text("Writing an answer…")
    hangs.turns[0].talk.changed = asyncio.Event()  # the old tab's stream hears nothing any more
    hangs.turns[0].finish("Two it is.")
    await shop.page.reload()
    await expect(shop.mine).to_have_text(["one", "two"])
    await expect(shop.replies).to_have_text(["You wrote: one", "Two it is."])
    await expect(shop.stage).to_be_empty()


async def test_a_reload_before_the_first_answer_loses_nothing(visit: Visit, api: ScriptedApi) -> None:
    """A first message has no conversation yet: after the reload it is sent under its old id."""
    api.script(Hangs("understanding"))
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.stage).to_have_text("Reading your message…")
    await shop.page.reload()
    await expect(shop.mine).to_have_text(["hello"])
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    assert len({chat["client_message_id"] for chat in api.chats}) == 1


async def test_a_forgotten_conversation_begins_anew(visit: Visit, api: ScriptedApi) -> None:
    """When the gateway no longer knows the conversation, a new one opens and says so."""
    shop = await visit()
    await shop.open()
    await shop.say("one")
    await expect(shop.replies).to_have_count(1)
    api.talks.clear()
    await shop.say("two")
    await expect(shop.log.get_by_text("The earlier conversation is closed.")).to_be_visible()
    await expect(shop.replies.last).to_have_text("You wrote: two")
    assert "conversation_id" not in api.chats[-1]


async def test_another_customer_never_sees_the_first_ones_words(visit: Visit, api: ScriptedApi) -> None:
    """Signing in as somebody else empties the chat, drops late answers and starts anew."""
    late = asyncio.Event()
    finished = asyncio.Event()

    async def answers_late(turn: Turn) -> AsyncIterator[bytes]:
        yield turn.status("writing")
        await late.wait()
        yield turn.done("Ana's secret.")
        finished.set()

    shop = await visit()
    await shop.sign_in("Ana")
    await shop.page.locator("#language").select_option("en")
    await shop.open()
    await shop.say("one")
    await expect(shop.replies).to_have_count(1)
    api.script(answers_late)
    await shop.say("my secret")
    await expect(shop.stage).to_have_text("Writing an answer…")
    await shop.sign_in("Emma")
    await expect(shop.mine).to_have_count(0)
    assert await shop.page.evaluate("sessionStorage.getItem('answer-desk')") is None
    late.set()
    api.talks["c1"].tell("message", {"id": "s1", "who": "staff", "text": "Ana's other secret."})
    await shop.say("hello")
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    await expect(shop.log.get_by_text("secret")).to_have_count(0)
    await expect(shop.stage).to_be_empty()
    assert api.chats[-1]["authorization"].startswith("Bearer jwt-2-")
    assert "conversation_id" not in api.chats[-1]
    await shop.page.reload()
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    await shop.sign_in("Ana")
    await expect(shop.replies).to_have_count(0)


async def test_a_signed_in_customer_keeps_the_conversation_over_a_reload(
    visit: Visit, api: ScriptedApi
) -> None:
    """The page signs the customer in again after a reload and the conversation is still theirs."""
    shop = await visit()
    await shop.sign_in("Emma")
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    await shop.page.reload()
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    await expect(shop.page.get_by_role("heading", name="Order #1007")).to_be_visible()
    await shop.say("again")
    await expect(shop.replies).to_have_count(2)
    assert api.chats[1]["conversation_id"] == "c1"
    assert api.chats[1]["authorization"] == "Bearer jwt-2-2"


async def test_an_expired_customer_token_is_renewed(visit: Visit, api: ScriptedApi) -> None:
    """On 401 the page is asked for a fresh token and the same message goes out with it."""
    shop = await visit()
    await shop.sign_in("Emma")
    api.customer_tokens.clear()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    first, second = api.chats
    assert first["authorization"] != second["authorization"]
    assert first["client_message_id"] == second["client_message_id"]


async def test_a_session_that_cannot_be_renewed_says_so(visit: Visit, api: ScriptedApi) -> None:
    """When the page has no fresh token either, the customer is asked to sign in again."""
    shop = await visit()
    await shop.sign_in("Emma")
    api.customer_tokens.clear()
    await shop.page.route("**/demo/token", lambda route: route.abort())
    await shop.open()
    await shop.say("hello")
    await expect(shop.log.get_by_text("Your sign-in has expired.")).to_be_visible()
