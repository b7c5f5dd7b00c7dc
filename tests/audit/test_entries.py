"""The gateway writes down who came in and who was turned away, and never from where in the clear."""

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import build_app
from gateway.auth import demo_token
from gateway.entries import Entries
from shared.adapters.memory.audit import MemoryAudit
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.settings import Settings
from tests.gateway_desk import CUSTOMER_SECRET, gateway_desk
from tests.staff import PASSWORD, member_id

STAFF = ("agent", PASSWORD)
SECRET = CUSTOMER_SECRET


def app(audit: MemoryAudit) -> FastAPI:
    """The gateway with nothing behind it that these tests reach."""
    bus, vault = MemoryBus(), MemoryVault()
    return build_app(gateway_desk(Settings(rate_address_per_minute=1000), bus=bus, vault=vault, audit=audit))


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
def http(audit: MemoryAudit) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app(audit), client=("203.0.113.9", 1234), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://desk.test")


async def test_staff(http: httpx.AsyncClient, audit: MemoryAudit) -> None:
    """The first sign-in from an address is a line, not each request; a wrong password is one each time."""
    for _ in range(3):
        await http.get("/console/gaps", auth=STAFF)
    for _ in range(2):
        assert (await http.get("/console/gaps", auth=("agent", "wrong"))).status_code == 401
    deeds = [line.deed for line in audit.lines]
    assert [deed.action for deed in deeds] == ["staff_sign_in", "access_denied", "access_denied"]
    assert deeds[0].actor == f"staff:{member_id('agent')}"
    assert deeds[1].actor == audit.pseudonym("address", "203.0.113.9")
    assert "203.0" not in str(deeds)


async def test_nobody_comes_in_unseen(http: httpx.AsyncClient, audit: MemoryAudit) -> None:
    """When the audit cannot be written staff stays outside; whoever is turned away is turned away."""
    audit.down = "no disk"
    answer = await http.get("/console/gaps", auth=STAFF)
    assert (answer.status_code, "audit log is not available" in answer.text) == (503, True)
    assert (await http.get("/console/gaps", auth=("agent", "wrong"))).status_code == 401
    assert (await http.get("/v1/conversations/c-1")).status_code == 404


async def test_a_stranger_at_a_conversation(http: httpx.AsyncClient, audit: MemoryAudit) -> None:
    """Who and which conversation, but never what a stranger puts in its place, nor the customer's id."""
    token = demo_token(SECRET, customer_id="customer-77", name="Ana", email="a@b.c", audience="", seconds=60)
    headers = {"Authorization": f"Bearer {token}"}
    await http.get("/v1/conversations/c-1234567890abcdef12345678", headers=headers)
    await http.get("/v1/conversations/ana@example.com")
    body = {"message": "hello", "conversation_id": "c-1", "conversation_token": "c-1.guest.9.x"}
    assert (await http.post("/v1/chat", json=body)).status_code == 404
    deeds = [line.deed for line in audit.lines]
    assert [deed.conversation_id for deed in deeds] == ["c-1234567890abcdef12345678", "", "c-1"]
    assert deeds[0].actor == audit.pseudonym("customer", "customer-77")
    assert not [name for name in ("customer-77", "ana@", "Ana") if name in str(deeds)]


async def test_forged_customer_token(http: httpx.AsyncClient, audit: MemoryAudit) -> None:
    """A token that the shop did not sign is written down; one that only grew old is not."""
    about = {"customer_id": "customer-77", "name": "", "email": "", "audience": ""}
    forged = demo_token("c" * 40, seconds=60, **about)
    old = demo_token(SECRET, seconds=-60, **about)
    for token in (forged, old):
        headers = {"Authorization": f"Bearer {token}"}
        assert (await http.get("/v1/conversations/c-1", headers=headers)).status_code == 401
    (line,) = audit.lines
    assert (line.deed.action, line.deed.purpose) == ("access_denied", "customer token")


async def test_knocking_at_one_door_hides_nobody_at_another(audit: MemoryAudit) -> None:
    """Neither a stranger elsewhere, nor a customer, nor a member of staff."""
    entries = Entries(audit)
    for _ in range(100):
        await entries.denied("not-signed-in /staff/me", customer="", address="203.0.113.9")
    await entries.denied("staff sign-in", customer="", address="203.0.113.9")
    await entries.denied("conversation", customer="7", address="203.0.113.9")
    await entries.denied("not-allowed /console/customers", customer="", address="x", actor="staff:m-agent")
    told = [line.deed.purpose for line in audit.lines]
    assert told[-3:] == ["staff sign-in", "conversation", "not-allowed /console/customers"]


async def test_many_strangers(http: httpx.AsyncClient, audit: MemoryAudit) -> None:
    """Who knocks all day does not fill the disk: a minute has 60 lines, and how many more is told later."""
    entries = Entries(audit)
    for _ in range(100):
        await entries.denied("conversation", customer="", address="203.0.113.9")
    assert 60 <= len(audit.lines) <= 61  # the minute may have turned meanwhile
    entries._minute -= 1
    await entries.denied("conversation", customer="", address="203.0.113.9")
    assert sum(line.deed.counts.get("more_before", 0) for line in audit.lines) == 101 - len(audit.lines)
