"""What staff do at the shop of their own accord: within the rules at once, beyond them as a lead decides."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from gateway.acting import submit_act
from gateway.staff.roles import Member, Permission
from shared import contracts as c
from shared.contracts.previews import previews
from shared.contracts.rules import ActionRule
from shared.ports import Approvals, Bus


class RulesOf(Protocol):
    """What of its rule an action goes beyond: the same rules as the bot's, which `launch` brings."""

    def __call__(
        self,
        action: c.Action,
        order: c.Order | None,
        wanted: c.Variant | None,
        /,
        *,
        signed_in: bool,
        today: date,
    ) -> tuple[str, ...]:
        """Empty: it may be done. `wanted` is what is sent in exchange; None: its price is not known."""
        ...


@dataclass(frozen=True)
class Wanted:
    """What staff want done: `key` names this wish of theirs, so that a double press is one.

    `variant` is what an exchange sends, when the shop has told of it.
    """

    action: c.Action
    order: c.Order | None
    case: c.Case
    customer: str
    language: c.Language
    key: str
    variant: c.Variant | None = None

    @property
    def turn_id(self) -> str:
        """The turn in which it is done and told."""
        return f"w-{self.key}"


@dataclass(frozen=True)
class Doing:
    """Acts of staff at the shop, by the rules of actions."""

    rules: Mapping[c.ActionKind, ActionRule]
    rules_of: RulesOf
    bus: Bus
    approvals: Approvals
    now: Callable[[], float] = time.time

    def beyond(self, wanted: Wanted, who: Member) -> tuple[str, ...]:
        """What of its rule it goes beyond, for who may not decide on that; empty: it may be done."""
        if who.may(Permission.APPROVALS):
            return ()
        today = datetime.fromtimestamp(self.now(), UTC).date()
        return self.rules_of(
            wanted.action, wanted.order, wanted.variant, signed_in=bool(wanted.customer), today=today
        )

    async def do(self, wanted: Wanted, who: Member) -> tuple[str, ...]:
        """Have it done, or asked of a lead: what it goes beyond. Once per key, however often it is sent.

        Raises `BusDown` or `StoreDown`: then nothing is done, and the form can be sent again.
        """
        why = self.beyond(wanted, who)
        if why:
            await self.approvals.ask(self._asked(wanted, why))
        elif await self.result(wanted.case.conversation_id, wanted.key) is None:
            await submit_act(self.bus, self._turn(wanted, who))
        return why

    async def result(self, conversation_id: str, key: str) -> c.TurnFinished | None:
        """What came of it; None while it is being done."""
        found = await self.bus.result(conversation_id, f"w-{key}")
        return found.turn if found else None

    def _turn(self, wanted: Wanted, who: Member) -> c.TurnAccepted:
        act = c.ActionDecided(
            approval_id="",
            decision="approve",
            action=wanted.action,
            key=f"{wanted.action.key}:{wanted.key}",
            name=who.name,
            asked=False,
        )
        return c.TurnAccepted(
            conversation_id=wanted.case.conversation_id,
            turn_id=wanted.turn_id,
            text="",
            accepted_at=self.now(),
            act=act,
        )

    def _asked(self, wanted: Wanted, why: tuple[str, ...]) -> c.Approval:
        titles = {item.sku: item.title for item in wanted.order.items} if wanted.order else {}
        asked = c.ApprovalAsked(
            id=f"a-{wanted.key}",
            case_id=wanted.case.id,
            action=wanted.action,
            why=why,
            preview=previews(wanted.action, titles),
            language=wanted.language,
            customer=wanted.customer,
        )
        return c.Approval(
            id=asked.id, conversation_id=wanted.case.conversation_id, asked=asked, asked_at=self.now()
        )
