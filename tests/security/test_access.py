"""Every route for every caller: who may, gets in; who may not, is turned away, and that is written down."""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from fastapi import Depends

from gateway.access import RULES, Caller, Rule, doors
from gateway.auth import GUEST, ConversationTokens, Identity, demo_token
from gateway.staff.guard import requires
from gateway.staff.roles import ALLOWED, ROLES, Permission
from shared.adapters.sqlite.cases import open_cases
from shared.adapters.sqlite.store import open_store
from shared.contracts import ConversationState, TurnFinished
from shared.ports import CaseStore, ConversationStore, Delivered
from shared.settings import Settings
from tests.gateway_desk import CONVERSATION_SECRET, CUSTOMER_SECRET
from tests.security.staff_desk import (
    HOME,
    SIGNED,
    StaffDesk,
    staff_desk,
)
from tests.staff import PASSWORD, member_id

ANA, JAMES = "customer-1", "customer-4"
ANAS, GUESTS, OTHERS = "c-ana", "c-guest", "c-somebody"
ROUTES = doors(staff_desk().app)
TOKENS = ConversationTokens(secret=CONVERSATION_SECRET)


@dataclass(frozen=True)
class Comes:
    """A caller with what they bring, at which conversation."""

    at: str = ANAS
    role: str = ""
    holds: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def may(self, rule: Rule) -> bool:
        """What the table says."""
        if isinstance(rule, Permission):
            return bool(self.role) and rule in ALLOWED[self.role]  # type: ignore[index]
        return rule is Caller.ANYONE or (rule is not Caller.SIGNER and self.holds)


def _customer(customer_id: str, token: str) -> dict[str, str]:
    signed = demo_token(
        CUSTOMER_SECRET,
        customer_id=customer_id,
        name="Zoe",
        email="zoe@a.example",
        audience="",
        seconds=3600,
    )
    return {"Authorization": f"Bearer {signed}", "X-Conversation-Token": token}


ANAS_TOKEN = TOKENS.issue(ANAS, Identity(customer_id=ANA))
CALLERS = {
    "anonymous": Comes(),
    "customer, own": Comes(holds=True, headers=_customer(ANA, ANAS_TOKEN)),
    "customer, own, without the token": Comes(headers=_customer(ANA, "")),
    "customer, other's, with the token": Comes(headers=_customer(JAMES, ANAS_TOKEN)),
    "guest, own": Comes(at=GUESTS, holds=True, headers={"X-Conversation-Token": TOKENS.issue(GUESTS, GUEST)}),
    "guest, other's": Comes(at=GUESTS, headers={"X-Conversation-Token": TOKENS.issue(OTHERS, GUEST)}),
    "guest, own, too old": Comes(
        at=GUESTS, headers={"X-Conversation-Token": TOKENS.issue(GUESTS, GUEST, now=time.time() - 9e6)}
    ),
} | {role: Comes(role=role) for role in ROLES}


async def _desk(store: ConversationStore, cases: CaseStore) -> StaffDesk:
    settings = Settings(reply_seconds=0.01, rate_address_per_minute=10_000, **SIGNED)
    made = staff_desk(store, settings=settings, cases=cases)
    for conversation_id, customer in ((ANAS, ANA), (GUESTS, "")):
        turn = TurnFinished(
            conversation_id=conversation_id,
            turn_id="t-1",
            finished_at=1.0,
            accepted_at=1.0,
            status="answered",
            sentences=(),
            intent=None,
            language="en",
            said="hi",
            state=ConversationState(customer=customer),
        )
        await made.desk.store.record([Delivered(turn=turn, seq=1)])
    made.desk.hub.close()  # streams end at once
    return made


async def _call(http: httpx.AsyncClient, door: str, who: Comes) -> httpx.Response:
    method, path = door.split()
    url = path.replace("{conversation_id}", who.at).replace("{gap_id}", "0" * 16)
    url = re.sub(r"\{\w+\}", "x", url)
    if method == "MOUNT":
        method, url = "GET", f"{path}/nothing"
    body = {"message": "hello", "conversation_id": who.at} if door == "POST /v1/chat" else {}
    if door.endswith("/feedback"):
        body = {"turn_id": "t-1", "rating": "up"}
    auth = (who.role, PASSWORD) if who.role else None
    if door == "POST /staff/sign-in":  # only our own page may send its form
        form = {"name": "agent", "password": PASSWORD}
        return await http.post(url, headers={"Origin": HOME, **who.headers}, auth=auth, data=form)
    return await http.request(
        method, url, headers=who.headers, auth=auth, json=body if method in {"POST", "PUT", "PATCH"} else None
    )


def _let_in(answer: httpx.Response) -> bool:
    if answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json":
        return "no such conversation" not in answer.json()["detail"]
    return answer.status_code not in {401, 403}


