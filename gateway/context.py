"""What the routes of the gateway share, opened once by `app.build_app`."""

from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from gateway.approving import Approving
from gateway.auth import GUEST, ConversationTokens, CustomerTokens, Identity
from gateway.casework import Casework
from gateway.composing import Composing
from gateway.console.consoles import Consoles
from gateway.console.knowledge.room import KnowledgeRoom
from gateway.delivery import Delivery
from gateway.doing import Doing
from gateway.doors import address_of, group_of
from gateway.entries import Entries
from gateway.hub import Hub
from gateway.intake import Intake
from gateway.limits import DAY, Limits, Rule
from gateway.ops.room import OpsRoom
from gateway.places import Places
from gateway.problems import Problem
from gateway.rights.context import Rights
from gateway.staff.room import StaffRoom
from gateway.streams import Streams
from shared.ports import Bus, ConversationStore, DutyStore, Promises, Tasks
from shared.ports.measures import Measures
from shared.ports.search import ConversationSearch
from shared.ports.views import ViewStore
from shared.settings import Settings


@dataclass(frozen=True)
class Desk:
    """The rooms behind the routes."""

    settings: Settings
    bus: Bus
    store: ConversationStore
    intake: Intake
    delivery: Delivery
    hub: Hub
    entries: Entries
    limits: Limits
    conversation_tokens: ConversationTokens
    customer_tokens: CustomerTokens
    customer_secret: str
    staff: StaffRoom
    casework: Casework
    promises: Promises
    composing: Composing = field(default_factory=Composing)
    streams: Streams = field(default_factory=Streams)
    consoles: Consoles = field(default_factory=Consoles)
    rights: Rights | None = None
    search: ConversationSearch | None = None
    views: ViewStore | None = None
    tasks: Tasks | None = None
    approving: Approving | None = None
    doing: Doing | None = None
    measures: Measures | None = None
    places: Places | None = None
    duty: DutyStore | None = None
    knowledge: KnowledgeRoom | None = None
    ops: OpsRoom | None = None


async def desk(request: Request) -> Desk:
    """The desk of this app. Async, because FastAPI takes every other dependency to a thread and back."""
    return cast("Desk", request.app.state.desk)


DeskOf = Annotated[Desk, Depends(desk)]


@dataclass(frozen=True)
class Caller:
    """Who calls, with what: the customer a token names, and the conversation token, if any."""

    identity: Identity
    conversation_token: str
    address: str


async def caller(request: Request, at: DeskOf) -> Caller:
    """Reads `Authorization: Bearer` (customer or conversation token) and `X-Conversation-Token`."""
    address = address_of(request)
    group = group_of(address)
    await at.limits.take(
        Rule("address", group, at.settings.rate_address_per_minute),
        Rule("address-day", group, at.settings.quota_address_per_day, DAY),
    )
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    conversation_token = request.headers.get("x-conversation-token", "")
    identity = GUEST
    if bearer.startswith("c-"):
        conversation_token = conversation_token or bearer
    elif bearer:
        try:
            identity = await at.customer_tokens.identity(bearer)
        except Problem as problem:
            if problem.kind == "token-invalid":  # an expired one is everyday
                await at.entries.denied("customer token", customer="", address=address)
            raise
    return Caller(identity=identity, conversation_token=conversation_token, address=address)


CallerOf = Annotated[Caller, Depends(caller)]
