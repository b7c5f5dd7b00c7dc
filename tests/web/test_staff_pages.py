"""Signing in as a person does: a real Chromium, the keyboard, a phone, the provider's pages in between."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect
from starlette.types import ASGIApp

from mock_apis import oidc
from shared.settings import Settings
from tests.security.oidc_desk import SETTINGS
from tests.security.staff_desk import staff_desk
from tests.staff import PASSWORD, room_for_tests
from tests.web.conftest import MOST_MS

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Every visible text with its contrast to what is behind it (WCAG 2.2, relative luminance).
CONTRASTS = """() => {
  const channel = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) =>
    0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  return [...document.body.querySelectorAll("*")]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.checkVisibility())
    .map((e) => {
      const pair = [light(parse(getComputedStyle(e).color)), light(behind(e))];
      return [(Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05), e.textContent.slice(0, 40)];
    });
}"""
WIDE = "() => document.documentElement.scrollWidth - innerWidth"


@asynccontextmanager
async def served(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await serving


def listening() -> tuple[socket.socket, str]:
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def opened(browser: Browser, url: str, **options: Any) -> AsyncIterator[Page]:
    """A page in a fresh profile; a script error or a breach of the policy fails the test."""
    context = await browser.new_context(base_url=url, **options)
    context.set_default_timeout(MOST_MS)
    page, complaints = await context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Policy" in line.text else None)
    yield page
    await context.close()
    assert complaints == []


async def looked_at(page: Page) -> None:
    """Nothing is wider than the screen, every text can be read, once its style sheets are there."""
    await page.wait_for_load_state()
    assert await page.evaluate(WIDE) <= 0
    assert [found for found in await page.evaluate(CONTRASTS) if found[0] < 4.5] == []


async def test_by_keyboard(browser: Browser) -> None:
    """The name has the focus; a wrong password is announced and the field says so; Enter is enough."""
    listener, url = listening()
    options = {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"}
    async with served(staff_desk().app, listener), opened(browser, url, **options) as page:
        await page.goto("/staff")
        await expect(page).to_have_title("Sign in · Harbor & Pine")
        await expect(page.get_by_label("Name")).to_be_focused()
        await looked_at(page)
        await page.keyboard.type("agent")
        await page.keyboard.press("Tab")
        await page.keyboard.type("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("This name and password do not belong together.")
        await expect(page.get_by_label("Password")).to_be_focused()
        await expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
        await looked_at(page)
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
        await looked_at(page)
        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        await looked_at(page)
        await page.goto("/staff")
        await expect(page).to_have_title("Sign in · Harbor & Pine")


async def test_by_the_provider(browser: Browser) -> None:
    """There and back, also when signing out, under the policy of our pages; who has no role is told so."""
    (theirs, issuer), (ours, url) = listening(), listening()
    settings = Settings(**{**SETTINGS, "oidc_issuer": issuer, "public_url": url})
    async with httpx.AsyncClient() as http:
        desk = staff_desk(room=room_for_tests(settings, http=http), settings=settings)
        async with (
            served(oidc.create_app(issuer), theirs),
            served(desk.app, ours),
            opened(browser, url, viewport={"width": 390, "height": 800}) as page,
        ):
            await page.goto("/staff")
            await looked_at(page)
            await page.get_by_role("link", name="Continue to sign-in").click()
            await page.get_by_role("button", name="Lee Marsh").click()
            await expect(page.get_by_role("heading", name="Lee Marsh")).to_be_visible()
            await page.get_by_role("button", name="Sign out everywhere").click()
            await page.wait_for_url(f"{url}/staff/sign-in")  # by way of the provider
            await page.get_by_role("link", name="Continue to sign-in").click()
            await page.get_by_role("button", name="Nia Moss").click()
            await expect(page.get_by_role("heading", name="You have no role here yet")).to_be_visible()
            await looked_at(page)
