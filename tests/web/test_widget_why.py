"""The way from a reply in the widget to its explanation, for those who may see it."""

import re

import pytest
from playwright.async_api import expect

from tests.web.conftest import Visit
from tests.web.scripted_api import ScriptedApi

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_who_may_see_explanations_finds_the_way_to_them(visit: Visit, api: ScriptedApi) -> None:
    """At each reply, those of before a reload too; customers see none of it."""
    shop = await visit()
    await shop.open()
    await shop.say("How long do I have to send it back?")
    await expect(shop.replies).to_have_count(1)
    await expect(shop.page.locator(".why")).to_have_count(0)
    api.explains = True
    try:
        await shop.page.reload()
        why = shop.page.locator(".why")
        await expect(why).to_have_count(1)
        there = re.compile(r"^/ops/conversations/[^/?]+\?turn=([^#]+)#turn-\1$")
        await expect(why).to_have_attribute("href", there)
    finally:
        api.explains = False
