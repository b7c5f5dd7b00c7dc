"""The Zendesk adapter keeps the promises of the `HelpdeskApi` port."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from shared import contracts as c
from shared.adapters.vendor_http import Patience
from shared.adapters.zendesk import ZendeskHelpdesk, open_helpdesk
from shared.errors import SettingsError, VendorRefused

from .vendors import TALK, PlainVault, hand_over


async def _tickets(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await http.get("/api/v2/tickets.json")).json()["tickets"]
    return found


async def _comments(http: httpx.AsyncClient, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await http.get(f"/api/v2/tickets/{number}/comments.json")).json()[
        "comments"
    ]
    return found


async def test_opens_a_ticket(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """The ticket has the packet and the transcript with names opened, internal, with its priority."""
    said = [c.Said(who="customer", text="Where is my money?"), c.Said(who="bot", text="I ask a colleague.")]
    number = await helpdesk.open_ticket(await hand_over(vault), transcript=said)
    (ticket,) = await _tickets(zendesk_http)
    assert (str(ticket["id"]), ticket["external_id"], ticket["priority"]) == (number, "h-1", "high")
    assert ticket["subject"] == "[refunds] refund above limit"
    assert ticket["tags"] == ["answerdesk", "queue_refunds", "reason_refund_above_limit"]
    (comment,) = await _comments(zendesk_http, number)
    assert comment["public"] is False
    for part in (
        "Emma Johnson waits for a refund.", "- State: delivered [order:1005/status]",
        "- looked up the order",
        "- an answer today", "- Dear Emma Johnson", "- customer: Where is my money?", "2026-11-21 13:00 UTC",
    ):  # fmt: skip
        assert part in comment["body"]
    assert "TOKEN_" not in comment["body"]
    assert {purpose for _, purpose in vault.revealed} == {"helpdesk"}


@pytest.mark.parametrize(
    ("language", "subject", "told"),
    [
        ("en", "[refunds] Refund · order 1005 · the refund is beyond", "- State: delivered"),
        ("fr", "[refunds] Remboursement · commande 1005 · le remboursement dépasse", "- État : livrée"),
        ("es", "[refunds] Reembolso · pedido 1005 · el reembolso supera", "- Estado: entregado"),
    ],
)
async def test_a_ticket_is_written_in_the_helpdesks_language(
    vault: PlainVault, zendesk_http: httpx.AsyncClient, language: c.Language, subject: str, told: str
) -> None:
    """What customers said stays as they said it."""
    plain = await hand_over(vault)
    packet = structs.replace(
        plain.packet,
        reason="refund_limit",
        intent=c.Intent.REFUND_STATUS,
        words=(c.Quote(of="since", text="two weeks ago"),),
        next_action=c.NextAction(kind="approve_refund", why="over_limit", order_number="1005"),
    )
    desk = ZendeskHelpdesk(zendesk_http, vault=vault, patience=Patience(), language=language)
    number = await desk.open_ticket(structs.replace(plain, packet=packet), transcript=[])
    (ticket,) = await _tickets(zendesk_http)
    (comment,) = await _comments(zendesk_http, number)
    assert ticket["subject"].startswith(subject)
    assert told in comment["body"]
    assert "two weeks ago" in comment["body"]


async def test_one_ticket_perhand_over(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """The same hand-over again, at once or later with more said, is the same ticket."""
    waiting = await hand_over(vault)
    numbers = await asyncio.gather(
        *(helpdesk.open_ticket(waiting, transcript=[c.Said(who="customer", text=f"{n}")]) for n in range(4))
    )
    later = await helpdesk.open_ticket(waiting, transcript=[c.Said(who="customer", text="more")])
    assert {*numbers, later} == {numbers[0]}
    assert len(await _tickets(zendesk_http)) == 1
    other = await helpdesk.open_ticket(await hand_over(vault, id="h-2"), transcript=[])
    assert other != numbers[0]


async def test_a_lost_answer_makes_no_second_ticket(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """When the ticket was made but the answer is lost, the next attempt finds it."""
    lost: list[str] = []

    async def lose(answer: httpx.Response) -> None:
        if answer.request.method == "POST" and not lost:
            lost.append("answer")
            raise httpx.ReadError("connection reset")

    zendesk_http.event_hooks["response"] = [lose]
    await helpdesk.open_ticket(await hand_over(vault), transcript=[])
    assert (lost, len(await _tickets(zendesk_http))) == (["answer"], 1)


async def test_adds_a_comment_once(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """A comment is added once per key, internal, with names opened."""
    number = await helpdesk.open_ticket(await hand_over(vault), transcript=[])
    name = await vault.token("Emma Johnson", conversation_id=TALK, owner="o")
    for key in ("k1", "k1", "k2"):
        await helpdesk.add_comment(number, f"{name} is still here", conversation_id=TALK, key=key)
    said = (await _comments(zendesk_http, number))[1:]
    assert [(line["body"], line["public"]) for line in said] == [("Emma Johnson is still here", False)] * 2


async def test_keeps_the_newest_of_a_long_story(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """Of a very long conversation the oldest lines go, the packet and the last words stay."""
    said = [c.Said(who="customer", text=f"line {n} " + "x" * 4000) for n in range(40)]
    number = await helpdesk.open_ticket(await hand_over(vault), transcript=said)
    (comment,) = await _comments(zendesk_http, number)
    assert "line 39 " in comment["body"]
    assert "line 0 " not in comment["body"]
    assert "waits for a refund" in comment["body"]


async def test_refusals_name_what_is_wrong(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """An unknown ticket, a word for a number and a closed ticket are refused by name."""
    number = await helpdesk.open_ticket(await hand_over(vault), transcript=[])
    await zendesk_http.put(
        f"/api/v2/tickets/{number}.json", json={"ticket": {"status": "closed", "assignee_id": 9001}}
    )
    for ticket, words in (
        ("9", "has no ticket 9"),
        ("../x", "is no ticket number"),
        (number, "422 .*: status"),
    ):
        with pytest.raises(VendorRefused, match=words):
            await helpdesk.add_comment(ticket, "x", conversation_id=TALK, key="k")


async def test_opens_by_url(tmp_path: Path, vault: PlainVault) -> None:
    """`mock://zendesk` is the adapter over the mock's file; any other scheme fails, naming the known ones."""
    path = tmp_path / "own.db"
    async with open_helpdesk("mock://zendesk", email="", token="", vault=vault, mock_file=path) as desk:
        await desk.ping()
        assert (await desk.open_ticket(await hand_over(vault), transcript=[])).isdigit()
    with pytest.raises(SettingsError, match="'desk' is neither mock://zendesk nor https"):
        async with open_helpdesk("desk", email="", token="", vault=vault):
            pass


