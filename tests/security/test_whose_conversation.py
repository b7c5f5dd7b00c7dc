"""A conversation belongs to one customer, or to the one guest who holds its token, and changes hands once."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.entries import Entries
from gateway.identity import Identity
from shared.adapters.memory.audit import MemoryAudit
from shared.contracts import TurnAccepted
from shared.errors import StoreDown
from shared.ports import Delivered
from tests.security.desk import Door, Talk, later, open_door


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


async def tried(talk: Talk) -> set[tuple[int, str]]:
    """What every door of the conversation answers: status and kind of problem."""
    url = f"/v1/conversations/{talk.conversation_id}"
    feedback = {"turn_id": "t-1", "rating": "up"}
    answers = [
        await talk.read(),
        await talk.post("Where is my order 1001?"),
        await talk.http.get(f"{url}/events", headers=talk.headers),
        await talk.http.post(f"{url}/feedback", headers=talk.headers, json=feedback),
    ]
    return {(answer.status_code, answer.json()["type"].rpartition("/")[2]) for answer in answers}


async def test_a_customers_conversation_with_its_token_in_hand(door: Door) -> None:
    """Another customer meets a stranger's 404; without any customer token, a 401 that asks for it."""
    ana = door.customer("Ana")
    told = await ana.say("Where is my order 1001?")
    assert "1001" in told["reply"]
    assert await tried(door.customer("James").holding(ana)) == {(404, "not-found")}
    assert await tried(door.guest().holding(ana)) == {(401, "token-expired")}
    expired = door.guest().holding(ana)
    expired.customer = door.token("Ana", seconds=-60)
    assert await tried(expired) == {(401, "token-expired")}
    assert set(door.denied()) == {"conversation", "conversation of a customer"}
    kept = str(door.audit.lines)
    assert not [secret for secret in ("Ana", "García", ana.token, ana.customer, "203.0") if secret in kept]
    expired.customer = door.token("Ana")
    assert (await expired.read()).status_code == 200


