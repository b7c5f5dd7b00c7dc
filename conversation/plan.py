"""Turns what was understood and found into what will be said, asked or done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import msgspec

from conversation.flows import FLOWS, confirmed, topic, wants_money_only
from conversation.playbooks import Playbook, Policy
from conversation.turn import Case, Fetch, Outcome, Plan
from shared.contracts import (
    ConversationState,
    Fact,
    Finding,
    Intent,
    IntentClassified,
    Need,
    Passage,
    Signal,
    Topic,
    TurnAccepted,
)

_Sourced = TypeVar("_Sourced", Fact, Passage)

_MOST_NEEDS = 3
_CLEAR_PASSAGE = 0.55
_CONTACT_INTENTS = {
    Intent.ORDER_STATUS, Intent.TRACKING_UPDATE, Intent.REFUND_STATUS, Intent.BILLING_ISSUE,
}  # fmt: skip


@dataclass(frozen=True)
class Planner:
    """Applies playbooks and policy; asks the shop through `fetch`, never a model."""

    playbooks: Mapping[Intent, Playbook]
    policy: Policy

    async def plan(
        self,
        turn: TurnAccepted,
        text: str,
        state: ConversationState,
        *,
        classified: IntentClassified,
        passages: tuple[Passage, ...],
        signals: tuple[Signal, ...],
        fetch: Fetch,
        now: float,
    ) -> Plan:
        """What this turn does. The plan's state is what the conversation remembers afterwards."""
        cases = [
            Case(
                need=need,
                playbook=self.playbooks[need.intent],
                policy=self.policy,
                text=text,
                turn=turn,
                state=state,
                classified=classified,
                passages=passages,
                fetch=fetch,
                now=now,
            )
            for need in classified.needs[:_MOST_NEEDS]
        ]
        cases = [self._in_context(cases[0]), *cases[1:]]
        reason = self._reason(cases[0], signals)
        answer = confirmed(cases[0]) if not reason else None
        if answer is not None:
            return self._finish(cases[0], [answer], "")
        if not reason and (unclear := self._unclear(cases[0])) is not None:
            return self._finish(cases[0], [unclear], unclear.hand_over)
        outcomes = [await self._outcome(case, handing_over=bool(reason)) for case in cases]
        reason = reason or next((o.hand_over for o in outcomes if o.hand_over), "")
        return self._finish(cases[0], outcomes, reason)

    async def _outcome(self, case: Case, *, handing_over: bool) -> Outcome:
        if not handing_over:
            return await FLOWS[case.playbook.flow](case)
        # A person will want the order on the table; the customer is not asked for it now.
        if case.entity("order_number") or case.state.slots.get("order_number"):
            found = await FLOWS["order_status"](case)
            return Outcome(facts=found.facts, slots=found.slots, proved=found.proved)
        return Outcome()

    def _reason(self, case: Case, signals: tuple[Signal, ...]) -> str:
        """Why a person must take this, before anything else is tried."""
        wanted = {*self.policy.escalate_always, *case.playbook.escalate_on}
        for signal in signals:
            if signal.reason in wanted:
                return signal.reason
        contacts = case.state.contacts.get(_contact_key(case), 0) + 1
        if case.need.intent in _CONTACT_INTENTS and contacts >= case.playbook.max_contacts:
            return "third_contact"
        return ""

    def _unclear(self, case: Case) -> Outcome | None:
        """A clarifying question, or a person when questions did not help; None when it is clear enough."""
        if case.state.open_slot or self._sure(case):
            return None
        best = max((passage.score for passage in case.passages), default=0.0)
        if best >= _CLEAR_PASSAGE and case.playbook.flow in {
            "policy",
            "general",
            "product",
            "exchange",
            "return",
        }:
            return None
        if case.state.unclear + 1 >= self.policy.max_unclear:
            return Outcome(hand_over="unclear")
        return Outcome(topics=(topic(case, "ask.clarify"),), slot="clarify")

    def _in_context(self, case: Case) -> Case:
        """What the words mean here: a wish for money is no return, a bare "and 1009?" asks the same again."""
        last = case.state.last_intent
        if case.playbook.flow == "return" and wants_money_only(case):
            return self._read_as(case, Intent.REFUND_STATUS)
        if not last or case.state.open_slot or self._sure(case) or not case.entity("order_number"):
            return case
        return self._read_as(case, Intent(last))

    def _read_as(self, case: Case, intent: Intent) -> Case:
        playbook = self.playbooks[intent]
        need = Need(intent=intent, confidence=max(case.need.confidence, playbook.min_confidence))
        return replace(case, need=need, playbook=playbook)

    def _sure(self, case: Case) -> bool:
        family = {case.need.intent, *case.playbook.family}
        candidates = {n.intent: n.confidence for n in (*case.classified.alternatives, *case.classified.needs)}
        candidates[case.need.intent] = max(case.need.confidence, candidates.get(case.need.intent, 0.0))
        together = sum(confidence for intent, confidence in candidates.items() if intent in family)
        return together >= case.playbook.min_confidence

    def _finish(self, case: Case, outcomes: list[Outcome], reason: str) -> Plan:
        asking = next((o for o in outcomes if o.slot), None)
        execute = next((o.execute for o in outcomes if o.execute), None)
        gap = all(o.gap for o in outcomes)
        topics = _joined(outcomes, asking)
        state = _remember(case, outcomes, asking, done=execute is not None or bool(reason))
        route: Literal["hand_over", "act", "write"] = "hand_over" if reason else "act" if execute else "write"
        return Plan(
            route=route,
            state=state,
            topics=topics,
            asked=asking is not None and not reason,
            reason=reason,
            execute=execute,
            facts=_unique(f for o in outcomes for f in o.facts),
            passages=_unique(p for o in outcomes for p in o.passages),
            gap=gap and not reason,
        )


