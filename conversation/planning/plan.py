"""Turns what was understood and found into what will be said, asked or done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from conversation.later.wanted import arranged, wished
from conversation.planning.flows import FLOWS
from conversation.planning.letting_go import let_go
from conversation.planning.meaning import in_context, of_ours, read_as, speaks_to_it, still_unclear, sure
from conversation.planning.offers import Heard, heard, rests
from conversation.planning.orders_in_turn import Worked, next_in_turn, several_orders
from conversation.planning.products import property_of
from conversation.planning.recap import recap
from conversation.planning.saying import quoted, topic
from conversation.planning.several import asks_several, deeds_beside, told_each
from conversation.planning.taking_back import taken_back
from conversation.planning.tongues import in_other_tongue, told_once
from conversation.rules.playbooks import Playbook, Policy
from conversation.turn import Case, Fetch, Outcome, Part, Plan
from conversation.words.agreeing import names_deed
from conversation.words.own_order import asked_of_order
from conversation.words.paying import ways_to_pay
from conversation.words.wishes import is_question
from shared.contracts import (
    ConversationState,
    Fact,
    Intent,
    IntentClassified,
    Passage,
    Signal,
    Topic,
    TurnAccepted,
)
from shared.ports import ProductReader

_Sourced = TypeVar("_Sourced", Fact, Passage)

_MOST_NEEDS = 3
_WHOLE_QUESTION = 6
"""Words from which a question says what it asks, whether or not its intent is known."""
_OF_PRODUCT = "it asks for a property of a product"
_TOLD_FROM_PAGES = {"policy", "general", "product", "exchange", "return"}
_CONTACT_INTENTS = {
    Intent.ORDER_STATUS, Intent.TRACKING_UPDATE, Intent.REFUND_STATUS, Intent.BILLING_ISSUE,
}  # fmt: skip


@dataclass(frozen=True)
class Planner:
    """Applies playbooks and policy; asks the shop through `fetch`, never a model."""

    playbooks: Mapping[Intent, Playbook]
    policy: Policy
    reader: ProductReader

    async def plan(  # noqa: PLR0911 one for each way to read a message
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
        parts: Sequence[Part] = (),
        only_refuses: bool = False,
    ) -> Plan:
        """What this turn does. The plan's state is what the conversation remembers afterwards.

        `parts` are the questions of a message that asks several. `only_refuses` tells that the customer wants
        no person, and says nothing else.
        """
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
                reader=self.reader,
                now=now,
            )
            for need in classified.needs[:_MOST_NEEDS]
        ]
        cases = [await of_ours(in_context(cases[0], self.playbooks), self.playbooks), *cases[1:]]
        wish = wished(cases[0])
        reason = self._reason(cases[0], _but_for(wish, signals))
        # However often they were asked: who wants no person is given none for being unclear.
        if not reason and only_refuses:
            return self._finish(cases, [_asked_again(cases[0])], "")
        if not reason and (said := await self._looks_back(cases[0])) is not None:
            then = await next_in_turn(said.case, said.outcomes, self.playbooks)
            then = then or Worked((said.case,), said.outcomes)
            return self._finish(list(then.cases), list(then.outcomes), then.hand_over)
        if not reason and wish:
            meant, later = await arranged(cases[0], wish, self.playbooks)
            return self._finish([meant], [later], later.hand_over)
        if not reason and (apart := await several_orders(cases[0], self.playbooks)) is not None:
            return self._finish(list(apart.cases), list(apart.outcomes), apart.hand_over)
        each = [] if reason else await self._each(cases, parts)
        if not reason and not each and (unclear := self._unclear(cases[0])) is not None:
            asked = read_as(cases[0], Intent.PRODUCT_INQUIRY, self.playbooks, because=_OF_PRODUCT)
            known = await property_of(asked)
            if known is not None and (not known.gap or _may_be(cases[0], Intent.PRODUCT_INQUIRY)):
                return self._finish([asked], [known], "")
            return self._finish(cases, [unclear], unclear.hand_over)
        outcomes = each or [await self._outcome(case, handing_over=bool(reason)) for case in cases]
        reason = reason or next((o.hand_over for o in outcomes if o.hand_over), "")
        return self._finish(cases, outcomes, reason)

    async def _looks_back(self, case: Case) -> Heard | None:
        """What is said to an offer, or asked of what was done, or strange; None for what stands by itself."""
        if (strange := in_other_tongue(case)) is not None:
            return Heard(case, (strange,))
        said = await heard(case, self.playbooks)
        if said is None and (told := recap(case)) is not None:
            return Heard(case, (told,))
        if said is None and (late := taken_back(case)) is not None:
            return Heard(case, (late,))
        if said is None and not (wished(case) and not case.state.open_slot) and (gone := let_go(case)):
            return Heard(case, (gone,))
        return said

    async def _each(self, cases: list[Case], parts: Sequence[Part]) -> list[Outcome]:
        """What is said to each of several questions; nothing where none is answered."""
        if not asks_several(cases, parts):
            return []
        outcomes = [await self._outcome(deed, handing_over=False) for deed in deeds_beside(cases, parts)]
        outcomes += await told_each(cases[0], parts, self.playbooks)
        return [] if all(outcome.gap for outcome in outcomes) else outcomes

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
        if _is_contact(case) and contacts >= case.playbook.max_contacts:
            return "third_contact"
        return ""

    def _unclear(self, case: Case) -> Outcome | None:
        """A clarifying question, or a person when questions did not help; None when it is clear enough."""
        if case.state.open_slot or (sure(case) and not still_unclear(case)):
            return None
        if _says_enough(case):
            return None
        if speaks_to_it(case) and case.playbook.flow in _TOLD_FROM_PAGES:
            return None
        if not case.passages and len(case.text.split()) >= _WHOLE_QUESTION and "?" in case.text:
            return quoted(case)  # said clearly enough, only nothing of ours speaks to it
        if case.state.unclear + 1 >= self.policy.max_unclear:
            return Outcome(hand_over="unclear")
        return _asked_again(case)

    def _finish(self, cases: list[Case], outcomes: list[Outcome], reason: str) -> Plan:
        case = cases[0]
        asking = next((o for o in outcomes if o.slot), None)
        execute = next((o.execute for o in outcomes if o.execute), None)
        approval = next((o.approval for o in outcomes if o.approval and o.hand_over == reason), None)
        gap = _all_unknown(outcomes)
        topics = _joined(outcomes, asking)
        if not reason and not any(each.goal == "language.ours" for each in topics):
            topics = (*told_once(case), *topics)
        state = _remember(case, outcomes, asking, done=execute is not None or bool(reason))
        plain = any(outcome.plain for outcome in outcomes)
        return Plan(
            route="hand_over" if reason else "act" if execute else "arrange" if plain else "write",
            state=state,
            needs=tuple(case.need for case in cases),
            topics=topics,
            asked=asking is not None and not reason,
            reason=reason,
            execute=execute,
            approval=approval,
            task=next((o.task for o in outcomes if o.task), None),
            drop=next((o.drop for o in outcomes if o.drop), ()),
            drop_order=next((o.drop_order for o in outcomes if o.drop), ""),
            facts=_unique(f for o in outcomes for f in o.facts),
            passages=_unique(p for o in outcomes for p in o.passages),
            gap=gap and not reason,
            missed="" if reason else next((o.missed for o in outcomes if o.missed), ""),
            because=case.because,
        )


def _but_for(wish: str | None, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Who wants to be called wants a person, and gets one by being called."""
    if wish != "call_back":
        return signals
    return tuple(signal for signal in signals if signal.reason != "asked_for_person")


