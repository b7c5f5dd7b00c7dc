"""A case with its ticket at the vendor's mock, seen from both sides."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from agents.escalation import follow_up
from agents.helpdesk import mirror, ticket_changed
from mock_apis import zendesk as mock
from shared import contracts as c
from shared.adapters.zendesk import ZendeskHelpdesk
from shared.ports import ConversationStore
from tests.adapters.vendors import PlainVault, Waits
from tests.cases.examples import Support, support

ROBIN = {"name": "Robin Hale", "email": "robin@example.com", "role": "agent"}


@dataclass
class Both:
    """Support with a helpdesk beside it, and the vendor's own view."""

    at: Support
    helpdesk: ZendeskHelpdesk
    vendor: httpx.AsyncClient
    case: c.Case
    ticket: str

    @property
    def store(self) -> ConversationStore:
        """The conversations."""
        return self.at.desk.service.steps.store

    async def customer_says(self, text: str, conversation: str = "c-1") -> None:
        """The escalation agent hears of it twice."""
        turn = await self.at.desk.say(text, conversation)
        for _ in range(2):
            await follow_up(turn, store=self.store, helpdesk=self.helpdesk)

    async def mirror(self) -> int:
        return await mirror(cases=self.at.cases, helpdesk=self.helpdesk)

    async def changed(self, kind: c.TicketChange, **more: Any) -> None:
        """The webhook that tells of a change."""
        fields: dict[str, Any] = {"status": "open", "priority": "normal", "changed_at": 200.0} | more
        change = c.TicketChanged(ticket=self.ticket, change=kind, hand_over_id=self.case.id, **fields)
        await ticket_changed(change, cases=self.at.cases, helpdesk=self.helpdesk)

    async def shown(self) -> dict[str, Any]:
        shown = await self.vendor.get(f"/api/v2/tickets/{self.ticket}.json")
        found: dict[str, Any] = shown.json()["ticket"]
        return found

    async def comments(self) -> list[tuple[bool, str]]:
        found = (await self.vendor.get(f"/api/v2/tickets/{self.ticket}/comments.json")).json()["comments"]
        return [(each["public"], each["body"]) for each in found[1:]]

    async def written(self, case: c.Case) -> list[str]:
        """Everything in the ticket of a case, its story first."""
        given = await self.store.hand_over(case.id)
        assert given is not None
        assert given.ticket
        found = await self.vendor.get(f"/api/v2/tickets/{given.ticket}/comments.json")
        return [each["body"] for each in found.json()["comments"]]

    async def robin_writes(self, text: str, *, public: bool = True) -> None:
        """A colleague answers at the helpdesk."""
        made = await self.vendor.post("/api/v2/users/create_or_update.json", json={"user": ROBIN})
        comment = {"body": text, "public": public, "author_id": made.json()["user"]["id"]}
        wish = {"ticket": {"comment": comment}}
        assert (await self.vendor.put(f"/api/v2/tickets/{self.ticket}.json", json=wish)).status_code == 200


@asynccontextmanager
async def both_sides(tmp_path: Path) -> AsyncIterator[Both]:
    """Somebody asked for a person, and the ticket is there."""
    app = mock.create_app(None)
    way, auth = httpx.ASGITransport(app=app), (f"{mock.EMAIL}/token", mock.TOKEN)
    http = httpx.AsyncClient(transport=way, base_url="http://desk", auth=auth)
    async with http, support(tmp_path) as at:
        await at.desk.say("I want to talk to a human")
        case = await at.case()
        helpdesk = ZendeskHelpdesk(http, vault=PlainVault(), patience=Waits().patience())
        ticket = await helpdesk.open_ticket(case.hand_over, transcript=[])
        await at.desk.service.steps.store.attach_ticket(case.id, ticket)
        yield Both(at, helpdesk, http, case, ticket)
    app.close()
