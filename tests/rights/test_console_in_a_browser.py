"""The pages on customers' data in a real browser: by keyboard alone, on a phone, under the strict policy."""

import asyncio
import socket
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, expect

from tests.rights.console import open_console
from tests.staff import PASSWORD
from tests.store.asked import unanswered
from tests.web.conftest import browser

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
ANA = "7423901<b>"


async def test_a_customer_is_erased_by_keyboard_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    """Look up, confirm, erase, read the receipt; nothing is cut off, and the policy has no complaint."""
    async with open_console(tmp_path) as console:
        await console.rights.vault.token("Ana Lund", conversation_id="c-t-1", owner=ANA)
        await console.rights.store.record([unanswered("hello", "t-1")])
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(console.app, log_level="critical", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        context = await browser.new_context(viewport={"width": 390, "height": 800})
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        await page.goto(f"http://127.0.0.1:{listener.getsockname()[1]}/console/customers")
        await page.get_by_label("Name").fill("admin")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_label("Customer id", exact=True).focus()
        await page.keyboard.type(ANA)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=f"What is kept of {ANA}")).to_be_visible()
        assert ANA not in page.url
        await page.get_by_label("Type the customer id again").focus()
        await page.keyboard.type(ANA)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text(
            "Genuine: signed by this installation, unchanged."
        )
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert complaints == []
        await context.close()
        server.should_exit = True
        await serving
    assert await asyncio.to_thread(lambda: len(list((tmp_path / "erasures").glob("*.json")))) == 1
