"""The chat widget and a conversation's tokens: the newest is kept, and the customer is told when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.bus.sample import until
from tests.web.conftest import Shop, Visit
from tests.web.scripted_api import Play, ScriptedApi, Turn, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "JSON.parse(sessionStorage.getItem('answer-desk')).token"
# Inside the page, which forbids Playwright's own way of waiting for an expression.
HOLDS = f"""(token) => new Promise((resolve) => {{
  const look = () => ({TOKEN} === token ? resolve() : setTimeout(look, 10));
  look();
}})"""
DUPLICATE = """for (const [name, value] of Object.entries(%s))
  if (sessionStorage.getItem(name) === null) sessionStorage.setItem(name, value);"""
ANSWERS = """() => {
  const channel = new BroadcastChannel("answer-desk");
  channel.onmessage = ({ data }) => data.ask && channel.postMessage({ id: data.ask, token: "proof-1+" });
}"""


async def holds(shop: Shop, token: str) -> None:
    """Wait until this tab keeps that token."""
    async with asyncio.timeout(30):
        await shop.page.evaluate(HOLDS, token)


async def talking(visit: Visit, api: ScriptedApi) -> Shop:
    """A tab whose first message was answered, and that hears what comes."""
    shop = await visit()
    await shop.open()
    await shop.say("one")
    await expect(shop.replies).to_have_count(1)
    await until(lambda: len(api.resumed_from) == 1)
    return shop


def renewing(api: ScriptedApi) -> Play:
    """Answers, and replaces the conversation's token, the strictest a gateway could do it."""

    async def play(turn: Turn) -> AsyncIterator[bytes]:
        turn.talk.renew(api)
        yield turn.done(f"You wrote: {turn.text}")

    return play


async def test_each_answer_renews_the_token(visit: Visit, api: ScriptedApi) -> None:
    """The next message, the stream after a break and a reload all come with the newest."""
    api.script(*[renewing(api)] * 4)
    shop = await visit()
    await shop.open()
    for count, text in enumerate(("one", "two", "three"), start=1):
        await shop.say(text)
        await expect(shop.replies).to_have_count(count)
        await until(lambda: len(api.resumed_from) == 1)
    assert len(api.talks) == 1
    assert await shop.page.evaluate(TOKEN) == "proof-1+++"
    api.talks["c1"].cut()
    await shop.page.reload()
    await expect(shop.replies).to_have_count(3)
    await until(lambda: len(api.resumed_from) >= 2)
    await shop.say("four")
    await expect(shop.replies).to_have_count(4)
    assert len(api.talks) == 1
    # Nowhere but in a header and in this tab's own memory.
    assert "proof" not in shop.page.url + await shop.page.content()
    assert "proof" not in await shop.page.evaluate("JSON.stringify({...localStorage}) + document.cookie")


async def test_a_reload_and_a_stream_bring_a_fresh_token(visit: Visit, api: ScriptedApi) -> None:
    """Who only reads for a long time is not shut out for it."""
    shop = await talking(visit, api)
    talk = api.talks["c1"]
    talk.token += "-later"
    talk.tell("token", {"conversation_id": "c1", "conversation_token": talk.token})
    await holds(shop, "proof-1-later")
    await shop.page.reload()
    await expect(shop.replies).to_have_text(["You wrote: one"])


async def duplicated(shop: Shop) -> Shop:
    """The tab once more, with its memory, as the browser's "duplicate tab" makes it."""
    kept = await shop.page.evaluate("JSON.stringify({...sessionStorage})")
    page = await shop.page.context.new_page()
    await page.add_init_script(DUPLICATE % kept)
    await page.goto(shop.page.url)
    return Shop(page)


async def test_two_tabs_share_the_newest_token(visit: Visit, api: ScriptedApi) -> None:
    """What one tab is given the other uses; the token of another conversation is none of theirs."""
    shop = await talking(visit, api)
    other = await duplicated(shop)
    await until(lambda: len(api.resumed_from) == 2)
    api.script(renewing(api), renewing(api))
    await shop.say("two")
    await expect(shop.replies).to_have_count(2)
    await holds(other, "proof-1+")
    await other.say("three")
    await expect(other.replies.last).to_have_text("You wrote: three")
    await holds(shop, "proof-1++")
    await other.page.evaluate("new BroadcastChannel('answer-desk').postMessage({ id: 'c2', token: 'x' })")
    await shop.say("four")
    await expect(shop.replies.last).to_have_text("You wrote: four")
    assert len(api.talks) == 1


async def test_a_tab_that_missed_the_news_asks(visit: Visit, api: ScriptedApi) -> None:
    """A refused token is asked after among the other tabs before the conversation is given up."""
    shop = await talking(visit, api)
    other = await duplicated(shop)
    await until(lambda: len(api.resumed_from) == 2)
    api.talks["c1"].renew(api)
    await other.page.evaluate(ANSWERS)
    await shop.say("two")
    await expect(shop.replies.last).to_have_text("You wrote: two")
    assert len(api.talks) == 1


async def test_a_closed_conversation_says_so_and_a_new_one_begins(visit: Visit, api: ScriptedApi) -> None:
    """A laptop that slept for a day: the message is not lost, the truth is told once."""
    shop = await talking(visit, api)
    api.refusals.append(problem(401, "Nobody came back.", kind="/problems/conversation-expired"))
    await shop.say("two")
    await expect(shop.replies.last).to_have_text("You wrote: two")
    await expect(shop.log.get_by_text("The earlier conversation is closed.")).to_have_count(1)
    assert "conversation_id" not in api.chats[-1]
    assert api.chats[-1]["client_message_id"] == api.chats[-2]["client_message_id"]
    await shop.say("three")
    await expect(shop.replies.last).to_have_text("You wrote: three")
    assert len(api.talks) == 2


async def test_a_reload_after_the_conversation_was_replaced(visit: Visit, api: ScriptedApi) -> None:
    """When no tab knows better, the customer is told and can go on."""
    shop = await talking(visit, api)
    api.talks["c1"].renew(api)
    await shop.page.reload()
    await expect(shop.log.get_by_text("The earlier conversation is closed.")).to_be_visible()
    await shop.say("two")
    await expect(shop.replies).to_have_text(["You wrote: two"])


async def test_a_sign_in_that_ran_out_over_a_reload_keeps_the_conversation(
    visit: Visit, api: ScriptedApi
) -> None:
    """The customer is asked to sign in, and then finds what was said."""
    shop = await visit()
    await shop.sign_in("Emma")
    await shop.open()
    await shop.say("one")
    await expect(shop.replies).to_have_count(1)
    await shop.page.route(
        "**/v1/conversations/c1",
        lambda route: route.fulfill(
            status=401, content_type="application/problem+json", body='{"type": "/problems/token-expired"}'
        ),
    )
    await shop.page.reload()
    await expect(shop.log.get_by_text("Your sign-in has expired.")).to_be_visible()
    await expect(shop.log.get_by_text("The earlier conversation is closed.")).to_have_count(0)
    await shop.page.unroute("**/v1/conversations/c1")
    await shop.page.reload()
    await expect(shop.replies).to_have_text(["You wrote: one"])
