"""The gateway's rooms for tests: over the parts that a test has, with secrets that it knows."""

from typing import Any, cast

from gateway.auth import ConversationTokens, CustomerTokens
from gateway.casework import Casework
from gateway.context import Desk
from gateway.delivery import Delivery
from gateway.entries import Entries
from gateway.hub import Hub
from gateway.intake import Intake
from gateway.limits import Limits
from gateway.ops.looking import Looks
from gateway.ops.room import OpsRoom
from shared.adapters.memory.duty import MemoryDuty
from shared.adapters.memory.spending import MemorySpending
from shared.ports import AuditLog, Bus, CaseStore, CommerceApi, ConversationStore, PIIVault, Promises
from shared.settings import Settings
from tests.staff import room_for_tests

CONVERSATION_SECRET, CUSTOMER_SECRET = "a" * 40, "b" * 40


class NoPromises:
    """A ledger in which nothing was ever promised."""

    async def due(self, *_: object, **__: object) -> list[object]:
        """Nothing."""
        return []

    async def count(self, *_: object) -> int:
        """Nothing."""
        return 0

    async def get(self, *_: object) -> None:
        """Nothing."""


class NoCases:
    """A queue in which nobody waits."""

    async def page(self, *_: object, **__: object) -> list[object]:
        """Nobody."""
        return []


def gateway_desk(
    settings: Settings,
    *,
    bus: Bus,
    vault: PIIVault,
    audit: AuditLog,
    store: ConversationStore | None = None,
    shop: object = None,
    **more: Any,
) -> Desk:
    """A desk; without a store it knows no conversation, without a shop nobody's record. `more` are rooms."""
    kept = cast("ConversationStore", store)
    rooms: dict[str, Any] = {
        "intake": Intake(bus=bus, vault=vault, shop=cast("CommerceApi", shop), store=kept),
        "delivery": Delivery(vault=vault, store=kept),
        "hub": Hub(bus),
        "entries": Entries(audit),
        "limits": Limits(),
        "conversation_tokens": ConversationTokens(secret=CONVERSATION_SECRET),
        "customer_tokens": CustomerTokens(secret=CUSTOMER_SECRET),
        "customer_secret": CUSTOMER_SECRET,
        "ops": OpsRoom(Looks(bus), spending=MemorySpending()),
        "promises": cast("Promises", more.pop("promises", NoPromises())),
        "casework": Casework(cast("CaseStore", more.pop("cases", NoCases())), bus),
    }
    staff = more.pop("staff", None) or room_for_tests(settings)
    rooms["duty"] = MemoryDuty(staff.members.store)
    return Desk(settings=settings, bus=bus, store=kept, staff=staff, **rooms | more)
