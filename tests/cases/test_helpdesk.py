"""A case and its ticket tell the same story, whoever writes where."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from agents.escalation import file_missing, follow_up
from agents.helpdesk import mirror, ticket_changed
from gateway.casework import new_turn
from mock_apis import zendesk as mock
from shared import contracts as c
from shared.adapters.sqlite.store import SqliteStore
from shared.adapters.zendesk import ZendeskHelpdesk
from shared.errors import VendorDown
from tests.adapters.vendors import PlainVault, Waits
from tests.cases.examples import EMMA, Support, hand_over, opened, support

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
    def store(self) -> SqliteStore:
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
        fields: dict[str, Any] = {"status": "open", "priority": "normal"} | more
        change = c.TicketChanged(
            ticket=self.ticket, change=kind, changed_at=200.0, hand_over_id=self.case.id, **fields
        )
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


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
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


async def test_what_staff_do_stands_in_the_ticket_once(both: Both) -> None:
    """Words to the customer are public, notes are not; closing solves it, and assigns what was nobody's."""
    work, case = both.at.work, both.case
    await work.claim(case.id, EMMA)
    await work.say(case.id, EMMA, "Hello, Emma here.", turn_id=new_turn())
    await work.note(case.id, EMMA, "Sounds upset.")
    await work.close(case.id, EMMA, "pole sent")
    assert await both.mirror() == 4
    assert await both.mirror() == 0
    assert await both.comments() == [
        (False, "Emma has this conversation in the console."),
        (True, "Emma: Hello, Emma here."),
        (False, "Emma (note): Sounds upset."),
        (False, "Closed in the console: pole sent"),
    ]
    shown = await both.shown()
    assert (shown["status"], shown["assignee_id"] is not None) == ("solved", True)


async def test_when_the_helpdesk_is_down_it_follows_in_order(both: Both) -> None:
    """Nothing is lost, nothing comes twice: a comment whose answer was lost is found there."""
    work, case = both.at.work, both.case
    await work.claim(case.id, EMMA)
    await work.say(case.id, EMMA, "First.", turn_id=new_turn())
    await both.vendor.post("/__mock__/fault", json={"status": 503, "body": "error", "times": None})
    with pytest.raises(VendorDown):
        await both.mirror()
    await both.vendor.delete("/__mock__/fault")
    await work.say(case.id, EMMA, "Second.", turn_id=new_turn())
    await both.mirror()
    await both.at.cases.append(case.id, c.StaffNoted(at=1.0, by=EMMA.actor, name="Emma", text="note"))
    both.at.cases._db.execute("UPDATE case_events SET mirrored = 0 WHERE n > 1")  # as after a kill
    await both.mirror()
    assert [text for _, text in await both.comments()] == [
        "Emma has this conversation in the console.", "Emma: First.", "Emma: Second.", "Emma (note): note",
    ]  # fmt: skip


async def test_a_colleague_answers_at_the_helpdesk(both: Both) -> None:
    """The customer hears it once, by their first name; the bot is silent, and nothing is written back."""
    await both.changed("assignment", assigned=True)
    await both.robin_writes("Robin from the workshop: the pole is on its way.")
    for _ in range(2):  # webhooks come twice
        await both.changed("comment", public=True)
    both.at.clock.at += 1000
    await both.at.work.retell()
    assert (await both.at.desk.say("Thank you")).reply == ""
    said = [line for line in await both.at.lines() if line[0] in {"staff", "system"}]
    assert said == [("staff", "Robin from the workshop: the pole is on its way.")]
    assert (await both.at.case()).owner == "zendesk"
    assert await both.mirror() == 0


async def test_a_public_comment_beside_a_claim_in_the_console_is_a_note(both: Both) -> None:
    """Emma has it, so only she speaks; she reads what Robin wrote, and so with internal comments."""
    await both.at.work.claim(both.case.id, EMMA)
    await both.robin_writes("I can take this.")
    await both.robin_writes("Check the warranty.", public=False)
    await both.changed("comment", public=True)
    await both.changed("comment")
    events = [each.event for each in await both.at.cases.events("c-1")]
    assert [(each.name, each.text) for each in events if isinstance(each, c.StaffNoted)] == [
        ("Robin", "I can take this."), ("Robin", "Check the warranty."),
    ]  # fmt: skip
    assert not any(isinstance(each, c.StaffSpoke) for each in events)