async def test_erases_a_ticket_for_good(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """Out of the list and out of the bin; found by the hand-over when its number was never noted."""
    for name, noted in (("h-1", True), ("h-2", False)):
        number = await helpdesk.open_ticket(await hand_over(vault, id=name), transcript=[])
        assert await helpdesk.erase_ticket(name, ticket=number if noted else "")
        assert await _tickets(zendesk_http) == []
        assert (await zendesk_http.get("/api/v2/deleted_tickets.json")).json()["count"] == 0
        assert not await helpdesk.erase_ticket(name, ticket=number)
    assert not await helpdesk.erase_ticket("h-1", ticket="")


async def test_erases_what_lies_in_the_bin(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """A ticket that staff deleted, or a run that was cut off, is in the bin for 30 days."""
    number = await helpdesk.open_ticket(await hand_over(vault), transcript=[])
    await zendesk_http.delete(f"/api/v2/tickets/{number}.json")
    assert await helpdesk.erase_ticket("h-1", ticket=number)
    assert (await zendesk_http.get("/api/v2/deleted_tickets.json")).json()["count"] == 0


async def test_erases_no_other_ticket(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """A number that is not of this hand-over is refused, and so is a word; nothing is deleted."""
    number = await helpdesk.open_ticket(await hand_over(vault), transcript=[])
    for ticket, words in ((number, "not the one we opened"), ("../x", "is no ticket number")):
        with pytest.raises(VendorRefused, match=words):
            await helpdesk.erase_ticket("h-other", ticket=ticket)
    assert len(await _tickets(zendesk_http)) == 1


async def test_a_ticket_that_may_not_be_deleted_stays_with_a_remedy(
    helpdesk: ZendeskHelpdesk, vault: PlainVault, zendesk_http: httpx.AsyncClient
) -> None:
    """An account without the right to delete is told what to allow."""
    number = await helpdesk.open_ticket(await hand_over(vault), transcript=[])
    await zendesk_http.post("/__mock__/fault", json={"status": 403, "times": 1})
    with pytest.raises(VendorRefused, match=f"ticket {number} stays.*let our account delete tickets"):
        await helpdesk.erase_ticket("h-1", ticket=number)