def strike(state: ConversationState, *, policy: Policy, now: float) -> ConversationState:
    """One refused message more; enough of them within the window pause the conversation."""
    recent = (*(at for at in state.strikes if now - at < policy.strike_window_seconds), now)
    if len(recent) >= policy.strikes:
        return msgspec.structs.replace(state, strikes=(), paused_until=now + policy.pause_seconds)
    return msgspec.structs.replace(state, strikes=recent)


def refusal(findings: tuple[Finding, ...]) -> str:
    """The reply goal for a message that was screened out."""
    kinds = {
        "too_long": "too_long",
        "spam": "spam",
        "repetition": "spam",
        "abuse": "abuse",
        "data_extraction": "data",
    }
    rule = findings[0].rule.removeprefix("input.") if findings else ""
    return f"refused.{kinds.get(rule, 'injection')}"


def _joined(outcomes: list[Outcome], asking: Outcome | None) -> tuple[Topic, ...]:
    """Everything there is to say, each once, and the one question last."""
    known = [o for o in outcomes if o is not asking and not (o.gap and len(outcomes) > 1) and not o.slot]
    topics: list[Topic] = []
    for outcome in [*known, *([asking] if asking else [])]:
        topics.extend(t for t in outcome.topics if t not in topics)
    return tuple(topics)


def _remember(
    case: Case, outcomes: list[Outcome], asking: Outcome | None, *, done: bool
) -> ConversationState:
    slots = dict(case.state.slots) if not done else {}
    for outcome in outcomes:
        slots.update(outcome.slots)
    contacts = dict(case.state.contacts)
    if case.need.intent in _CONTACT_INTENTS and not case.state.open_slot:
        key = _contact_key(case)
        contacts[key] = contacts.get(key, 0) + 1
    guest = not (case.turn.customer or case.state.customer)
    proved = {*case.state.proved_orders, *(n for o in outcomes for n in o.proved if guest)}
    clarifying = asking is not None and asking.slot == "clarify"
    return msgspec.structs.replace(
        case.state,
        language=case.language,
        customer=case.turn.customer or case.state.customer,
        last_intent=case.need.intent.value,
        open_intent=case.need.intent.value if asking and not clarifying else "",
        open_slot=asking.slot if asking and not clarifying else "",
        pending_action=asking.action if asking else None,
        slots={name: value for name, value in slots.items() if value},
        proved_orders=tuple(sorted(proved)),
        failed_proofs=case.state.failed_proofs + sum(o.failed_proof for o in outcomes),
        contacts=contacts,
        unclear=case.state.unclear + 1 if clarifying else 0,
    )


def _contact_key(case: Case) -> str:
    number = case.entity("order_number") or case.state.slots.get("order_number", "")
    return f"{case.need.intent.value}:{number}"


def _unique(items: Iterable[_Sourced]) -> tuple[_Sourced, ...]:
    found: dict[str, _Sourced] = {}
    for item in items:
        found.setdefault(item.id, item)
    return tuple(found.values())
