"""What a webhook comes to: one event, whose key is the same for the same thing told again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple

from shared.contracts import Body, Event
from shared.ports import AuditLog, PIIVault


@dataclass(frozen=True)
class Told(Generic[Body]):
    """An event to publish; the bus stores `key` once."""

    event: Event[Body]
    body: Body
    key: str


class Place(NamedTuple):
    """A customer as events name them: a token, and the conversation id it opens for."""

    conversation_id: str = ""
    customer: str = ""


NOBODY = Place()


@dataclass(frozen=True)
class People:
    """Hides customers' ids before they are told to anyone."""

    vault: PIIVault
    audit: AuditLog

    async def place(self, customer_id: int) -> Place:
        """The same place for the same customer, as long as they are not erased.

        Raises:
            VaultDown: the id cannot be hidden now, so that it must not go on.
        """
        owner = str(customer_id)
        where = place_of(self.audit.pseudonym, owner)
        return Place(where, await self.vault.token(owner, conversation_id=where, owner=owner))


def place_of(pseudonym: Callable[[str, str], str], customer_id: str) -> str:
    """One "conversation" for each customer: what erases their conversations finds their events too."""
    return f"events-{pseudonym('events', customer_id).partition(':')[2]}"
