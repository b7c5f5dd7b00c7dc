"""Every page of the console has the same bar: the way back to the queue, and what the member may open."""

import re
from pathlib import Path

import pytest

from gateway.approving import Approving
from gateway.console.knowledge.room import KnowledgeRoom
from shared.adapters.sqlite.approvals import open_approvals
from shared.adapters.sqlite.editions import open_editions
from shared.adapters.sqlite.measures import open_measures
from shared.adapters.sqlite.questions import open_questions
from shared.adapters.sqlite.tasks import open_tasks
from shared.agent import Agent
from shared.contracts import LIST_DOCUMENTS
from shared.contracts.editing import DocumentsListed, ListDocuments
from tests.console.desk import PAGE, ConsoleDesk, open_desk

KNOWLEDGE = ["/console/knowledge", "/console/gaps"]
AGENT = ["/console", "/console/search", "/console/tasks", "/console/promises", *KNOWLEDGE]
LEAD = [
    "/console", "/console/search", "/console/bulk", "/console/approvals", "/console/tasks",
    "/console/promises", *KNOWLEDGE, "/console/wall", "/ops/conversations",
]  # fmt: skip


async def bar(console: ConsoleDesk, path: str, role: str) -> tuple[list[str], list[str]]:
    """Where the bar of this page leads, and which of it is this page."""
    answer = await console.http(role).get(path, headers=PAGE)
    assert answer.status_code == 200, path
    found = re.search(r'<nav aria-label="Console">(.*?)</nav>', answer.text, re.DOTALL)
    assert found, path
    links = re.findall(r'<a href="([^"]+)"([^>]*)>', found[1])
    return [href for href, _ in links], [href for href, more in links if "aria-current" in more]


@pytest.mark.parametrize(("role", "ways"), [("agent", AGENT), ("lead", LEAD)])
async def test_the_same_bar_everywhere(tmp_path: Path, role: str, ways: list[str]) -> None:
    """In the same order on each page, with the page marked; what is not theirs to open is not there."""
    file = tmp_path / "desk.db"

    async def nothing(ask: ListDocuments) -> DocumentsListed:
        return DocumentsListed(
            conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, documents=(),
            more=False,
        )  # fmt: skip

    async with (
        open_desk(tmp_path) as console, open_measures(file) as measures, open_tasks(file) as tasks,
        open_approvals(file) as approvals, open_editions(tmp_path / "editions.db") as editions,
        open_questions(file) as questions,
        console.desk.bus.serve(Agent("kb").answers(LIST_DOCUMENTS, nothing)),
    ):  # fmt: skip
        desk = console.desk
        approving = Approving(approvals, console.cases, desk.bus)
        knowledge = KnowledgeRoom(editions, questions)
        rooms = {"measures": measures, "tasks": tasks, "approving": approving, "knowledge": knowledge}
        for name, room in rooms.items():
            object.__setattr__(desk, name, room)
        await console.said("where is my order?", "It shipped.")
        await console.waits()
        for path in ways:
            if path.startswith("/ops"):
                continue  # the bar of operations: tests/ops/test_frame.py
            assert await bar(console, path, role) == (ways, [path])
        assert await bar(console, "/console/cases/h-1", role) == (ways, ["/console"])
        for path in ("/console/cases/h-1/history", "/console/cases/h-1/orders", "/console/conversations/c-1"):
            assert await bar(console, path, role) == (ways, [])


async def test_an_admin_may_open_all(tmp_path: Path) -> None:
    """The pages on customers' data have the same bar."""
    async with open_desk(tmp_path) as console:
        links, _ = await bar(console, "/console", "admin")
        assert links == [*LEAD[:-1], "/console/customers", "/console/customers/receipts", "/ops"]