def _says_enough(case: Case) -> bool:
    """Looking at the order named, or working on the deed named, answers more than a question would."""
    number, deeds = case.entity("order_number"), case.playbook.actions
    if case.playbook.flow == "order_status":
        return bool(number)
    return any(names_deed(kind, case.text) for kind in deeds) and bool(number or not is_question(case.text))


def _asked_again(case: Case) -> Outcome:
    return Outcome(topics=(topic(case, "ask.clarify"),), slot="clarify")


def _may_be(case: Case, intent: Intent) -> bool:
    return any(need.intent is intent for need in (*case.classified.needs, *case.classified.alternatives))


def _joined(outcomes: list[Outcome], asking: Outcome | None) -> tuple[Topic, ...]:
    """Everything there is to say, each once, and the one question last."""
    beside = not _all_unknown(outcomes)
    silent = [o for o in outcomes if o.gap and not o.missed and beside]
    known = [o for o in outcomes if o is not asking and o not in silent and not o.slot]
    topics: list[Topic] = []
    for outcome in [*known, *([asking] if asking else [])]:
        topics.extend(t for t in outcome.topics if t not in topics)
    return tuple(topics)


def _all_unknown(outcomes: list[Outcome]) -> bool:
    """Nothing was found for anything that was asked; an offer that is repeated answers nothing."""
    return all(outcome.gap for outcome in outcomes if len(outcomes) == 1 or not outcome.action)


def _remember(
    case: Case, outcomes: list[Outcome], asking: Outcome | None, *, done: bool
) -> ConversationState:
    slots = dict(case.state.slots) if not done else {}
    for outcome in outcomes:
        slots.update(outcome.slots)
    contacts = dict(case.state.contacts)
    if _is_contact(case) and not case.state.open_slot:
        key = _contact_key(case)
        contacts[key] = contacts.get(key, 0) + 1
    guest = not (case.turn.customer or case.state.customer)
    proved = {*case.state.proved_orders, *(n for o in outcomes for n in o.proved if guest)}
    clarifying = asking is not None and asking.slot == "clarify"
    dropped = done or any(outcome.declined for outcome in outcomes)
    declined = case.state.pending_action if dropped and not done else None
    offer, turns = rests(case.state, asking.action if asking else None, done=dropped)
    return msgspec.structs.replace(
        case.state,
        language=case.language,
        customer=case.turn.customer or case.state.customer,
        last_intent=case.state.last_intent if clarifying else case.need.intent.value,
        open_intent=case.need.intent.value if asking and not clarifying else "",
        open_slot=asking.slot if asking and not clarifying else "",
        pending_action=offer,
        declined_action=declined if offer is None else None,
        offer_turns=turns,
        slots={name: value for name, value in slots.items() if value},
        proved_orders=tuple(sorted(proved)),
        failed_proofs=case.state.failed_proofs + any(o.failed_proof for o in outcomes),
        contacts=contacts,
        unclear=case.state.unclear + 1 if clarifying else 0,
        person_offered=not done and all(outcome.gap or outcome.offers_person for outcome in outcomes),
    )


def _is_contact(case: Case) -> bool:
    """Whether it asks after something that may be stuck: not what was bought, nor how one may pay."""
    asks_only = asked_of_order(case.text) or ways_to_pay(case.text)
    return case.need.intent in _CONTACT_INTENTS and not asks_only


def _contact_key(case: Case) -> str:
    number = case.entity("order_number") or case.state.slots.get("order_number", "")
    return f"{case.need.intent.value}:{number}"


def _unique(items: Iterable[_Sourced]) -> tuple[_Sourced, ...]:
    found: dict[str, _Sourced] = {}
    for item in items:
        found.setdefault(item.id, item)
    return tuple(found.values())
