"""People in the widget: who joins, types, speaks and gives back; what is nobody's business stays unseen."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.web.conftest import Visit
from tests.web.scripted_api import ScriptedApi, Turn

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_person_in_the_conversation(visit: Visit, api: ScriptedApi) -> None:
    """Each word under the name of who said it, typing while they type, nothing for a silent turn."""

    async def silent(turn: Turn) -> AsyncIterator[bytes]:
        yield turn.done("", status="with_person", with_person=True)

    def comes(who: str, reply: str, turn: str, *, name: str | None, with_person: bool) -> None:
        body = {"turn_id": turn, "who": who, "name": name, "reply": reply, "status": "told"}
        api.talks["c1"].tell("done", {**body, "conversation_id": "c1", "with_person": with_person})

    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_count(1)
    comes("system", "Emma has joined.", "s1", name="Emma <b>", with_person=True)
    await expect(shop.page.locator("answer-desk p.system")).to_have_text("Emma has joined.")
    banner = shop.page.locator("answer-desk .handover")
    await expect(banner).to_have_text("You are talking with our support team.")
    api.talks["c1"].tell("status", {"stage": "typing", "name": "Emma <b>"})
    await expect(shop.stage).to_contain_text("Emma <b> is typing…")
    for _ in range(2):
        comes("staff", "I have read everything.", "s2", name="Emma <b>", with_person=True)
    staff = shop.page.locator("answer-desk .row.staff")
    await expect(staff).to_have_count(1)
    await expect(staff.locator(".name")).to_have_text("Emma <b>")
    await expect(shop.stage).to_be_empty()
    api.script(silent)
    await shop.say("thank you")
    await expect(shop.mine).to_have_count(2)
    await expect(shop.stage).to_be_empty()
    await expect(shop.replies).to_have_count(1)
    comes("system", "The assistant is back.", "s3", name=None, with_person=False)
    await expect(banner).to_be_hidden()
    await expect(staff).to_have_count(1)
