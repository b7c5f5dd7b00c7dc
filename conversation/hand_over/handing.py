"""Gathers for a person what is known: the shop's facts, the customer's own words, what was tried."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from conversation.asks import TurnState, ids
from conversation.hand_over.quoting import quotes
from conversation.memory import whole
from conversation.turn import TOKEN, Plan
from shared import contracts as c
from shared.errors import AskFailed
from shared.hand_over.reasons import DANGERS

Asking = Callable[[Any, Any], Awaitable[tuple[Any, float]]]

_ORDERS = 2
"""Orders of a signed-in customer that a person gets to see when none was named, the newest."""
_ABOUT_NOTHING = {c.Intent.ESCALATION_REQUEST, c.Intent.GENERAL_INQUIRY}
_UNREAD = {"engine_down": c.Intent.GENERAL_INQUIRY}
_MOST_PAGES = 2
_UNREACHED = {"shop_down": "shop", "engine_down": "engine", "critic_down": "critic"}
_DATES = {
    "shipped": "shipped_on", "partially_shipped": "shipped_on", "out_for_delivery": "expected_on",
    "delayed": "expected_on", "delivered": "delivered_on", "cancelled": "cancelled_on",
}  # fmt: skip
_ASKS_SOMETHING = {"unclear", "rejected_drafts", "critic_down"}
"""Reasons of who wanted to know something that a page might have said."""
_CARRIED_OUT = re.compile(r"(\w+) #(\w+)(?: \((.*)\))?")


@dataclass(frozen=True)
class Known:
    """What the shop told: facts, whose order was proved, the customer's first name, what was looked at."""

    facts: tuple[c.Fact, ...] = ()
    proved: bool = False
    first_name: str = ""
    steps: tuple[c.Step, ...] = ()


async def look_up(ask: Asking, state: TurnState, plan: Plan, *, reason: str) -> Known:
    """The order on the table, unless it lies there: a person asks for it first.

    Asked of the shop only for who is signed in, or proved or proves that the order is theirs; a shop that
    does not answer is no reason to wait.
    """
    known = Known(facts=plan.facts, first_name=plan.state.first_name)
    known = replace(known, proved=bool(plan.state.proved_orders))
    wanted = None if reason == "shop_down" or _has_order(plan.facts) else _wanted(state, plan)
    if wanted is None:
        return replace(known, steps=_looked_at(plan.facts))
    try:
        found: c.FactsFetched = (await ask(c.FETCH, wanted))[0]
    except AskFailed:
        return replace(known, steps=(c.Step(did="could_not_reach", about="shop"),))
    orders = sorted(found.orders, key=lambda order: order.placed_on, reverse=True)[:_ORDERS]
    listed = [c.Step(did="listed_orders", about=", ".join(o.number for o in orders))] if orders else []
    facts = [f for order in ([found.order] if found.order else orders) for f in order.facts()]
    return Known(
        facts=(*plan.facts, *facts),
        proved=known.proved or (found.order is not None and not wanted.customer),
        first_name=known.first_name or (found.customer.first_name if found.customer else ""),
        steps=(*(listed or _looked_at(facts)), *_looked_at(plan.facts)),
    )


def person_ask(
    state: TurnState, plan: Plan, reason: str, *, known: Known, language: c.Language
) -> c.RequestPerson:
    """The request for a person, with all that is known so far but a reply to suggest."""
    classified, past = state.get("classified"), whole(state["before"])
    titles = [f for f in known.facts if f.id.endswith("/title") or "/items/" in f.id]
    return c.RequestPerson(
        **ids(state, "person"),
        hand_over_id=f"h-{state['turn'].turn_id}",
        accepted_at=state["turn"].accepted_at,
        reason=reason,
        language=language,
        intent=_matter(state, plan, reason),
        text=state["text"],
        history=state["before"].recalled,
        facts=known.facts,
        promised=(
            *past.promised,
            *(receipt.detail or receipt.reference for receipt in state.get("receipts", ())),
        ),
        sentiment=classified.sentiment if classified else None,
        customer=plan.state.customer,
        first_name=known.first_name,
        identity=_identity(state, plan, known),
        words=quotes(_messages(state), orders=past.orders, items=titles, danger=_danger(state, reason)),
        sources=tuple(c.Source(id=p.id, title=p.title, section=p.section) for p in passages(state, plan)),
        steps=(*_before(past), *known.steps, *_this_turn(state, reason)),
        wish=plan.execute or (plan.approval.action if plan.approval else _offered(state["before"])),
    )


def _danger(state: TurnState, reason: str) -> str:
    """The words in which an injury or a danger was heard."""
    signals = state.get("signals", ()) if reason in DANGERS else ()
    return next((each.span for each in signals if each.reason == reason and each.span), "")


def _offered(before: c.ConversationState) -> c.Action | None:
    """What was just put before the customer; an offer that rests was left for something else."""
    return before.pending_action if before.open_slot == "confirm" else None


