"""The chat widget on a bad line: each message is answered once, or the customer told why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect
from starlette.responses import JSONResponse

from tests.bus.sample import until
from tests.web.conftest import Visit, held
from tests.web.scripted_api import Cut, Hangs, ScriptedApi, Turn, echo, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("end", ["broken", "early"])
async def test_a_cut_answer_is_asked_for_again(visit: Visit, api: ScriptedApi, end: str) -> None:
    """After a cut stream the same message id is sent again and the reply is on the page once."""
    cut = asyncio.Event()

    async def dies(turn: Turn) -> AsyncIterator[bytes]:
        yield turn.status("writing")
        yield turn.sentence(0, "You wrote:")
        await cut.wait()
        if end == "broken":
            raise Cut
        turn.id = "t2"  # the gateway begins it again under another id: the half answer is void

    api.script(dies)
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_text("You wrote:")
    cut.set()
    await expect(shop.notices).to_have_text("Connection lost. Reconnecting…")
    await expect(shop.replies).to_have_text("You wrote: hello")
    await expect(shop.replies).to_have_count(1)
    await expect(shop.mine).to_have_count(1)
    await expect(shop.notices).to_have_count(0)
    assert len({chat["client_message_id"] for chat in api.chats}) == 1
    assert len(api.chats) == 2


async def test_the_conversations_stream_answers_for_a_broken_request(visit: Visit, api: ScriptedApi) -> None:
    """An answer that comes by /events settles the message whose own stream hangs, once."""
    hangs = Hangs()
    api.script(echo, hangs)
    shop = await visit()
    await shop.open()
    await shop.say("one")
    await expect(shop.replies).to_have_text(["You wrote: one"])
    await shop.say("two")
    await expect(shop.stage).to_have_text("Writing an answer…")
    hangs.turns[0].finish("Answered elsewhere.")
    await expect(shop.replies).to_have_text(["You wrote: one", "Answered elsewhere."])
    await expect(shop.stage).to_be_empty()


async def test_an_accepted_message_is_answered_by_the_conversations_stream(
    visit: Visit, api: ScriptedApi
) -> None:
    """A gateway that only accepts (202) is believed: the reply comes later, by /events."""
    shop = await visit()
    await shop.open()
    await shop.say("one")
    await expect(shop.replies).to_have_count(1)
    later = Turn("t9", "two", api.talks["c1"])
    accepted = {"conversation_id": "c1", "turn_id": "t9"}
    api.refusals.append(JSONResponse(accepted, 202))
    await shop.say("two")
    await expect(shop.mine).to_have_count(2)
    await expect(shop.stage).to_have_text("Sending…")
    later.finish("Here it is.")
    await expect(shop.replies).to_have_text(["You wrote: one", "Here it is."])
    await expect(shop.stage).to_be_empty()


async def test_an_answer_that_is_quicker_than_its_acceptance(visit: Visit, api: ScriptedApi) -> None:
    """It comes by another connection: the message has been answered, nothing is waited for."""
    shop = await visit()
    await shop.open()
    await shop.say("one")
    await expect(shop.replies).to_have_count(1)
    api.refusals.append(JSONResponse({"conversation_id": "c1", "turn_id": "t9"}, 202))
    async with held(shop.page, "**/v1/chat", heard=True):
        await shop.say("two")
        await until(lambda: not api.refusals)
        Turn("t9", "two", api.talks["c1"]).finish("Here it is.")
        await expect(shop.replies).to_have_text(["You wrote: one", "Here it is."])
        await expect(shop.stage).to_have_text("Sending…")
    await expect(shop.stage).to_be_empty()


async def test_place_and_wait_keep_up_while_waiting(visit: Visit, api: ScriptedApi) -> None:
    """Each `queue` event replaces what the banner said before; the last one takes it away."""
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_count(1)
    talk, banner = api.talks["c1"], shop.page.locator("answer-desk .handover")
    place = {"status": "waiting", "position": 4, "opens_at": None, "due_at": 1.8e9, "offer": True}
    talk.tell("queue", {**place, "wait": {"from_minutes": 10, "to_minutes": 30}, "contact": None})
    await expect(banner).to_contain_text("You are number 4 in the queue.")
    await expect(banner).to_contain_text("About 10 to 30 minutes.")
    within = {"from_minutes": 0, "to_minutes": 5}
    talk.tell("queue", {**place, "position": 1, "wait": within, "contact": "phone"})
    await expect(banner).to_contain_text("Within about 5 minutes.")
    await expect(banner).to_contain_text("We will call you.")
    await expect(banner).not_to_contain_text("number 4")
    talk.tell("queue", {**place, "wait": None, "opens_at": 1.8e9, "contact": None})
    await expect(banner).to_contain_text("We are back")
    talk.tell("queue", {"status": "over"})
    await expect(banner).to_be_hidden()


async def test_events_resume_from_the_last_one(visit: Visit, api: ScriptedApi) -> None:
    """A cut event stream is opened again with the id of the last event; nothing comes twice."""
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    talk = api.talks["c1"]
    talk.tell("message", {"id": "s1", "who": "staff", "text": "Hi, this is Robin."})
    staff = shop.page.locator("answer-desk .row.staff .text")
    await expect(staff).to_have_text(["Hi, this is Robin."])
    await expect(shop.page.locator("answer-desk .handover")).to_contain_text("with our support team")
    talk.cut()
    talk.tell("message", {"id": "s2", "who": "staff", "text": "Still here."})
    await expect(staff).to_have_text(["Hi, this is Robin.", "Still here."])
    await expect(shop.replies).to_have_count(1)
    await expect(shop.log.get_by_role("button", name="Yes, helpful")).to_have_count(1)
    assert api.resumed_from == [None, "2"]


async def test_a_burst_answered_as_one_turn_is_one_reply(visit: Visit, api: ScriptedApi) -> None:
    """When one answer serves two messages, both are settled and the reply is there once."""
    first: list[Turn] = []
    go = asyncio.Event()

    async def waits(turn: Turn) -> AsyncIterator[bytes]:
        first.append(turn)
        yield turn.status("understanding")
        await go.wait()
        yield turn.done("Both answered.")

    async def joins(turn: Turn) -> AsyncIterator[bytes]:
        yield turn.status("understanding")
        go.set()
        yield turn.done("Both answered.", answered_with=first[0].id)

    api.script(echo, waits, joins)
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_count(1)
    await shop.say("one more thing")
    await shop.say("and another")
    await expect(shop.replies).to_have_text(["You wrote: hello", "Both answered."])
    await expect(shop.stage).to_be_empty()
    assert [chat["message"] for chat in api.chats] == ["hello", "one more thing", "and another"]


async def test_messages_written_before_the_first_answer_share_its_conversation(
    visit: Visit, api: ScriptedApi
) -> None:
    """What is written while the first message is under way waits for the conversation's id."""
    go = asyncio.Event()

    async def waits(turn: Turn) -> AsyncIterator[bytes]:
        yield turn.status("understanding")
        await go.wait()
        yield turn.done("First.")

    api.script(waits)
    shop = await visit()
    await shop.open()
    await shop.say("one")
    await expect(shop.stage).to_have_text("Reading your message…")
    await shop.say("two")
    await expect(shop.mine).to_have_text(["one", "two"])
    go.set()
    await expect(shop.replies).to_have_text(["First.", "You wrote: two"])
    assert api.chats[1]["conversation_id"] == "c1"


