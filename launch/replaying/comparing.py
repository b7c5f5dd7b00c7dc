"""Compares what a turn led to then with what it leads to now."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from msgspec import structs

from launch.replaying.running import Rerun
from shared import contracts as c
from shared.contracts.previews import preview
from shared.contracts.words import Value

Verdict = Literal["same", "reworded", "changed", "unknown", "skipped"]
"""`changed`: another decision. `reworded`: the same in other words. `unknown`: another decision that asks for
what nobody asked then, so what comes of it is not known. `skipped`: nothing to compare."""
_LOOK = ("screen", "classify", "retrieve", "assess")
_FROM_OUTSIDE = ("retrieve", "act", "hand_over")
_WITHOUT_ANSWER = ("shop_down", "action_failed")
"""Reasons for a person that may only mean that the recording has no answer."""
_BEFORE_ANSWERS = ("intent", "language")
"""What was decided before anything was asked of the shop."""


class Decision(Value, frozen=True, kw_only=True):
    """What was decided; lists in the order in which it stood there. `asked` is what staff are to decide."""

    intent: tuple[str, ...] = ()
    route: str = ""
    status: str = ""
    language: str = ""
    reason: str = ""
    queue: str = ""
    priority: str = ""
    proposed: str = ""
    asked: str = ""
    executed: tuple[str, ...] = ()
    gap: bool = False


class Side(Value, frozen=True, kw_only=True):
    """A turn then or now. `agents_ms` is the critical path over the agents that compute, without vendors."""

    decision: Decision
    sentences: tuple[str, ...]
    engine: str
    cost_usd: float
    tokens: int
    agents_ms: float


class Compared(Value, frozen=True, kw_only=True):
    """One turn; `changed` names the fields of the decision that differ, `diff` the lines of the reply.

    `not_recorded` is what the new decision asked of the shop or the knowledge base and nobody had asked then.
    """

    conversation: str
    turn: str
    at: float
    verdict: Verdict
    why: str = ""
    then: Side | None = None
    now: Side | None = None
    changed: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()
    not_recorded: tuple[str, ...] = ()


def compared(rerun: Rerun, then: Sequence[c.TurnFinished]) -> Iterator[Compared]:
    """Each turn of a recording that got a reply of its own. `then` are its conversation's stored results."""
    stored = {each.turn_id: each for each in then}
    results = {each.turn_id: each for each in rerun.results}
    last = rerun.recorded.turn_id
    for turn in rerun.recorded.turns or (None,):
        turn_id = turn.turn_id if turn else last
        was, is_now = stored.get(turn_id), results.get(turn_id)
        if was is not None and was.answered_with and (is_now is None or is_now.answered_with):
            continue
        place: dict[str, Any] = {
            "conversation": rerun.recorded.conversation_id,
            "turn": turn_id,
            "at": turn.accepted_at if turn else rerun.recorded.at,
        }
        if rerun.skipped or was is None or is_now is None:
            why = rerun.skipped or "its result is not stored"
            yield Compared(**place, verdict="skipped", why=why)
            continue
        state = is_now.state
        proposed = (rerun.recorded.proposed, state.pending_action if state else None)
        yield _turn(place, was, is_now, proposed if turn_id == last else (None, None), rerun.missing)


def _turn(
    place: dict[str, Any],
    was: c.TurnFinished,
    is_now: c.TurnFinished,
    proposed: tuple[c.Action | None, c.Action | None],
    missing: Sequence[str],
) -> Compared:
    then, now = side(was, proposed[0]), side(is_now, proposed[1])
    names = Decision.__struct_fields__
    changed = tuple(n for n in names if getattr(then.decision, n) != getattr(now.decision, n))
    diff = tuple(_diff(then.sentences, now.sentences))
    verdict: Verdict = "changed" if changed else "reworded" if diff else "same"
    if missing and (now.decision.reason in _WITHOUT_ANSWER or not changed) and verdict != "same":
        verdict, diff = "unknown", ()
        changed = tuple(name for name in changed if name in _BEFORE_ANSWERS)
    return Compared(
        **place, verdict=verdict, then=then, now=now, changed=changed, diff=diff, not_recorded=tuple(missing)
    )


def side(result: c.TurnFinished, proposed: c.Action | None) -> Side:
    """A result as it is compared."""
    case = result.escalation
    return Side(
        decision=Decision(
            intent=tuple(need.intent.value for need in result.intents),
            route=_route(result),
            status=result.status,
            language=result.language,
            reason=case.reason if case else "",
            queue=case.queue if case else "",
            priority=case.priority if case else "",
            proposed=_said(proposed),
            asked=_said(result.approval.action if result.approval else None),
            executed=tuple(f"{r.kind} #{r.order_number} {r.status}" for r in result.actions),
            gap=result.gap,
        ),
        sentences=tuple(sentence.text for sentence in result.sentences),
        engine=result.engine,
        cost_usd=sum(usage.cost_usd for usage in result.usages),
        tokens=sum(usage.tokens for usage in result.usages),
        agents_ms=agents_ms(result.timings_ms),
    )


def _said(action: c.Action | None) -> str:
    return preview(structs.replace(action, reason=""), {}, "en") if action else ""


def _route(result: c.TurnFinished) -> str:
    """The way through the graph, as far as a result tells it."""
    if result.escalation:
        return "hand_over"
    if result.status == "refused":
        return "refuse"
    if result.actions:
        return "act"
    written = any(step.startswith("write-") for step in result.timings_ms)
    return "write" if written else "say" if result.sentences else "silent"


def agents_ms(timings: dict[str, float]) -> float:
    """The slowest of those who look, and everybody after them; those who asked outside are left out."""
    mine = {step: ms for step, ms in timings.items() if step not in _FROM_OUTSIDE}
    look = max((mine.pop(step, 0.0) for step in _LOOK), default=0.0)
    return round(look + sum(mine.values()), 2)


def _diff(then: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """The sentences that went (`- `) and came (`+ `), with those between them that stayed (two blanks)."""
    if tuple(then) == tuple(now):
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (f"  {sentence}" for sentence in then[i1:i2])
            continue
        yield from (f"- {sentence}" for sentence in then[i1:i2])
        yield from (f"+ {sentence}" for sentence in now[j1:j2])
