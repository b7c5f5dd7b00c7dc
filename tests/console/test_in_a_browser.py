"""The console in a real browser: what others do comes by itself, and moves nothing that is being written."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Locator, Page, Request, Route, expect

from tests.bus.sample import until
from tests.console.desk import open_desk
from tests.console.test_pane_in_a_browser import signed_in
from tests.console.writing import open_writing
from tests.staff import PASSWORD
from tests.web.conftest import browser
from tests.web.test_staff_pages import looked_at

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
MOST_MS = 40_000
STATIC = Path(__file__).parents[2] / "gateway" / "static"
TROUBLE = {"error", "warning"}
"""Lines of the browser's console that a page must not cause; its hints on focus are none."""


async def sign_in(page: Page) -> None:
    """As the agent."""
    await page.goto("/console")
    await page.get_by_label("Name").fill("agent")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")


async def by_keys(page: Page) -> None:
    """The sheet of keys, along the queue, to the reply."""
    await page.locator("#row-h-1 a").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("k")
    await expect(page.locator("#row-h-2 a")).to_be_focused()
    await page.keyboard.press("r")
    await expect(page.locator("#composer textarea").first).to_be_focused()


async def hidden(page: Page, yes: bool) -> None:
    """As when another tab is before it."""
    await page.evaluate(
        "yes => { Object.defineProperty(document, 'hidden', { get: () => yes, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        yes,
    )


async def back_and_forth(page: Page) -> None:
    """Lead has the case by now, so there is no box for the text; the device still has it.

    Whoever goes forward before the scripts are there sees what the address says all the same.
    """

    async def late(route: Route) -> None:
        await asyncio.sleep(0.5)
        await route.continue_()

    await page.route("**/htmx.min.js", late)
    await page.go_back()
    await expect(page.locator(".talk")).to_have_count(0)
    await page.go_forward()
    await expect(page.locator(".talk")).to_be_visible(timeout=MOST_MS)
    await page.unroute("**/htmx.min.js")
    assert "half a thought" in await page.evaluate("JSON.stringify({...localStorage})")


@asynccontextmanager
async def seen_again(page: Page) -> AsyncIterator[None]:
    """The rows that it missed are on their way meanwhile, and come after what is told meanwhile."""
    asked, held = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        rows = await route.fetch()
        asked.set()
        await held.wait()
        await route.fulfill(response=rows)

    await page.route("**/console/queue*", late, times=1)
    await hidden(page, False)
    await asked.wait()
    yield
    async with page.expect_response("**/console/queue*"):
        held.set()


