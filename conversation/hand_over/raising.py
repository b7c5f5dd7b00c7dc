"""Raises an open case for what cannot wait: an injury, a danger, a threat of law, fraud, a bereavement."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversation.steps import Steps
from shared import contracts as c
from shared import telemetry
from shared.cases import CUSTOMER
from shared.ports import RiskWatch
from shared.routing.queues import routing


@dataclass(frozen=True)
class Told:
    """What cannot wait in these words, the strongest; `fresh`: the case was raised because of them."""

    reason: str = ""
    fresh: bool = False


NOTHING = Told()


def cannot_wait(turn: c.TurnAccepted, text: str, watch: RiskWatch) -> tuple[str, ...]:
    """The reasons in these words that raise a case, the strongest first; heard by rules, with no model."""
    ask = c.AssessMessage(
        conversation_id=turn.conversation_id, turn_id=turn.turn_id, step_id=f"{turn.turn_id}.raise", text=text
    )
    return tuple(each.reason for each in watch.assess(ask).signals if routing().raises(each.reason))


async def raise_for(
    steps: Steps, turns: Sequence[c.TurnAccepted], text: str, case: c.Case | None
) -> tuple[Told, c.Case | None]:
    """Raise the case for each reason it does not have yet, and tell staff who watch; the case as it is then.

    Delivered again it gives the same, however the burst is cut by then.
    """
    last = turns[-1]
    reasons = cannot_wait(last, text, steps.watch)
    if not reasons:
        return NOTHING, case
    telemetry.note(signals=" ".join(reasons))
    if case is None or not case.open:
        return Told(reasons[0]), case
    for reason in reasons:
        raised = await steps.store.raise_case(last.conversation_id, _event(reason, last, case.language))
        if raised is None:
            return Told(reasons[0]), case  # erased or closed meanwhile
        case = raised
    by = {turn.turn_id for turn in turns}
    if not by.isdisjoint(case.raised.values()):
        await _alert(steps, case)
    return Told(reasons[0], fresh=case.raised.get(reasons[0]) in by), case


def _event(reason: str, turn: c.TurnAccepted, language: c.Language) -> c.CaseRaised:
    """Where the reason leads; the first answer is due from now, not from when the waiting began."""
    priority, queue = routing().route(reason, language)
    return c.CaseRaised(
        at=turn.accepted_at,
        reason=reason,
        queue=queue.name,
        priority=priority,
        due_at=queue.due_at(priority, turn.accepted_at),
        turn_id=turn.turn_id,
    )


async def _alert(steps: Steps, case: c.Case) -> None:
    """Staff who watch see it at once; the trace of the turn is kept whole."""
    telemetry.note(priority=case.priority, queue=case.queue)
    telemetry.flag("handed_over")
    sign = c.CaseChanged(
        conversation_id=case.conversation_id,
        case_id=case.id,
        version=case.version,
        kind=c.CaseRaised.__name__,
        by=CUSTOMER,
    )
    await steps.bus.progress(sign)