def test_every_route_has_its_line() -> None:
    """A new route without a rule fails here, and so does a rule whose route is gone."""
    assert sorted(ROUTES) == sorted(RULES)


def test_the_document_shows_no_other_route() -> None:
    """What OpenAPI lists was walked."""
    document = staff_desk().app.openapi()["paths"]
    listed = {f"{method.upper()} {path}" for path, methods in document.items() for method in methods}
    assert len(listed) > 10
    assert listed <= set(ROUTES)


@pytest.mark.parametrize("door", ROUTES)
def test_a_route_asks_what_its_line_says(door: str) -> None:
    """Staff's routes carry the permission of the table among their dependencies, the others none."""
    rule = RULES[door]
    assert ROUTES[door] == ({rule} if isinstance(rule, Permission) else set())


@pytest.mark.parametrize("door", ROUTES)
async def test_every_caller_at_every_route(door: str, tmp_path: Path) -> None:
    """Own, other's, anonymous, and each role; denials have a line without anybody's data in it."""
    path = tmp_path / "desk.db"
    async with open_store(path) as store, open_cases(path) as cases:
        made = await _desk(store, cases)
        await _every_caller(made, door)
    written = str([line.deed for line in made.audit.lines])
    for personal in ("203.0.113.9", "Zoe", "zoe@", ANA, JAMES, PASSWORD):
        assert personal not in written


async def _every_caller(made: StaffDesk, door: str) -> None:
    async with made.http() as http:
        for name, who in CALLERS.items():
            before = len(made.denials)
            answer = await _call(http, door, who)
            let_in = _let_in(answer)
            assert let_in is who.may(RULES[door]), (
                f"{name} at {door}: {answer.status_code} {answer.text[:200]}"
            )
            assert answer.status_code < 500, f"{name} at {door}"
            assert len(made.denials) - before == (not let_in), f"{name} at {door}: {made.denials[before:]}"


async def test_an_unguarded_route_would_be_found() -> None:
    """The walk sees routes that OpenAPI does not show, and what they ask for."""
    app = staff_desk().app

    @app.get("/hidden", include_in_schema=False)
    @app.get("/kept", dependencies=[Depends(requires(Permission.AUDIT))])
    def nothing() -> None:
        """Answer nobody."""

    found = doors(app)
    assert found["GET /hidden"] == set()
    assert found["GET /kept"] == {Permission.AUDIT}


def test_operators_read_no_customer() -> None:
    """Who runs the machines sees nobody's words; a lead can what an agent can; an admin can all."""
    may = Permission
    words = {may.QUEUE, may.CONVERSATIONS, may.GAPS, may.APPROVALS, may.BULK, may.RIGHTS}
    assert not ALLOWED["operator"] & words
    assert ALLOWED["agent"] < ALLOWED["lead"] < ALLOWED["admin"] == set(Permission)
    assert not ALLOWED["lead"] & {may.MEMBERS, may.RIGHTS, may.METRICS, may.AUDIT}


async def test_a_role_that_is_not_enough() -> None:
    """403 with what is missing; the line names the member by id."""
    made = staff_desk()
    async with made.http() as http:
        refused = await http.get("/console/queue", auth=("operator", PASSWORD))
    assert refused.status_code == 403
    assert "(operator) does not have 'queue'" in refused.json()["detail"]
    assert made.denials == [(f"staff:{member_id('operator')}", "not-allowed /console/queue")]


@pytest.mark.parametrize(
    ("address", "url", "headers", "metrics_for", "status"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080", {}, "loopback", 200),
        ("127.0.0.1", "http://127.0.0.1:8080", {}, "operators", 401),
        ("203.0.113.9", "http://127.0.0.1:8080", {}, "loopback", 401),
        ("127.0.0.1", "http://127.0.0.1:8080", {"X-Forwarded-For": "127.0.0.1"}, "loopback", 401),
        ("127.0.0.1", "http://rebound.example:8080", {}, "loopback", 401),
    ],
)
async def test_metrics_for_this_machine(
    address: str, url: str, headers: dict[str, str], metrics_for: str, status: int
) -> None:
    """Not for who comes through a proxy, nor for a page whose name was made to point here."""
    settings = Settings(metrics_for=metrics_for)  # type: ignore[arg-type]
    async with staff_desk(settings=settings).http(url=url, address=address) as http:
        assert (await http.get("/metrics", headers=headers)).status_code == status
        assert (await http.get("/metrics", headers=headers, auth=("operator", PASSWORD))).status_code == 200


async def test_the_page_of_staff_promises_no_room_that_is_not_built() -> None:
    """What it lists guards a route."""
    async with staff_desk().http() as http:
        page = (await http.get("/staff", auth=("admin", PASSWORD))).text
    listed = set(re.findall(r"<li>([a-z -]+)</li>", page))
    built = {rule.value for rule in RULES.values() if isinstance(rule, Permission)} - {"own-sessions"}
    assert listed == {each.replace("-", " ") for each in built}
