"""A case of Emma's with everything its reply box can use."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import httpx
from msgspec import structs

from gateway.checks import by_rules, of_others, of_promises
from gateway.composing import Composing
from gateway.console.macros import load_macros
from shared import contracts as c
from shared.adapters.embedded.judge import open_judge
from shared.adapters.sqlite.corrections import SqliteCorrections, open_corrections
from shared.agent import Agent
from tests.cases.examples import hand_over
from tests.console.desk import HTMX, PAGE, ConsoleDesk, open_desk
from tests.conversation.desk import USAGE, ids

PASSAGES = (
    c.Passage(
        id="kb:returns#how", source="en/returns.md", title="Returns", section="How to return",
        text="You can return unused items within 30 days of delivery.", locale="en", category="policies",
        version=3, score=0.9, since="2026-01-05",
    ),
    c.Passage(
        id="kb:returns-fr#how", source="fr/returns.md", title="Retours", section="Comment faire",
        text="Vous pouvez retourner les articles sous 30 jours.", locale="fr", category="policies",
        version=2, score=0.8, since="2026-02-01",
    ),
)  # fmt: skip
FACTS = (
    c.Fact(id="order:1001/number", value="1001"),
    c.Fact(id="order:1001/status", value="shipped"),
)
SUGGESTION = "Your order 1001 shipped on Monday."


@dataclass
class Writing:
    """The console, and who searches for what."""

    desk: ConsoleDesk
    corrections: SqliteCorrections
    asked: list[c.RetrievePassages]

    async def fields(self, role: str = "agent") -> dict[str, str]:
        """What the reply form of the page would send."""
        return form_of(await self.desk.page(role=role))

    async def post(
        self, what: str, role: str = "agent", *, htmx: bool = False, **fields: str
    ) -> httpx.Response:
        """Send the reply form as the page has it, with these fields changed."""
        known = await self.fields(role)
        headers = {"Content-Type": "application/x-www-form-urlencoded", **(HTMX if htmx else PAGE)}
        path = f"/console/cases/h-1/{what}"
        return await self.desk.http(role).post(path, data=known | fields, headers=headers)

    async def send(self, what: str, fields: dict[str, str], role: str = "agent") -> httpx.Response:
        """Send a form with these fields and no others."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", **PAGE}
        path = f"/console/cases/h-1/{what}"
        return await self.desk.http(role).post(path, data=fields, headers=headers)

    async def held(self, text: str, turn: str = "t-2", *, asked: str = "And now?", at: float = 120.0) -> None:
        """A reply of the bot that was on its way when Emma took the case."""
        await self.desk.said(asked, text, turn=turn, at=at)

    async def said(self) -> list[c.StaffSpoke]:
        """What staff said."""
        events = await self.desk.cases.events("c-1")
        return [each.event for each in events if isinstance(each.event, c.StaffSpoke)]

    async def case(self) -> c.Case:
        """The case."""
        found = await self.desk.cases.case("h-1")
        assert found is not None
        return found


@asynccontextmanager
async def open_writing(
    folder: Path, *, claimed: bool = True, language: c.Language = "en", suggestion: str = ""
) -> AsyncIterator[Writing]:
    """A case in which the customer asked where order 1001 is; nobody answers turns."""
    asked: list[c.RetrievePassages] = []

    async def retrieve(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        asked.append(ask)
        return c.PassagesRetrieved(**ids(ask), passages=PASSAGES, usage=USAGE)  # type: ignore[arg-type]

    async with open_desk(folder) as made, open_corrections(folder / "desk.db") as corrections:
        composing = Composing(
            corrections=corrections,
            macros=load_macros(folder),
            checkers=(by_rules(open_judge()), of_others, of_promises),
            secret="s" * 40,
        )
        made.desk = made.app.state.desk = replace(made.desk, composing=composing)
        await made.said("where is my order?", "It is in Paris.", state=c.ConversationState(language=language))
        given = hand_over()
        packet = structs.replace(given.packet, facts=FACTS, language=language, suggested_reply=suggestion)
        given = structs.replace(given, packet=packet)
        await made.cases.open(c.CaseOpened(at=100.0, by="bot", hand_over=given))
        writing = Writing(made, corrections, asked)
        async with made.desk.bus.serve(Agent("knowledge").answers(c.RETRIEVE, retrieve)):
            if claimed:
                await made.act("claim")
            yield writing


def form_of(page: str) -> dict[str, str]:
    """The fields of the reply form in this page, as a browser would send them."""
    found = re.search(r'<form id="reply".*?</form>', page, re.DOTALL)
    assert found is not None, "there is no reply form"
    form = found[0]
    fields = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([\w]+)" value="([^"]*)"', form)
    }
    for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        fields[name] = unescape(text)
    for name, value in re.findall(r'<input id="\w+" name="(\w+)"[^>]* value="([^"]*)"', form):
        fields[name] = unescape(value)
    return fields


def alerts(page: str) -> str:
    """What the page warns of, as text."""
    found = re.findall(
        r'<p class="box-\w+".*?</p>|<div class="box-warning".*?</div>|<p role="alert".*?</p>', page, re.DOTALL
    )
    return unescape(" ".join(re.sub(r"<[^>]+>", "", each) for each in found))