async def opened(page: Page, case: str) -> Locator:
    """The reply box of a case that is chosen from the queue, before the page's own scripts are there."""
    held: asyncio.Event = asyncio.Event()

    async def late(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await expect(page.locator(f"#row-{case}")).to_be_visible()
    await page.route("**/static/console.js", late, times=1)
    await page.reload(wait_until="commit")
    await page.locator(f"#row-{case} a[data-htmx-powered]").click()
    box = page.locator("#composer textarea").first
    await expect(box).to_be_visible()
    async with page.expect_response("**/static/console.js"):
        held.set()
    return box


async def too_long(page: Page) -> None:
    """A paste of 20,000 characters is not sent, stays in its box, and says by how much beforehand."""
    text = page.locator("#text")
    await text.fill("é" * 20_000)
    await expect(page.locator("#text-count")).to_contain_text("15,000 too many")
    await page.get_by_role("button", name="Send", exact=True).click()
    assert await text.evaluate("it => it.validationMessage") != ""
    assert len(await text.input_value()) == 20_000
    await text.fill("")
    await expect(page.locator("#text-count")).to_be_empty()


async def beside_a_keyboard(page: Page) -> None:
    """On a phone whose keyboard is up, the conversation is read while the reply is written."""
    await page.set_viewport_size({"width": 390, "height": 500})
    await page.locator("#text").focus()
    lines, text = page.locator("#lines"), page.locator("#text")
    await expect(page.locator(".case-head")).to_be_hidden()
    places = [
        await each.bounding_box()
        for each in (lines, text, page.get_by_role("button", name="Send", exact=True))
    ]
    assert all(each and each["y"] + each["height"] <= 500 for each in places), places
    assert places[0]
    assert places[0]["height"] >= 150, places
    left = await lines.evaluate("it => it.scrollHeight - it.scrollTop - it.clientHeight")
    assert left < 2, "who reads the end reads it still"
    await page.set_viewport_size({"width": 1280, "height": 800})


async def closed_by_key(page: Page) -> None:
    """It asks how it ended; Escape closes nothing."""
    asks = page.get_by_role("dialog", name="Close this case")
    for _ in range(2):
        await page.locator(".case-head h1").click()
        await page.keyboard.press("c")
        await expect(page.get_by_label("How did it end?")).to_be_focused(timeout=MOST_MS)
        await page.keyboard.press("Escape")
        await expect(asks).to_be_hidden()
    await page.keyboard.press("c")
    await page.get_by_label("How did it end?").select_option("other")
    assert await page.locator("#resolution").evaluate("it => it.validity.valueMissing")
    await page.get_by_label("How did it end?").select_option("answered")
    await asks.get_by_role("button", name="Close the case").click()
    await expect(page.get_by_role("heading", name="Closed: Question answered")).to_be_visible(timeout=MOST_MS)
    await expect(asks).to_be_hidden()
    await expect(page.get_by_role("link", name="Next case")).to_be_visible()
    await page.keyboard.press("g")  # nobody else waits: it stays where it is
    await expect(page.locator(".talk")).to_have_count(1)


async def test_two_staff_at_one_case(browser: Browser, tmp_path: Path) -> None:
    """One reads and types; the other takes the case, notes and speaks: the page follows, the text stays."""
    listener = socket.create_server(("127.0.0.1", 0))
    async with open_desk(tmp_path) as console:
        await console.said("where is my order?", "It shipped on Monday.")
        await console.waits()
        server = uvicorn.Server(uvicorn.Config(console.app, log_level="critical", ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        context = await browser.new_context(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        context.set_default_timeout(MOST_MS)
        page, complaints = await context.new_page(), []
        live: set[Request] = set()
        page.on("request", lambda each: live.add(each) if "/console/live" in each.url else None)
        for ending in ("requestfailed", "requestfinished"):
            page.on(ending, lambda each: live.discard(each))  # noqa: PLW0108
        page.on("console", lambda line: complaints.append(line.text) if line.type in TROUBLE else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await sign_in(page)
        box = await opened(page, "h-1")
        await until(lambda: any(each.case_id == "h-1" for each in console.desk.consoles.all()))
        await box.fill("half a thought")
        await expect(page.locator(".line.bot")).to_have_count(1)
        await hidden(page, True)
        await until(lambda: not live)  # a browser keeps six lines to a server
        await console.act("claim", role="lead")
        await console.act("note", role="lead", text="The carrier <b>lost</b> it.")
        async with seen_again(page):
            await console.waits("h-2", "c-2", priority="urgent")
            await console.act("note", "h-2", role="lead", text="first")
            await expect(page.locator("#row-h-2")).to_be_visible(timeout=MOST_MS)
        await console.act("say", role="lead", text="Hello, I look into it.")
        await expect(page.get_by_role("heading", name="With lead")).to_be_visible(timeout=MOST_MS)
        await expect(page.locator(".line.note .text")).to_have_text("The carrier <b>lost</b> it.")
        await expect(page.locator(".line.staff")).to_have_count(1)
        await expect(page.locator("#rows .row").first).to_have_id("row-h-2", timeout=MOST_MS)
        await expect(page.locator("#row-h-1")).to_contain_text("lead")
        await expect(box).to_have_value("half a thought")
        told = page.locator(".line.bot time")
        await expect(told).to_have_text(re.compile(r"^Thu 1 Jan 1970, \d\d:\d\d$"))
        await expect(told).to_have_attribute("title", re.compile(r"^Thu 1 Jan 1970, \d\d:\d\d \S+$"))
        await by_keys(page)
        for width, scheme in ((1440, "light"), (390, "dark")):
            await page.set_viewport_size({"width": width, "height": 800})
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await looked_at(page)
        await back_and_forth(page)
        assert complaints == []
        await context.close()
        server.should_exit = True
        console.desk.hub.close()
        await serving


async def test_the_reply_box(browser: Browser, tmp_path: Path) -> None:
    """Enter searches, a macro comes to the caret, a note keeps the reply, Ctrl+Enter sends the text."""
    async with open_writing(tmp_path) as writing, signed_in(browser, writing.desk, role="agent") as page:
        await writing.held("It is on its way to Paris.")
        await page.goto("/console/cases/h-1")
        text, macros = page.locator("#text"), page.locator("#macros")
        await text.fill("Dear customer!")
        await text.press("Home")
        for _ in "Dear ":
            await text.press("ArrowRight")
        await page.locator("summary", has_text="Macros").click()
        await macros.fill("where")
        await macros.press("Enter")
        await expect(page.locator(".pick")).to_have_count(2)
        await expect(text).to_have_value("Dear customer!")
        await page.get_by_role("button", name="Where the order is").click()
        await expect(text).to_have_value(re.compile(r"^Dear Hello,\n.* customer!$", re.DOTALL))
        await expect(text).to_be_focused()
        assert await page.evaluate("getSelection().toString()") == "⟦carrier⟧", "the first blank is chosen"
        await page.locator(".case-head h1").click()
        await page.keyboard.press("n")
        await page.locator("#note").fill("The carrier is slow.")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".line.note")).to_have_count(1)
        await expect(text).to_have_value(re.compile("^Dear Hello,"))
        await expect(page.locator("#note")).to_have_value("")
        await text.fill("On its way.")
        await text.press("Control+Enter")
        await expect(page.locator(".line.staff .text")).to_have_text("On its way.")
        await expect(text).to_have_value("")
        assert [spoke.draft for spoke in await writing.said()] == [""], "no draft was sent by the way"
        await too_long(page)
        await beside_a_keyboard(page)
        await closed_by_key(page)


WALL = "<script src=/static/wall.js type=module></script><a href=#main>Skip</a><button id=pause></button>"


async def test_the_wall_stays_where_it_is(browser: Browser) -> None:
    """It looks again in place, of its own accord, also for who took the skip link."""
    page = await browser.new_page()
    asked = list[Request]()

    async def answer(route: Route) -> None:
        if route.request.url.endswith(".js"):
            await route.fulfill(path=STATIC / "wall.js", content_type="text/javascript")
            return
        asked.append(route.request)
        await route.fulfill(body=f"<!doctype html>{WALL}<main id=main></main>", content_type="text/html")

    await page.clock.install()
    await page.route("**/*", answer)
    await page.goto("http://wall.test/console/wall")
    await page.get_by_role("link", name="Skip").click()
    for times in (2, 3):
        await page.clock.run_for(15_000)
        await until(lambda times=times: len(asked) >= times)  # type: ignore[misc]
    await page.close()
    assert [each.is_navigation_request() for each in asked] == [True, False, False]
    assert {each.headers.get("x-by-itself") for each in asked[1:]} == {"1"}
