"""Beside the case in a real browser: a decision shows what became of it in place; notices come politely."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, expect

from gateway.approving import Approving
from shared.adapters.sqlite.approvals import open_approvals
from shared.adapters.sqlite.tasks import open_tasks
from shared.contracts import TaskTold
from tests.approvals.test_store import request
from tests.bus.sample import until
from tests.console.desk import open_desk
from tests.staff import PASSWORD
from tests.web.conftest import browser

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
MOST_MS = 40_000


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_lead_decides_beside_the_case(browser: Browser, tmp_path: Path, scripts: bool) -> None:
    """Half a reply stays where it is, focus stays beside the case; without scripts the page comes back."""
    listener, file = socket.create_server(("127.0.0.1", 0)), tmp_path / "desk.db"
    async with open_desk(tmp_path) as console, open_approvals(file) as approvals, open_tasks(file) as tasks:
        desk = console.desk
        approving = Approving(approvals, console.cases, desk.bus, now=lambda: request().asked_at + 60)
        object.__setattr__(desk, "approving", approving)
        object.__setattr__(desk, "tasks", tasks)
        await console.said("I want my money back", "A person looks at it.")
        await console.waits()
        await approvals.ask(request())
        server = uvicorn.Server(uvicorn.Config(console.app, log_level="critical", ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        context = await browser.new_context(
            base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", java_script_enabled=scripts
        )
        context.set_default_timeout(MOST_MS)
        page = await context.new_page()
        await page.goto("/console/cases/h-1")
        await page.get_by_label("Name").fill("lead")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        note = page.locator("#composer textarea").first
        await note.wait_for()
        await page.wait_for_load_state()  # with its scripts: before them a press loads the page anew
        await note.fill("half a thought")
        await page.get_by_role("button", name="Approve", exact=True).click()
        await expect(page.locator("#belongs .decided")).to_contain_text("Approved · lead", timeout=MOST_MS)
        if scripts:
            await expect(note).to_have_value("half a thought")
            await expect(page.locator("#belongs")).to_be_focused()
            await until(lambda: desk.consoles.count == 1)
            sign = TaskTold(conversation_id="task-k", task_id="k", assignee="queue:support")
            await page.get_by_text("Add a follow-up").click()
            await page.get_by_label("What is to be done").fill("half a plan")
            await note.focus()
            async with page.expect_response("**/belongs"):
                await desk.bus.progress(sign)
            await expect(page.get_by_role("link", name="A follow-up is due")).to_be_visible(timeout=MOST_MS)
            await page.evaluate("new Promise((done) => setTimeout(done))")  # htmx puts the answer in
            await expect(page.get_by_label("What is to be done")).to_be_visible()
            await expect(page.get_by_label("What is to be done")).to_have_value("half a plan")
        await context.close()
        server.should_exit = True
        desk.hub.close()
        await serving
