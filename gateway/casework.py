"""What staff do to cases: each act once, told to the customer in the order in which it happened."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from gateway.acting import submit_act
from gateway.staff.roles import Member
from shared import contracts as c
from shared import metrics
from shared.errors import BusDown, StoreDown
from shared.ports import Bus, CaseStore

_LOG = logging.getLogger("answerdesk.gateway")
_LATE_SECONDS = 2.0
"""An act whose turn is not on its way by then is told again: a process died, or the bus was down."""


@dataclass(frozen=True)
class Casework:
    """Acts of staff. Each raises `NotNow` when the case does not allow it, and then nothing has happened.

    `text` comes tokenized. An act is kept before the customer hears of it; what could not be told is told by
    `retell`. `turn_id` makes an act happen once however often a form is sent.
    """

    cases: CaseStore
    bus: Bus
    now: Callable[[], float] = time.time

    async def claim(self, case_id: str, who: Member) -> c.Case:
        """Only they speak from here on; of two at the same instant one gets it."""
        event = c.CaseClaimed(
            at=self.now(), by=who.actor, name=who.name, display=who.display, turn_id=new_turn()
        )
        return await self._do(case_id, event)

    async def take_over(self, hand_over: c.HandOver, who: Member) -> c.Case:
        """A conversation that the bot has becomes their case; one that is a case already is claimed."""
        event = c.CaseOpened(at=self.now(), by=who.actor, hand_over=hand_over, taken=True)
        case = await self.cases.open(event)
        return await self.claim(case.id, who)

    async def release(
        self,
        case_id: str,
        who: Member,
        why: Literal["gave_back", "signed_out", "transferred", "lead"] = "gave_back",
    ) -> c.Case:
        """It waits again; a lead may release what another has (`why="lead"`)."""
        return await self._do(case_id, c.CaseReleased(at=self.now(), by=who.actor, why=why))

    async def move(
        self, case_id: str, who: Member, *, queue: str, priority: c.Priority, due_at: float, why: str = ""
    ) -> c.Case:
        """To another queue or priority."""
        event = c.CaseMoved(
            at=self.now(), by=who.actor, queue=queue, priority=priority, due_at=due_at, why=why
        )
        return await self._do(case_id, event)

    async def say(
        self,
        case_id: str,
        who: Member,
        text: str,
        *,
        turn_id: str,
        draft: str = "",
        edited: bool = False,
        sources: tuple[c.Citation, ...] = (),
    ) -> c.Case:
        """To the customer; `draft` is the turn of the held reply that this is, `sources` what it quotes."""
        event = c.StaffSpoke(
            at=self.now(), by=who.actor, name=who.name, display=who.display, text=text, turn_id=turn_id,
            draft=draft, edited=edited, sources=sources,
        )  # fmt: skip
        case = await self._do(case_id, event)
        if case.first_spoke_at == event.at:
            metrics.count(metrics.FIRST_REPLIES, case.queue, "late" if case.due_at < event.at else "in_time")
        return case

    async def note(self, case_id: str, who: Member, text: str) -> c.Case:
        """For staff only."""
        return await self._do(case_id, c.StaffNoted(at=self.now(), by=who.actor, name=who.name, text=text))

    async def reject(self, case_id: str, who: Member, turn_id: str, reason: str) -> c.Case:
        """Nobody sends that held reply."""
        return await self._do(
            case_id, c.DraftRejected(at=self.now(), by=who.actor, turn_id=turn_id, reason=reason)
        )

    async def give_back(self, case_id: str, who: Member) -> c.Case:
        """To the bot."""
        event = c.CaseReturned(
            at=self.now(), by=who.actor, name=who.name, display=who.display, turn_id=new_turn()
        )
        return await self._do(case_id, event)

    async def close(self, case_id: str, who: Member, resolution: str = "", *, outcome: str = "") -> c.Case:
        """It is settled; `outcome` is a key of `shared.routing.outcomes`, `resolution` is tokenized."""
        event = c.CaseClosed(
            at=self.now(), by=who.actor, name=who.name, display=who.display, outcome=outcome,
            resolution=resolution, turn_id=new_turn(),
        )  # fmt: skip
        return await self._do(case_id, event)

    async def reopen(self, case_id: str, who: Member) -> c.Case:
        """Closing it was a mistake; they have it now. Only for some minutes (`shared.cases`)."""
        event = c.CaseReopened(
            at=self.now(), by=who.actor, name=who.name, display=who.display, turn_id=new_turn()
        )
        return await self._do(case_id, event)

    async def merge(self, case: c.Case, into: c.Case, who: Member) -> tuple[c.Case, c.Case]:
        """`case` goes on in `into`; that both are of one customer is for whoever calls to know."""
        at = self.now()
        event = c.CaseMerged(
            at=at,
            by=who.actor,
            name=who.name,
            into=into.id,
            into_conversation=into.conversation_id,
            turn_id=new_turn(),
        )
        absorbed = c.CaseAbsorbed(
            at=at, by=who.actor, name=who.name, case_id=case.id, conversation_id=case.conversation_id
        )
        closed, kept = await self.cases.merge(case.id, event, absorbed)
        await self._make_known(closed, event)
        await self._make_known(kept, absorbed)
        return closed, kept

    async def by_house(
        self, case_id: str, event: c.CaseEvent, *, version: int | None = None, most: int | None = None
    ) -> c.Case:
        """What a clock or a vendor does, not staff; `version` and `most` as in `CaseStore.append`."""
        return await self._do(case_id, event, version=version, most=most)

    async def retell(self) -> int:
        """Tell customers what could not be told when it happened; how much.

        Raises:
            BusDown, StoreDown: nothing more can be told now.
            Exception: what one case could not be told, once all others were; its events stay in order.
        """
        late = await self.cases.untold(before=self.now() - _LATE_SECONDS)
        broken: dict[str, Exception] = {}
        for each in late:
            if each.case_id in broken:
                continue
            try:
                case = await self.cases.case(each.case_id)
                if case is not None:
                    await self._tell(case, each.event)
            except (BusDown, StoreDown):
                raise
            except Exception as error:  # noqa: BLE001  raised below
                broken[each.case_id] = error
        if broken:
            raise next(iter(broken.values()))
        return len(late)

    async def _do(
        self, case_id: str, event: c.CaseEvent, *, version: int | None = None, most: int | None = None
    ) -> c.Case:
        case = await self.cases.append(case_id, event, version=version, most=most)
        await self._make_known(case, event)
        return case

    async def _make_known(self, case: c.Case, event: c.CaseEvent) -> None:
        try:
            await self._tell(case, event)
            await self.bus.progress(sign_of(case, event))
        except BusDown as error:
            # It has happened, and `retell` brings it to the customer.
            _LOG.warning("an act of case %s is told later: %s", case.id, error)

    async def _tell(self, case: c.Case, event: c.CaseEvent) -> None:
        act, turn_id = act_of(event), getattr(event, "turn_id", "")
        if act is None:
            return
        turn = c.TurnAccepted(
            conversation_id=case.conversation_id, turn_id=turn_id, text="", accepted_at=event.at, act=act
        )
        await submit_act(self.bus, turn)
        await self.cases.mark_told(case.id, turn_id)


def new_turn() -> str:
    """The id of a turn that staff begin."""
    return f"s-{uuid4().hex}"


def act_of(event: c.CaseEvent) -> c.StaffAct | None:
    """What the customer hears of this; None for what is staff's alone."""
    match event:
        case c.StaffSpoke():
            return c.StaffSaid(name=event.display, text=event.text, sources=event.sources)
        case c.CaseClaimed() | c.CaseReopened():
            return c.StaffJoined(name=event.display)
        case c.CaseReturned():
            return c.GivenBack(name=event.display)
        case c.CaseClosed():
            return c.CaseEnded(name=event.display)
        case c.CaseMerged():
            return c.Notice(goal="person.merged")
        case _:
            return None


def sign_of(case: c.Case, event: c.CaseEvent) -> c.CaseChanged:
    """What other consoles are told."""
    return c.CaseChanged(
        conversation_id=case.conversation_id,
        case_id=case.id,
        version=case.version,
        kind=type(event).__name__,
        by=event.by,
    )
