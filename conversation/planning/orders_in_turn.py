"""Works a message that names several orders off one by one: facts at once, offers one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from conversation.planning.flows import FLOWS
from conversation.planning.meaning import Playbooks, read_as
from conversation.planning.saying import topic
from conversation.turn import TOKEN, Case, Outcome
from conversation.words.orders_apart import Wished, beside_where, orders_apart
from conversation.words.own_order import asked_of_order
from shared.contracts import Entity, Intent

_QUEUE = "orders_next"
"""The slot for what is still to be offered: a line of intent, number and words for each order."""
NONE_NEXT = {_QUEUE: ""}
_OF_ONE = {"item", "items", "variant", "reason"}
"""Slots that tell of the one order, and nothing of the next."""
_MOST = 5
_MEANT = {
    "cancel": Intent.CANCELLATION, "return": Intent.RETURN_REQUEST, "refund": Intent.REFUND_STATUS,
    "exchange": Intent.EXCHANGE, "address": Intent.ORDER_CHANGE, "status": Intent.ORDER_STATUS,
    "newsletter": Intent.SUBSCRIPTION_MANAGEMENT,
}  # fmt: skip
_OF_ORDERS = {"order_status", "cancel", "return", "refund", "exchange", "order_change"}


@dataclass(frozen=True)
class Worked:
    """The cases that were worked on, the one that asks first, with what came of each."""

    cases: tuple[Case, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def hand_over(self) -> str:
        """The reason for a person, if there is one."""
        return next((one.hand_over for one in self.outcomes if one.hand_over), "")


async def several_orders(case: Case, playbooks: Playbooks) -> Worked | None:
    """What comes of a message about more than one order, or of one beside a deed; None for any other."""
    named = (each.value for each in case.classified.entities if each.kind == "order_number")
    numbers = list(dict.fromkeys(named))[:_MOST]
    if not numbers or case.state.open_slot in {"confirm", "address"}:
        return None
    if len(numbers) == 1:
        beside = beside_where(case.text, numbers[0])
        done = [await _worked(_case_of(case, each, playbooks)) for each in beside]
        return _in_turn(done) if done else None
    # The address that is asked for is not one that is to be changed.
    told = [Wished(number, "status", case.text) for number in numbers] if asked_of_order(case.text) else []
    wished = told or orders_apart(case.text, numbers)
    kinds = {each.kind for each in wished}
    if not wished or (case.playbook.flow not in _OF_ORDERS and kinds <= {""}):
        return None
    done = [await _worked(_case_of(case, each, playbooks)) for each in wished]
    return _in_turn(done)


async def next_in_turn(case: Case, settled: Sequence[Outcome], playbooks: Playbooks) -> Worked | None:
    """The next order of several, once the offer for the one before is answered."""
    lines = case.state.slots.get(_QUEUE, "").splitlines()
    stops = any(one.offers_person for one in settled)
    if not lines or stops or not any(one.execute or one.declined for one in settled):
        return None
    slots = {name: value for name, value in case.state.slots.items() if name not in _OF_ONE}
    free = structs.replace(case.state, open_slot="", open_intent="", pending_action=None, slots=slots)
    done = [await _worked(_queued(replace(case, state=free), line, playbooks)) for line in lines]
    # What was answered is remembered after the next is asked for, so it stands first.
    worked = _in_turn(done)
    if worked.hand_over:  # what was just agreed to is done first; a person comes when it is asked for anew
        names = ", ".join(f"#{each.entity('order_number')}" for each, _ in done)
        worked = Worked((), (Outcome(topics=(topic(case, "orders.next", orders=names),), slots=NONE_NEXT),))
    return Worked(cases=(*worked.cases, case), outcomes=(*settled, *worked.outcomes))


def then_too(case: Case, settled: Case, wished: Sequence[Wished], playbooks: Playbooks) -> Case:
    """`settled` with these orders behind those that wait already; `case` is as the message was understood."""
    lines = settled.state.slots.get(_QUEUE, "").splitlines()
    waiting = {line.split(" ", 2)[1] for line in lines}
    of_offer = replace(settled, classified=case.classified)
    lines += [_line(_case_of(of_offer, each, playbooks)) for each in wished if each.number not in waiting]
    slots = settled.state.slots | {_QUEUE: "\n".join(lines)}
    return replace(settled, state=structs.replace(settled.state, slots=slots))


async def _worked(case: Case) -> tuple[Case, Outcome]:
    return case, await FLOWS[case.playbook.flow](case)


def _in_turn(done: Sequence[tuple[Case, Outcome]]) -> Worked:
    """What is told at once, and the first question; the orders that wait for theirs are named."""
    told = [(case, one) for case, one in done if not one.slot]
    asking = [(case, one) for case, one in done if one.slot]
    if not asking:
        return Worked(tuple(case for case, _ in told), (*(one for _, one in told), Outcome(slots=NONE_NEXT)))
    (first, asked), *later = asking
    lines = "\n".join(_line(case) for case, _ in later)
    asked = replace(asked, slots=asked.slots | {_QUEUE: lines})
    names = ", ".join(f"#{case.entity('order_number')}" for case, _ in later)
    named = (Outcome(topics=(topic(first, "orders.next", orders=names),)),) if later else ()
    cases = (first, *(case for case, _ in told))
    return Worked(cases, (*(one for _, one in told), *named, asked))


def _case_of(case: Case, wished: Wished, playbooks: Playbooks) -> Case:
    """The case as if only this order had been written about."""
    entities = tuple(
        each
        for each in case.classified.entities
        if each.kind != "order_number" or each.value == wished.number
    )
    need = case.need.intent
    meant = _MEANT.get(wished.kind, need)
    if wished.kind == "status" and playbooks[need].flow == "order_status":
        meant = need
    tokens = [token for token in TOKEN.findall(case.text) if token not in wished.text]
    alone = replace(
        case,
        text=" ".join([wished.text, *tokens]),
        classified=structs.replace(case.classified, entities=entities, needs=case.classified.needs[:1]),
    )
    return read_as(alone, meant, playbooks, because="it says what to do with each order")


def _line(case: Case) -> str:
    return f"{case.need.intent.value} {case.entity('order_number')} {' '.join(case.text.split())}"


def _queued(case: Case, line: str, playbooks: Playbooks) -> Case:
    intent, number, words = line.split(" ", 2)
    kept = tuple(each for each in case.classified.entities if each.kind != "order_number")
    named = Entity(kind="order_number", text=number, value=number, start=0, end=len(number))
    found = replace(
        case, text=words, order=None, classified=structs.replace(case.classified, entities=(*kept, named))
    )
    return read_as(found, Intent(intent), playbooks, because="it is the next order of several")
