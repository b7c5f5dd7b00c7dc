"""The right pane in a real browser: orders come by themselves, opened values go by themselves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from msgspec import structs
from playwright.async_api import Browser, Page, expect

from shared import contracts as c
from tests.cases.examples import hand_over
from tests.console.desk import ConsoleDesk, open_desk
from tests.console.test_pane import Shop
from tests.staff import PASSWORD
from tests.web.conftest import browser
from tests.web.test_staff_pages import looked_at

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
MOST_MS = 40_000
MARK = "customer:0011223344556677"
NAME = "Ana Lund"


async def a_morning(console: ConsoleDesk) -> None:
    """A signed-in customer with a case, one more that is open, and two conversations of before."""
    name = await console.desk.delivery.vault.token(NAME, conversation_id="c-1", owner="42")
    mine = c.ConversationState(customer="TOKEN_x", customer_mark=MARK)
    for n, (conversation, said) in enumerate(
        (("c-8", "Do you ship to Norway?"), ("c-9", "My stove hisses."), ("c-2", "Hello?"))
    ):
        await console.said(
            said, "Let me see.", conversation=conversation, turn=f"t-{n}", at=1.7e9 + n * 86_400, state=mine,
            customer_mark=MARK, intent=c.Intent.PRODUCT_INQUIRY,
        )  # fmt: skip
    await console.said(
        f"I am {name}, where is my tent?", "It left on Monday.", at=1.7e9 + 4 * 86_400, state=mine,
        customer_mark=MARK, intent=c.Intent.ORDER_STATUS,
    )  # fmt: skip
    given = hand_over(at=1.7e9 + 4 * 86_400)
    packet = structs.replace(
        given.packet, summary=f"{name} waits for order 1001 since Monday and is upset.",
        facts=(c.Fact(id="order:1001/status", value="shipped"), c.Fact(id="order:1001/carrier", value="N")),
        tried=("looked up order 1001",), promised=("an answer today",), sentiment="negative",
        suggested_reply="I am sorry for the wait. I ask the carrier now and write to you today.",
    )  # fmt: skip
    await console.cases.open(
        c.CaseOpened(at=given.opened_at, by="bot", hand_over=structs.replace(given, packet=packet))
    )
    await console.waits("h-2", "c-2", at=1.7e9 + 3 * 86_400, priority="high", summary="Writes again.")


@asynccontextmanager
async def signed_in(
    browser: Browser, console: ConsoleDesk, *, role: str = "lead", **options: object
) -> AsyncIterator[Page]:
    """A page of theirs; a complaint of the browser fails the test."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(console.app, log_level="critical", ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    context = await browser.new_context(base_url=url, **options)  # type: ignore[arg-type]
    context.set_default_timeout(MOST_MS)
    page, complaints = await context.new_page(), []
    page.on("console", lambda line: complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto("/console")
        await page.get_by_label("Name").fill(role)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.locator("#row-h-1").wait_for()
        yield page
        assert complaints == []
    finally:
        await context.close()
        server.should_exit = server.force_exit = True
        await serving


async def test_opened_values_go_after_a_minute(browser: Browser, tmp_path: Path) -> None:
    """They stand where their labels were, in the thread too; then nothing of them is in the page."""
    async with open_desk(tmp_path, shop=Shop()) as console:
        await a_morning(console)
        async with signed_in(browser, console, viewport={"width": 390, "height": 844}) as page:
            await page.clock.install()
            await page.locator("#row-h-1 a").click()
            await expect(page.locator("#order-1001")).to_contain_text("Tern 2 Tent", timeout=MOST_MS)
            assert NAME not in await page.content()
            await page.locator("a.facts-link").click()
            opener = page.locator("#customer .opener").first
            await opener.get_by_role("combobox").select_option("answer")
            await opener.get_by_role("button", name="Show all").click()
            await expect(page.locator(".line.theirs .text")).to_contain_text(NAME, timeout=MOST_MS)
            await looked_at(page)
            await page.clock.run_for(61_000)
            await expect(page.locator("#revealed .values")).to_have_count(0, timeout=MOST_MS)
            assert NAME not in await page.content()
