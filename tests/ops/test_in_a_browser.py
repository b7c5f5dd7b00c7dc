"""The operators' pages in a real browser: figures come by themselves, the keyboard puts letters back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from gateway.ops.looking import FRESH_SECONDS
from shared.adapters.memory.spending import MemorySpending
from shared.budget import BudgetStatus
from shared.telemetry.taking import Health, Standing
from shared.wiring.openers import open_prices
from tests.bus.sample import Told, accepted, buried, until
from tests.console.desk import SETTINGS, ConsoleDesk, open_desk
from tests.journeys.browser.axe import violations
from tests.ops.test_health import sent
from tests.ops.test_letters import CONVERSATION, Worker
from tests.ops.test_spend import NOW
from tests.spending.conftest import usage
from tests.staff import PASSWORD
from tests.web.conftest import browser, held
from tests.web.test_staff_pages import listening, looked_at, opened, served

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
TRACED = Health(
    kind="embedded", standing=Standing(up=False, since=NOW, said="Killed"), held=9_000, days=7,
    processes=[
        sent("answerdesk-intent", up=False, since=NOW, why="402", lost={"402": 3, "full": 4}),
        sent("answerdesk-gateway", up=True, since=NOW, accepted_at=NOW, accepted=12, sent=4012),
    ],
)  # fmt: skip
LOST = BudgetStatus(
    stage="unknown", tier="embedded", month_usd=0.0, month_share=0.0, day_usd=0.0, day_share=None,
    unpriced_tokens=0, read_at=0.0, stale=True, uncounted_since=NOW, trouble="spending.db: it is damaged",
)  # fmt: skip
"""Nothing is well: what is said of it has to be readable too."""


async def sign_in(page: Page) -> None:
    """As the operator."""
    await page.goto("/ops")
    await page.get_by_label("Name").fill("operator")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Health")).to_be_visible()


@contextmanager
def asking(page: Page) -> Iterator[list[str]]:
    """What the page asks the gateway for meanwhile."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    yield asked
    page.remove_listener("request", note)


async def watched(page: Page, desk: ConsoleDesk, worker: Worker, told: Told) -> None:
    """What is opened stays open while figures change; nothing changes while the reader wants peace."""
    await page.get_by_text("Every queue of every service").click()
    async with page.expect_response("**/ops"):
        await page.clock.run_for(4_000)
    await expect(page.get_by_role("region", name="Queues, as a table")).to_be_visible()
    for n in range(3):
        await desk.desk.bus.submit(accepted(f"t{n}", CONVERSATION))
    await buried(desk.desk.bus, 3)
    dead = page.get_by_role("link", name="3", exact=True)
    pause = page.get_by_role("button", name="Pause updates")
    async with page.expect_response("**/ops") as late, held(page, "**/ops"):
        await page.clock.run_for(4_000)
        await pause.click()
        await asyncio.sleep(FRESH_SECONDS)  # looks are shared for so long: this one sees them
    assert re.search(r">\s*3\s*</a>", await (await late.value).text())
    with asking(page) as asked:
        await page.clock.run_for(10_000)
        await expect(dead).to_have_count(0)
        assert asked == []
        await pause.click()
        await page.clock.run_for(4_000)
    await expect(dead).to_be_visible()
    await expect(page.get_by_role("region", name="Queues, as a table")).to_be_visible()
    assert await violations(page) == []
    await dead.click()


async def mended(page: Page, desk: ConsoleDesk, worker: Worker, told: Told) -> None:
    """All on the page, by the keyboard alone: chosen, confirmed with a reason, put back."""
    every = page.get_by_label("All 3 on this page")
    async with held(page, "**/static/ops.js"):
        await page.reload(wait_until="commit")
        await expect(page.get_by_role("region", name="Dead letters, as a table")).to_be_visible()
        await expect(every).to_be_hidden()
    await expect(every).to_be_visible()
    await every.focus()
    await page.keyboard.press("Space")
    await expect(page.locator("input[name=letter]:checked")).to_have_count(3)
    worker.mended = True
    await page.get_by_role("button", name="Put back").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Put back 3 letters")).to_be_visible()
    await page.get_by_label("The cause is mended").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Put back: 3 of 3")).to_be_visible()
    await until(lambda: len(set(told.turns)) == 3)


async def linked(page: Page) -> None:
    """A link gives somebody else the query and its time; nothing of it is sent to a server."""
    box, back = page.get_by_label("Query", exact=True), page.get_by_label("Over the last")
    await box.fill("AppRequests // ‹é›\n| take 3")
    await back.select_option("7d")
    await page.get_by_role("button", name="Copy link").click()
    await expect(page.get_by_role("status")).not_to_be_empty()
    await box.fill("something else")
    with asking(page) as asked:
        await page.reload()
        await expect(box).to_have_value("AppRequests // ‹é›\n| take 3")
    await expect(back).to_have_value("7d")
    assert not any("take" in url.partition("#")[0] for url in asked)


async def asked_in_vain(page: Page) -> None:
    """A query may take its half minute, which is longer than other requests; one without an answer ends."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/ops/query", hold)
    await page.get_by_role("button", name="Run").click()
    answer = page.get_by_role("region", name="Answer")
    await page.clock.run_for(35_000)
    await expect(answer).to_have_attribute("aria-busy", "true")
    await page.clock.run_for(10_000)
    await expect(answer).to_contain_text("No answer came")
    await expect(answer).not_to_have_attribute("aria-busy", "true")
    assert len(held) == 1


async def test_an_operator_at_work(browser: Browser, tmp_path: Path) -> None:
    """Watches, finds what died, puts it back, looks at the money; usable by everybody, wide and narrow."""
    settings = SETTINGS.model_copy(update={"model_budget_usd_month": 10.0})
    worker, told = Worker(), Told()
    listener, origin = listening()
    async with (
        open_desk(tmp_path, settings) as desk,
        desk.desk.bus.work(worker, finished=told),
        served(desk.app, listener),
        opened(browser, origin) as page,
    ):
        ledger = MemorySpending()
        usages = [usage(0.75, estimated_tokens=9), usage(0.2, agent="critic"), usage(9.0, tier="replay")]
        await ledger.record("t-1", conversation_id="c-1", at=NOW, usages=usages)
        assert desk.desk.ops is not None
        furnished = replace(
            desk.desk.ops, spending=ledger, prices=open_prices(), tracing=lambda: TRACED, budget=lambda: LOST
        )
        object.__setattr__(desk.desk, "ops", furnished)
        await page.clock.install()
        await sign_in(page)
        await expect(page.get_by_role("region", name="Traces by process, as a table")).to_be_visible()
        await looked_at(page)
        await watched(page, desk, worker, told)
        await mended(page, desk, worker, told)
        await page.get_by_role("link", name="Spend").click()
        await expect(page.get_by_role("img", name=re.compile("Spend by day"))).to_be_visible()
        await looked_at(page)
        await page.get_by_role("link", name="Query").click()
        await linked(page)
        await asked_in_vain(page)