async def test_before_anything_is_kept(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the first answer is on its way, or the store is down, the token itself says whose it is."""
    ana = door.customer("Ana")
    ana.conversation_id = "c-new"
    ana.token = door.desk.conversation_tokens.issue("c-new", Identity(customer_id=door.person("Ana")["id"]))
    assert await tried(door.customer("James").holding(ana)) == {(404, "not-found")}
    assert await tried(door.guest().holding(ana)) == {(401, "token-expired")}

    async def down(_: str) -> None:
        raise StoreDown("locked")

    await ana.say("hello")
    with monkeypatch.context() as trouble:
        trouble.setattr(door.desk.store, "load", down)
        assert (await ana.read()).status_code == 503
        assert await tried(door.customer("James").holding(ana)) == {(404, "not-found")}
    assert (await ana.read()).status_code == 200


async def test_a_guest_signs_in(door: Door) -> None:
    """The conversation goes on as the customer's; the guest's token no longer opens it to anybody else."""
    guest = door.guest()
    assert (await guest.say("hello"))["status"] == "answered"
    ana = door.customer("Ana").holding(guest)
    assert (await ana.read()).json()["messages"][0]["text"] == "hello"
    assert (await guest.read()).status_code == 200  # reading alone takes nothing away
    told = await ana.say("Where is my order 1001?")
    assert told["conversation_id"] == guest.conversation_id
    assert "1001" in told["reply"]
    assert told["status"] == "answered"
    assert await tried(guest) == {(401, "token-expired")}
    assert await tried(door.customer("James").holding(guest)) == {(404, "not-found")}
    assert (await door.customer("Ana").holding(guest).read()).status_code == 200  # hers, with the older token


async def test_a_customer_comes_back_after_their_values_expired(door: Door) -> None:
    """Their token is another one then; they are who they were."""
    ana = door.customer("Ana")
    await ana.say("Where is my order 1001?")
    await door.desk.intake.vault.expire([ana.conversation_id])
    again = await ana.say("Where is my order 1001?")
    assert again["status"] == "answered"
    assert "1001" in again["reply"]


async def test_a_guests_stream_ends_when_a_customer_takes_over(door: Door) -> None:
    """Whoever planted the conversation and listens hears nothing of what the customer is told."""
    guest = door.guest()
    before = await guest.say("hello")
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    listening = asyncio.create_task(_listen(guest, heard))
    async with asyncio.timeout(30):
        assert (await heard.get())["reply"] == before["reply"]
    ana = door.customer("Ana").holding(guest)
    told = await ana.say("Where is my order 1001?")
    async with asyncio.timeout(30):
        await listening
    rest = [heard.get_nowait() for _ in range(heard.qsize())]
    assert not [event for event in rest if "reply" in event]
    assert told["reply"] != before["reply"]


async def test_a_stream_renews_an_older_token(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who listens all day, to hear from a person, is not shut out for it; a fresh token is not repeated."""
    guest = door.guest()
    await guest.say("hello")
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for passed, renewed in ((0, False), (3600, True)):
        later(monkeypatch, passed)
        listening = asyncio.create_task(_listen(guest, heard))
        async with asyncio.timeout(30):
            first = await heard.get()
        assert ("reply" not in first) == renewed
        assert ("conversation_token" in first) == renewed
        assert first.get("conversation_token") != guest.token
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(talk: Talk, heard: asyncio.Queue[dict[str, Any]]) -> None:
    """Read the conversation's events until the gateway ends them."""
    scope = {
        "type": "http", "method": "GET", "path": f"/v1/conversations/{talk.conversation_id}/events",
        "headers": [(b"x-conversation-token", talk.token.encode())], "query_string": b"",
        "client": ("203.0.113.9", 1), "http_version": "1.1", "scheme": "http", "server": ("desk.test", 80),
        "raw_path": b"", "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return await asyncio.Future()

    async def send(message: Any) -> None:
        for line in message.get("body", b"").decode().splitlines():
            if line.startswith("data: "):
                heard.put_nowait(json.loads(line.removeprefix("data: ")))

    transport = talk.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    await transport.app(scope, receive, send)


@pytest.mark.parametrize("first", ["Ana", ""])
async def test_two_people_at_the_same_moment(door: Door, first: str) -> None:
    """Messages that pass the door together with a sign-in are not answered from the customer's orders."""
    guest = door.guest()
    await guest.say("hello")
    ana = door.customer("Ana").holding(guest)
    await ana.say("hello")
    # Past the gateway's check, which was a moment before Ana's first message was answered.
    intruder = TurnAccepted(
        conversation_id=guest.conversation_id, turn_id="t-late", text="Where is my order 1001?",
        accepted_at=door.clock.now(), customer="TOKEN_of_james" if first else "", token_issued=1,
    )  # fmt: skip
    async with asyncio.timeout(30), door.desk.hub.listening(guest.conversation_id) as arriving:
        await door.desk.bus.submit(intruder)
        found = await arriving.get()
    assert isinstance(found, Delivered)
    assert found.turn.status == "refused"
    assert "sign" in found.turn.reply.lower()
    assert "1001" not in found.turn.reply
    state = await door.desk.store.load(guest.conversation_id)
    assert state is not None
    assert state.customer_mark == door.audit.pseudonym("customer", door.person("Ana")["id"])
    assert (await ana.say("Where is my order 1001?"))["status"] == "answered"


async def test_the_customer_mark_says_nobodys_name(door: Door) -> None:
    """What travels on the bus and is kept knows the customer by a keyed pseudonym, the address too."""
    ana = door.customer("Ana")
    await ana.say("hello")
    (delivered,) = await door.desk.bus.results(ana.conversation_id, after=0)
    assert delivered.turn.customer_mark.startswith("customer:")
    person = door.person("Ana")
    kept = str(delivered) + str(await door.desk.store.load(ana.conversation_id))
    assert not [value for value in (person["id"], person["email"], "203.0.113") if value in kept]


def test_a_household_is_one_place() -> None:
    """Addresses of one IPv6 network count together, those of another do not."""
    entries = Entries(MemoryAudit())
    assert entries.place("2001:db8:1:2::1") == entries.place("2001:db8:1:2:ffff::9")
    assert entries.place("2001:db8:1:2::1") != entries.place("2001:db8:1:3::1")
    assert entries.place("203.0.113.9") != entries.place("203.0.113.10")
