"""The console over a real editor: a folder of documents, an index, the bus between them."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from agents import editing
from gateway.console.knowledge.room import KnowledgeRoom
from shared import contracts as c
from shared.agent import Agent
from tests.console.desk import PAGE, ConsoleDesk, open_desk
from tests.knowledge.back_ends import TODAY
from tests.knowledge.editor_desk import EditorDesk, editor_desk

DOCUMENT = "/console/knowledge/documents/returns"


@dataclass
class KnowledgeDesk:
    """The console, and what the knowledge service stands on."""

    console: ConsoleDesk
    behind: EditorDesk

    async def get(self, path: str, role: str = "lead") -> httpx.Response:
        """A page as a browser gets it."""
        return await self.console.http(role).get(path, headers=PAGE)

    async def form(self, path: str = f"{DOCUMENT}/edit", role: str = "lead") -> dict[str, str]:
        """The fields of the editor as the page fills them."""
        page = (await self.get(path, role)).text
        found = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
        text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
        assert text is not None, page
        given = {name: html.unescape(value) for name, value in (found | {"text": text[1]}).items()}
        # The page proposes the day it is; the index of the tests has one of its own.
        return given | {"effective_from": TODAY.isoformat()}

    async def send(self, do: str, fields: dict[str, str], role: str = "lead") -> httpx.Response:
        """Press a button of the editor."""
        given = fields | {"do": do}
        return await self.console.http(role).post("/console/knowledge/edits", data=given, headers=PAGE)

    async def publish(self, text: str, reason: str = "it was wrong", **fields: str) -> httpx.Response:
        """Publish this text over the one that is there now."""
        given = await self.form() | {"text": text, "reason": reason} | fields
        return await self.send("publish", given)


@asynccontextmanager
async def knowledge_desk(tmp_path: Path, folder: Path) -> AsyncIterator[KnowledgeDesk]:
    """The knowledge service answers over the bus; questions are those of the editor's own store."""
    (tmp_path / "behind").mkdir()
    async with open_desk(tmp_path) as console, editor_desk(tmp_path / "behind", folder) as behind:
        object.__setattr__(console.desk, "knowledge", KnowledgeRoom(behind.editions, behind.questions))
        agent = (
            Agent("knowledge")
            .answers(c.LIST_DOCUMENTS, partial(editing.documents, editor=behind.editor))
            .answers(c.OPEN_DOCUMENT, partial(editing.opened, editor=behind.editor))
            .answers(c.PREVIEW_EDIT, partial(editing.previewed, editor=behind.editor))
            .answers(c.PUBLISH_EDIT, partial(editing.published, editor=behind.editor))
        )
        async with console.desk.bus.serve(agent):
            yield KnowledgeDesk(console, behind)
