"""What asks whether a page can be used sees it as its reader does."""

import asyncio

import pytest
from playwright.async_api import Browser, Route

from tests.journeys.browser.axe import violations
from tests.web.conftest import browser

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
PAGE = """<!DOCTYPE html><html lang="en"><head><title>A page</title>
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/own.css"></head>
<body><main><h1>A page</h1><a href="/x">a link</a></main></body></html>"""
STYLES = ":root {{ color-scheme: light dark }} body, a {{ background: #111; color: {} }}"


@pytest.mark.parametrize(("colour", "wrong"), [("#eee", False), ("#222", True)])
async def test_a_style_sheet_that_comes_late(browser: Browser, colour: str, wrong: bool) -> None:
    """The colours it brings are judged, not those of before."""
    page = await browser.new_page()

    async def serve(route: Route) -> None:
        if route.request.url.endswith(".css"):
            await asyncio.sleep(1.5)
            await route.fulfill(body=STYLES.format(colour), content_type="text/css")
        else:
            await route.fulfill(body=PAGE, content_type="text/html")

    await page.route("**/*", serve)
    await page.goto("http://shop.test/", wait_until="commit")
    await page.wait_for_selector("main", state="attached")
    assert any("color-contrast" in each for each in await violations(page)) is wrong
    await page.close()