async def test_solved_there_is_closed_here(both: Both) -> None:
    """The customer is told, once; what comes late or of another's ticket changes nothing."""
    await both.changed("status", status="solved")
    await both.changed("status", status="closed")
    await both.changed("priority", priority="urgent")
    both.at.clock.at += 1000
    await both.at.work.retell()
    assert (await both.at.case()).phase == "closed"
    answer = await both.at.desk.say("Lovely")
    assert answer.status == "answered"
    assert [who for who, _ in await both.at.lines()].count("system") == 1
    other = c.TicketChanged(ticket="1", change="status", status="solved", priority="low", changed_at=1.0)
    await ticket_changed(other, cases=both.at.cases, helpdesk=both.helpdesk)


async def test_priority_there_is_priority_here(both: Both) -> None:
    """And is not written back."""
    await both.changed("priority", priority="urgent")
    assert (await both.at.case()).priority == "urgent"
    assert await both.mirror() == 0


async def test_a_ticket_that_is_closed_for_good_stops_nothing(both: Both) -> None:
    """The case goes on without it."""
    wish = {"ticket": {"status": "closed", "assignee_id": mock.records.BOT}}
    await both.vendor.put(f"/api/v2/tickets/{both.ticket}.json", json=wish)
    await both.at.work.claim(both.case.id, EMMA)
    assert await both.mirror() == 1
    assert await both.mirror() == 0


async def test_a_merged_case_solves_its_ticket(both: Both) -> None:
    """Which says where it goes on."""
    other = await both.at.cases.open(opened(hand_over("h-other", "c-other", at=both.at.clock.now())))
    await both.at.work.merge(both.case, other, EMMA)
    await both.mirror()
    assert await both.comments() == [(False, "It goes on in case h-other.")]
    assert (await both.shown())["status"] == "solved"


@pytest.mark.parametrize("claimed", ["", "console", "zendesk"])
async def test_what_the_customer_adds_is_in_the_ticket_once(both: Both, claimed: str) -> None:
    """Whether the case waits, or somebody has it here or there."""
    if claimed == "console":
        await both.at.work.claim(both.case.id, EMMA)
    elif claimed:
        await both.changed("assignment", assigned=True)
    await both.customer_says("I forgot to say: it leaks.")
    assert (False, "I forgot to say: it leaks.") in await both.comments()
    assert len(await both.comments()) == 1


async def test_each_message_of_a_burst_is_in_the_ticket(both: Both) -> None:
    """All but the last bring no state of the conversation with them."""
    last = await both.at.desk.say("and it is torn.")
    first = structs.replace(
        last, turn_id="t-burst-1", said="It leaks,", state=None, answered_with=last.turn_id
    )
    for turn in (first, last):
        await follow_up(turn, store=both.store, helpdesk=both.helpdesk)
    assert await both.comments() == [(False, "It leaks,"), (False, "and it is torn.")]


async def test_a_case_that_was_claimed_first_is_filed_all_the_same(both: Both) -> None:
    """Its story is what was said before; each word since is a comment, once, whoever passes it on."""
    await both.at.desk.say("I want to talk to a human", "c-2")
    case = await both.at.case("c-2")
    await both.at.work.claim(case.id, EMMA)
    await both.customer_says("My tent leaks.", "c-2")
    await both.at.work.say(case.id, EMMA, "Emma here.", turn_id=new_turn())
    both.at.clock.at += 1000
    await both.at.work.retell()
    await both.at.desk.say("Thank you, Emma", "c-2")
    assert await file_missing(both.store, both.helpdesk) == 1
    assert await file_missing(both.store, both.helpdesk) == 0
    await both.customer_says("Bye", "c-2")
    await both.mirror()
    story, *comments = await both.written(case)
    assert "I want to talk to a human" in story
    assert "tent" not in story
    assert "Emma here." not in story
    assert sorted(comments) == [
        "Bye", "Emma has this conversation in the console.", "Emma: Emma here.", "My tent leaks.",
        "Thank you, Emma",
    ]  # fmt: skip


async def test_what_is_written_while_a_ticket_is_filed_is_in_it(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own event found no ticket yet."""
    await both.at.desk.say("I want to talk to a human", "c-2")
    case, attach = await both.at.case("c-2"), SqliteStore.attach_ticket

    async def late(self: SqliteStore, hand_over_id: str, ticket: str) -> None:
        await both.customer_says("It leaks.", "c-2")
        await attach(self, hand_over_id, ticket)

    monkeypatch.setattr(SqliteStore, "attach_ticket", late)
    assert await file_missing(both.store, both.helpdesk) == 1
    assert (await both.written(case))[1:] == ["It leaks."]
