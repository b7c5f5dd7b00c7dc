"""A real headless Chromium on the demo shop's page, with a scripted gateway behind it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Locator, Page, Route, async_playwright, expect

from tests.web.scripted_api import ScriptedApi

MOST_MS = 40_000
"""Until a page shows what it will show, on a machine with other things to do."""
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The machine's own Chromium; its absence is an error in CI and a loud skip elsewhere."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        missing = "no chromium or google-chrome on PATH: install one to test the widget"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=MOST_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=SWITCHES)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def api() -> AsyncIterator[ScriptedApi]:
    """The scripted gateway on a port of its own; `api.address` is where it listens."""
    api = ScriptedApi()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(api.app(), log_level="critical", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    api.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield api
    server.should_exit = server.force_exit = True
    await serving


@dataclass
class Shop:
    """One visitor's tab, with the parts of the widget by name."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def replies(self) -> Locator:
        return self.page.locator("answer-desk .row.bot:not(.greeting) .text")

    @property
    def mine(self) -> Locator:
        return self.page.locator("answer-desk .row.customer .text")

    @property
    def input(self) -> Locator:
        return self.panel.get_by_role("textbox", name="Your message")

    @property
    def stage(self) -> Locator:
        return self.page.locator("answer-desk .stage")

    @property
    def notices(self) -> Locator:
        return self.page.locator("answer-desk .notice:visible")

    async def open(self) -> None:
        await self.page.get_by_role("button", name="Open the chat").click()
        await expect(self.input).to_be_focused()

    async def say(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")

    async def sign_in(self, name: str) -> None:
        picker = self.page.locator("#customer")
        await expect(picker.locator("option")).to_have_count(3)
        value = await picker.locator("option", has_text=name).get_attribute("value")
        async with self.page.expect_response("**/demo/token"):
            await picker.select_option(value)
        await expect(self.page.locator("#order-list li").first).to_be_visible()


Visit = Callable[..., Awaitable[Shop]]


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, api: ScriptedApi) -> AsyncIterator[Visit]:
    """Open the shop in a fresh profile; a script error or a breach of its policy fails the test."""
    shops: list[Shop] = []

    async def visit(**options: Any) -> Shop:
        settings = {"locale": "en-US", "reduced_motion": "reduce", **options}
        settings["base_url"] = api.address
        context = await browser.new_context(**settings)
        context.set_default_timeout(MOST_MS)
        page = await context.new_page()
        shop = Shop(page)
        shops.append(shop)
        page.on("pageerror", lambda error: shop.complaints.append(str(error)))
        page.on("console", lambda line: complain(shop, line.text))
        await page.goto(api.address)
        return shop

    yield visit
    for shop in shops:
        await shop.page.context.close()
    assert [line for shop in shops for line in shop.complaints] == []


def complain(shop: Shop, line: str) -> None:
    """Notes what Chromium says of a breached policy; its notes on refused requests are expected."""
    if "Content Security Policy" in line or "Trusted" in line:
        shop.complaints.append(line)


@asynccontextmanager
async def held(page: Page, pattern: str, *, heard: bool = False) -> AsyncIterator[None]:
    """What the page asks for there gets no answer meanwhile; `heard`: the server has given it."""
    over = asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch() if heard else None
        await over.wait()
        await (route.fulfill(response=answer) if answer else route.continue_())

    await page.route(pattern, late, times=1)
    try:
        yield
    finally:
        over.set()