def _matter(state: TurnState, plan: Plan, reason: str) -> c.Intent:
    """What it is about: "get me a human" and a yes are about what was spoken of before them."""
    classified, before = state.get("classified"), state["before"]
    needs = plan.needs or (classified.needs if classified else ())
    said = needs[0].intent if needs else _UNREAD.get(reason, c.Intent.ESCALATION_REQUEST)
    earlier = before.open_intent or before.last_intent
    return c.Intent(earlier) if earlier and said in _ABOUT_NOTHING else said


def passages(state: TurnState, plan: Plan) -> tuple[c.Passage, ...]:
    """The pages that speak to what was asked: those that were to be quoted, else the best that were found."""
    found = plan.passages or tuple(sorted(state.get("passages", ()), key=lambda p: -p.score))
    return found[:_MOST_PAGES]


def _has_order(facts: Sequence[c.Fact]) -> bool:
    return any(fact.id.startswith("order:") for fact in facts)


def _messages(state: TurnState) -> list[str]:
    return [*(said.text for said in state["before"].history if said.who == "customer"), state["text"]]


def _wanted(state: TurnState, plan: Plan) -> c.FetchFacts | None:
    """What to ask the shop; None when there is nothing that this customer may hear."""
    said = [q.text for q in quotes(_messages(state), orders=whole(state["before"]).orders, items=())
            if q.of == "order_number"]  # fmt: skip
    number = next(iter([*said, *whole(state["before"]).orders[-1:]]), "")
    customer = state["turn"].customer or plan.state.customer
    proof = " ".join(token for text in _messages(state) for token in TOKEN.findall(text))
    proved = plan.state.proved_orders
    if not customer and not (number and (number in proved or proof)):
        return None
    wants: tuple[c.Want, ...] = ("order",) if number else ("orders",)
    return c.FetchFacts(
        **ids(state, "facts-person"),
        wants=(*wants, "customer") if customer and not plan.state.first_name else wants,
        customer=customer,
        order_number=number,
        email=proof,
        proved_orders=proved,
        place=state["turn"].place,
    )


def _identity(
    state: TurnState, plan: Plan, known: Known
) -> Literal["signed_in", "proved", "claimed", "unknown"]:
    if state["turn"].customer or plan.state.customer:
        return "signed_in"
    if known.proved:
        return "proved"
    return "claimed" if any(TOKEN.search(text) for text in _messages(state)) else "unknown"


def _looked_at(facts: Sequence[c.Fact]) -> tuple[c.Step, ...]:
    """A step for each order and product whose facts are there."""
    values = {fact.id: fact.value for fact in facts}
    steps = []
    for name in dict.fromkeys(fact.id.partition("/")[0] for fact in facts):
        kind, _, number = name.partition(":")
        if kind == "order":
            status = values.get(f"{name}/status", "")
            on = values.get(f"{name}/{_DATES.get(status, '')}", "")
            steps.append(c.Step(did="looked_up_order", about=number, found=status, on=on))
        elif kind == "product":
            steps.append(c.Step(did="looked_up_product", about=values.get(f"{name}/title", number)))
    return tuple(steps)


def _before(past: c.Digest) -> tuple[c.Step, ...]:
    """What was wanted, answered, done and refused in earlier turns."""
    answered = [c.Step(did="answered", about=pair) for pair in past.asked]
    done = [_step("acted", told) for told in past.done]
    refused = [_step("refused", told) for told in past.refused]
    wanted = [c.Step(did="wanted", about=wish) for wish in past.wanted]
    return (*wanted, *answered, *done, *refused)


def _step(did: Literal["acted", "refused"], told: str) -> c.Step:
    found = _CARRIED_OUT.fullmatch(told)
    if found is None:
        return c.Step(did=did, about=told)
    return c.Step(did=did, about=f"{found[1]} {found[2]}", found=found[3] or "")


def _this_turn(state: TurnState, reason: str) -> tuple[c.Step, ...]:
    steps: list[c.Step] = []
    if state.get("passages"):
        steps.append(c.Step(did="read_pages"))
    elif state.get("nearest") is not None and reason in _ASKS_SOMETHING:
        steps.append(c.Step(did="found_no_page"))
    steps += [_carried_out(receipt) for receipt in state.get("receipts", ())]
    if state.get("findings"):
        steps.append(c.Step(did="drafted", about=str(state["drafts"]), found=state["findings"][0].rule))
    if reason in _UNREACHED:
        steps.append(c.Step(did="could_not_reach", about=_UNREACHED[reason]))
    return tuple(steps)


def _carried_out(receipt: c.Receipt) -> c.Step:
    return c.Step(
        did="acted" if receipt.status == "done" else "refused",
        about=f"{receipt.kind} {receipt.order_number}",
        found=receipt.reference or receipt.detail,
    )
