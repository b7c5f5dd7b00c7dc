"""What waits for a person's approval, and deciding on it: each decision counts once, and is told once."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from gateway.acting import submit_act
from gateway.staff.roles import Member
from shared import contracts as c
from shared.contracts.standing import FITS, Standing, standing
from shared.errors import BusDown, NotNow, VaultDown, VendorDown, VendorRefused
from shared.ports import ApprovalPlace, Approvals, Bus, CaseStore, Deciding

_LOG = logging.getLogger("answerdesk.gateway")
_LATE_SECONDS = 2.0
"""A decision whose turn is not on its way by then is told again: a process died, or the bus was down."""
_LOOK_SECONDS = 4.0
_FOR_APPROVAL = {"refund_limit", "approval"}
"""Reasons of hand-overs that are settled by the decision alone."""


class OrderReader(Protocol):
    """What of the shop's port a decision may use: reading the order that it is about."""

    async def order_proved(self, number: str, *, conversation_id: str) -> c.Order | None:
        """See `CommerceApi.order_proved`."""
        ...


@dataclass(frozen=True)
class Approving:
    """Requests for approval as staff see them. A decision is kept before anything follows from it."""

    approvals: Approvals
    cases: CaseStore
    bus: Bus
    now: Callable[[], float] = time.time
    shop: OrderReader | None = None

    async def meanwhile(self, approval: c.Approval, action: c.Action | None = None) -> Standing:
        """How what was asked for, or this instead of it, stands with the order now.

        A shop that does not answer in time changes nothing: it compares again when the action is carried out.
        """
        wanted = action or approval.asked.action
        if self.shop is None or not wanted.order_number:
            return FITS
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                order = await self.shop.order_proved(
                    wanted.order_number, conversation_id=approval.conversation_id
                )
        except (VendorDown, VendorRefused, VaultDown, TimeoutError) as error:
            _LOG.warning("the order of %s could not be looked at: %s", approval.id, type(error).__name__)
            return FITS
        return standing(wanted, order)

    async def open(self, *, after: ApprovalPlace | None = None, limit: int = 50) -> Sequence[c.Approval]:
        """Those that wait, the oldest first."""
        return await self.approvals.open(now=self.now(), after=after, limit=limit)

    async def count(self) -> int:
        """How many wait."""
        return await self.approvals.count(now=self.now())

    async def decide(
        self,
        approval_id: str,
        who: Member,
        decision: c.Decision,
        *,
        edited: c.Action | None = None,
        reason: c.DenialReason | str = "",
        words: str = "",
    ) -> c.DecisionMade | c.DecisionLost:
        """Decide; of two at the same instant one counts, and the other learns whose did.

        The request outlives its case: closed or merged meanwhile, the customer still waits for an answer.
        `words` are tokenized.
        Who agrees to what no longer fits the order is told so, and nothing is decided.
        Raises `StoreDown`; without the bus the decision counts all the same, and is carried out later.
        """
        if decision != "deny":
            there = await self.approvals.get(approval_id)
            # What was decided has changed the order itself: said again, it is the same decision.
            now = await self.meanwhile(there, edited) if there and there.status == "open" else FITS
            if now.why:
                return c.DecisionLost(why="changed", approval=there, standing=now)
        answer = await self.approvals.decide(
            approval_id,
            Deciding(
                decision=decision, by=who.actor, name=who.name, at=self.now(), edited=edited, reason=reason,
                words=words,
            ),
        )  # fmt: skip
        if isinstance(answer, c.DecisionMade):
            try:
                await self._tell(answer.approval)
            except BusDown as error:
                _LOG.warning("the decision on %s is carried out later: %s", approval_id, error)
        return answer

    async def retell(self) -> int:
        """Carry out what was decided while the bus was down, or before a process died; how much."""
        late = await self.approvals.untold(before=self.now() - _LATE_SECONDS)
        for each in late:
            await self._tell(each)
        return len(late)

    async def _tell(self, approval: c.Approval) -> None:
        """The decision as a turn of the conversation; its id makes it one, however often it is submitted."""
        turn = c.TurnAccepted(
            conversation_id=approval.conversation_id,
            turn_id=approval.turn_id,
            text="",
            accepted_at=approval.decided_at,
            act=act_of(approval),
        )
        # First, as a turn that the shop refuses opens a case of its own: that one is not given back.
        await self._give_back(approval)
        await submit_act(self.bus, turn)
        await self.approvals.mark_told(approval.id)

    async def _give_back(self, approval: c.Approval) -> None:
        """A case that was opened for this decision alone is the bot's again, without a further word.

        Not when something is missing from the customer: a person wants to read what comes.
        """
        case = await self.cases.case(approval.asked.case_id)
        if case is None or case.phase != "waiting" or case.hand_over.reason not in _FOR_APPROVAL:
            return
        if approval.reason == "evidence":
            return
        over = c.CaseReturned(
            at=approval.decided_at,
            by=approval.decided_by,
            name=approval.decided_name,
            turn_id=approval.turn_id,
        )
        with suppress(NotNow):  # somebody has taken it meanwhile, and speaks
            await self.cases.append(case.id, over)
        await self.cases.mark_told(case.id, approval.turn_id)


def act_of(approval: c.Approval) -> c.ActionDecided:
    """What the conversation does with a decision."""
    decisions: dict[c.ApprovalStatus, c.Decision] = {
        "approved": "approve",
        "edited": "edit",
        "denied": "deny",
    }
    return c.ActionDecided(
        approval_id=approval.id,
        decision=decisions[approval.status],
        action=approval.edited or approval.asked.action,
        key=approval.key,
        name=approval.decided_name,
        reason=approval.reason,
        words=approval.words,
    )
