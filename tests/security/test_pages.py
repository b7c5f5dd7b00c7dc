"""In a real Chromium: shop, widget and API page run under their policy, and the widget on another origin."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.security.gate import gate, served
from tests.web.conftest import MOST_MS, browser

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
SIZES = [{"width": 1280, "height": 800}, {"width": 390, "height": 844}]


@asynccontextmanager
async def watched(browser: Browser, size: dict[str, int]) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page, and what Chromium complained of: breached policies, blocked requests, script errors."""
    complaints: list[str] = []
    context = await browser.new_context(viewport=size)  # type: ignore[arg-type]
    context.set_default_timeout(MOST_MS)
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None
    )
    try:
        yield page, complaints
    finally:
        await context.close()


@asynccontextmanager
async def other_site(listener: socket.socket, gateway: str) -> AsyncIterator[None]:
    """A shop of its own origin that embeds the widget."""
    page = (
        f'<!doctype html><link rel="icon" href="data:,">'
        f'<script type="module" src="{gateway}/static/widget.js"></script>'
        f'<answer-desk lang="en" endpoint="{gateway}"></answer-desk>'
    )

    async def home(_: object) -> HTMLResponse:
        return HTMLResponse(page)

    config = uvicorn.Config(Starlette(routes=[Route("/", home)]), log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def say_hello(page: Page) -> None:
    """Open the widget, send a message, and see that it was taken."""
    await page.get_by_role("button", name="Open the chat").click()
    box = page.get_by_role("dialog").get_by_role("textbox", name="Your message")
    await box.fill("hello")
    async with page.expect_response("**/v1/chat") as sent:
        await box.press("Enter")
    assert (await sent.value).status == 200  # an event stream


async def test_our_pages_keep_their_own_policy(browser: Browser, tmp_path: Path) -> None:
    """Shop with an open widget that sends a message, and /docs that tries a route, wide and narrow."""
    async with gate(tmp_path) as app, served(app) as port:
        for size in SIZES:
            async with watched(browser, size) as (page, complaints):
                await page.goto(f"http://127.0.0.1:{port}/")
                await say_hello(page)
                await page.goto(f"http://127.0.0.1:{port}/docs")
                await page.locator("#operations-ops-live_health_live_get").click()
                await page.get_by_role("button", name="Try it out").click()
                await page.get_by_role("button", name="Execute").click()
                await expect(page.locator(".live-responses-table")).to_contain_text('"status": "ok"')
                assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            assert complaints == []


@pytest.mark.parametrize("listed", [True, False])
async def test_the_widget_works_on_a_listed_origin_only(
    browser: Browser, tmp_path: Path, listed: bool
) -> None:
    """On the shop's own domain it loads and sends; on a site that is not listed its script does not load."""
    listener = socket.create_server(("127.0.0.1", 0))
    site = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with (
        gate(tmp_path, cors_origins=site if listed else "https://shop.example.com") as app,
        served(app) as port,
        other_site(listener, f"http://127.0.0.1:{port}"),
        watched(browser, SIZES[0]) as (page, complaints),
    ):
        await page.goto(site)
        if listed:
            await say_hello(page)
            assert complaints == []
        else:
            await expect(page.locator("answer-desk")).to_be_attached()
            assert await page.evaluate("customElements.get('answer-desk') === undefined")
            assert any("CORS" in line for line in complaints)
