"""What happens while a page is still coming: its words are there, its scripts and its stream are not yet."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from gateway import hub
from tests.bus.sample import until
from tests.console.desk import open_desk
from tests.console.test_pane_in_a_browser import signed_in
from tests.console.writing import open_writing
from tests.web.conftest import browser, held

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_news_before_the_stream(browser: Browser, tmp_path: Path) -> None:
    """A case that comes before the page hears of anything; a line of the case that was just opened."""
    async with open_desk(tmp_path) as console:
        await console.said("where is my order?", "It shipped on Monday.")
        await console.waits()
        async with signed_in(browser, console) as page:
            async with held(page, "**/console/live*"):
                await page.goto("/console")
                await expect(page.locator("#rows .row")).to_have_count(1)
                await until(lambda: not console.desk.consoles.count)
                await console.waits("h-2", "c-2", priority="urgent")
                await console.act("note", "h-2", text="first")
            await expect(page.locator("#rows .row")).to_have_count(2)
            await asyncio.sleep(hub._STORED_SECONDS)
            async with held(page, "**/console/live*"):
                await page.locator("#row-h-1 a").click()
                await expect(page.locator(".line.bot")).to_have_count(1)
                await console.act("note", text="The carrier lost it.")
            await expect(page.locator(".line.note")).to_have_count(1)


async def test_writing_before_the_scripts(browser: Browser, tmp_path: Path) -> None:
    """A macro comes to where the caret was put, though nobody could take note of it then."""
    async with (
        open_writing(tmp_path) as writing,
        signed_in(browser, writing.desk, role="agent") as page,
    ):
        async with held(page, "**/static/composer.js"):
            await page.goto("/console/cases/h-1", wait_until="commit")
            text = page.locator("#text")
            await text.fill("Dear customer!")
            await text.press("Home")
            for _ in "Dear ":
                await text.press("ArrowRight")
            await page.locator("summary", has_text="Macros").click()
        await page.wait_for_load_state()
        await page.locator("#macros").fill("where")
        await page.locator("#macros").press("Enter")
        await page.get_by_role("button", name="Where the order is").click()
        await expect(text).to_have_value(re.compile(r"^Dear Hello,\n.* customer!$", re.DOTALL))