async def test_a_short_limit_is_told_and_waited_for(visit: Visit, api: ScriptedApi) -> None:
    """On 429 the customer reads how long it takes, and the message then goes out by itself."""
    api.refusals.append(problem(429, "Too many messages.", retry_after=1))
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.notices).to_contain_text("We can read your next message in 1 second.")
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    await expect(shop.notices).to_have_count(0)
    assert api.chats[0]["client_message_id"] == api.chats[1]["client_message_id"]


async def test_a_long_limit_keeps_the_message_and_a_button(visit: Visit, api: ScriptedApi) -> None:
    """On a pause of minutes the time is shown in minutes and the customer decides when to retry."""
    api.refusals.append(problem(429, "Paused.", retry_after=300))
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.notices).to_contain_text("in 5 minutes")
    await shop.log.get_by_role("button", name="Try again").click()
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    await expect(shop.notices).to_have_count(0)


async def test_an_unreachable_gateway_is_tried_then_admitted(visit: Visit, api: ScriptedApi) -> None:
    """After its last attempt the widget says so, keeps the message, and sends it on request."""
    shop = await visit()
    await shop.page.clock.install()
    await shop.open()
    api.refusals.extend(problem(503, "Down.") for _ in range(8))
    await shop.say("hello")
    for attempt in range(1, 8):
        await expect(shop.notices).to_have_text("Connection lost. Reconnecting…")
        while len(api.chats) == attempt:  # the page's clock runs only when it is told to
            await shop.page.clock.run_for(20_000)
    await expect(shop.log.get_by_text("could not be reached")).to_be_visible()
    assert len(api.chats) == 8
    await shop.log.get_by_role("button", name="Try again").click()
    await expect(shop.replies).to_have_text(["You wrote: hello"])
    assert len({chat["client_message_id"] for chat in api.chats}) == 1


async def test_a_refused_message_says_why(visit: Visit, api: ScriptedApi) -> None:
    """A message the gateway cannot take shows the gateway's reason and offers no retry."""
    api.refusals.append(problem(422, "The message has 5,001 characters; 5,000 are the most."))
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.log.get_by_text("5,000 are the most")).to_be_visible()
    await expect(shop.log.get_by_role("button", name="Try again")).to_have_count(0)
