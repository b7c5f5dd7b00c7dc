"""One function per flow: from a need and the facts to what should be said, asked or done."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from conversation.later.owing import UNSETTLED
from conversation.planning.cancelling import cancel, cancelled_instead
from conversation.planning.changes import exchange, order_change, subscription
from conversation.planning.choosing import stays
from conversation.planning.few_words import OWN_WORDS, goal_of, goal_of_nothing
from conversation.planning.orders import find_order
from conversation.planning.products import product, property_of
from conversation.planning.proposing import propose
from conversation.planning.saying import about, left_of, quoted, topic
from conversation.planning.telling import told_of_order
from conversation.rules.policy import Verdict, may_refund, may_return
from conversation.turn import Case, Outcome
from conversation.words import phrases
from conversation.words.agreeing import asks, part_about
from conversation.words.consent import said_yes
from conversation.words.paying import service_asked, ways_to_pay
from conversation.words.replies import chosen_items, folded, named_items, only_asks, says_all
from conversation.words.smalltalk import asks_about_bot, small_talk
from conversation.words.wishes import asks_rule_only, is_question, return_window, wishes_refund
from shared.contracts import (
    Action,
    Cancel,
    ChangeAddress,
    CorrectLoyalty,
    Intent,
    Newsletter,
    Order,
    OrderItem,
    Receipt,
    Refund,
    Return,
    StoreCredit,
    Topic,
)
from shared.contracts.refunding import refund_action, refund_of, refunded_items, return_action

Flow = Callable[[Case], Awaitable[Outcome]]
_FEW_WORDS = 2
_PAY_WITH = {"en": "pay with", "fr": "payer avec", "es": "pagar con"}
"""What a page says that tells the ways to pay."""


async def order_status(case: Case) -> Outcome:
    """Where an order stands, or what of it is asked for."""
    if told := await told_of_order(case):
        return told
    order = await find_order(case)
    if isinstance(order, Outcome):
        return order
    items = ", ".join(item.title for item in left_of(order))
    return about(order, topic(case, f"order_status.{order.status}", order, items=items))


async def send_back(case: Case) -> Outcome:
    """A return: the order, its window, the item, a yes, then the shop's return."""
    if asks_rule_only(case):
        return _rule(case)  # needs no order, so it is answered without the shop too
    order = await find_order(case)
    if isinstance(order, Outcome):
        known = case.known()
        policy_question = not case.entity("order_number") and is_question(case.text) and known
        return quoted(case) if policy_question and not case.state.open_slot else order
    verdict = may_return(order, policy=case.policy, today=case.today)
    beside = asks(case.text) and not case.entity("order_number") and case.known()
    if verdict.goal == "return.already" and beside:
        return quoted(case)  # "where do I send it?" is about the return that is open
    if refused := stays(case, order, verdict):
        return refused
    chosen = chosen_items(case.items_said(part_about("return", case.text)), order) or _remembered(case, order)
    chosen = chosen or chosen_items(_choice_text(case), order)
    if not chosen:
        options = ", ".join(item.title for item in order.items if item.returnable)
        return replace(
            about(order, topic(case, case.asks("item", "ask.item"), order, items=options)), slot="item"
        )
    return _sent_back(case, order, chosen)


def _rule(case: Case) -> Outcome:
    """From the pages; who asks within how many days hears of these, not of how a return is begun."""
    days = case.policy.actions["return"].days_since_delivery
    told = quoted(case, only=f"{days} ") if return_window(case.text) else quoted(case)
    return quoted(case) if told.gap else told


def _sent_back(case: Case, order: Order, chosen: tuple[OrderItem, ...]) -> Outcome:
    """The return of these items is put before the customer, unless its label eats up what they cost."""
    verdict = may_return(order, chosen, policy=case.policy, today=case.today)
    if verdict.decision == "no":
        return about(order, topic(case, verdict.goal, order))
    rule = case.policy.actions["return"]
    action = return_action(order, chosen, rule, reason=case.reason)
    said = ", ".join(item.title for item in chosen)
    money = refund_of(order, chosen, rule).told() if action.amount else {}
    # A return is no way round the rule of refunds: what that one asks a person, a person settles at the end.
    why = may_refund(order, chosen, policy=case.policy, today=case.today).why if money else ()
    goal = "ask.confirm_return_unsettled" if why else case.asks("confirm", "ask.confirm_return")
    told = about(order, topic(case, goal, order, items=said, **money))
    kept = replace(told, slots=told.slots | {"items": ",".join(action.items), UNSETTLED: ",".join(why)})
    return propose(case, kept, action, verdict, {item.sku: item.title for item in chosen})


def _remembered(case: Case, order: Order) -> tuple[OrderItem, ...]:
    """What was chosen before, for who says no more of it than yes."""
    kept = case.state.slots.get("items", "").split(",")
    return tuple(item for item in order.items if item.sku in kept)


async def refund(case: Case) -> Outcome:
    """Where a refund stands; a new one only when it is asked for: of the items it names, else of all."""
    order = await find_order(case)
    if isinstance(order, Outcome):
        return replace(order, slots=order.slots | {"wish": "refund" if wishes_refund(case) else ""})
    days = case.policy.refund_business_days
    if order.payment in {"refunded", "partially_refunded"}:
        return about(order, topic(case, f"refund_status.{order.payment}", order, business_days=days))
    if order.status in {"return_in_progress", "returned"}:
        return about(order, topic(case, "refund_status.waiting", order, business_days=days))
    if not wishes_refund(case):
        return about(order, topic(case, "refund_status.none", order))
    items = _to_refund(case, order)
    verdict = may_refund(order, items, policy=case.policy, today=case.today)
    if verdict.decision == "no":
        return _not_refunded(case, order, items, verdict)
    rule = case.policy.actions["refund"]
    action = refund_action(order, items, rule)
    meant = refunded_items(order, items, rule)
    named = {"items": ", ".join(item.title for item in meant)}
    asked = case.asks("confirm", "ask.confirm_refund")
    preview = topic(
        case, asked if rule.goods_back else "ask.confirm_refund_at_once", order,
        business_days=days, **named, **refund_of(order, items, rule).told(),
    )  # fmt: skip
    told = about(order, preview)
    kept = replace(told, slots=told.slots | {"wish": "refund", "items": ",".join(item.sku for item in items)})
    return propose(case, kept, action, verdict, {item.sku: item.title for item in meant})


def _not_refunded(case: Case, order: Order, items: tuple[OrderItem, ...], verdict: Verdict) -> Outcome:
    """What is not packed yet is cancelled instead: of the order what is meant of it."""
    if verdict.goal == "refund.not_packed":
        instead = cancelled_instead(case, order, items)
        kept = {"wish": "refund", "items": ",".join(item.sku for item in items)}
        return replace(instead, slots=instead.slots | kept)
    days = case.policy.refund_business_days
    return about(order, topic(case, verdict.goal, order, business_days=days))


def _to_refund(case: Case, order: Order) -> tuple[OrderItem, ...]:
    """The items this wish names, here or before its order was asked for; empty: the whole order."""
    if case.state.open_slot == "confirm" and not says_all(case.text):
        named = named_items(case.reader.search_words(case.text, language=case.language), order)
        offered = _remembered(case, order)
        # Who says why the one thing of an order does not fit means the whole of it as before.
        return named if named and (offered or len(named) < len(order.items)) else offered
    asked_for_order = case.state.open_slot and case.state.slots.get("wish") == "refund"
    earlier = [said.text for said in case.state.history if said.who == "customer"][-2:]
    text = " ".join([*(earlier if asked_for_order else ()), case.text])
    items = named_items(case.reader.search_words(text, language=case.language), order)
    return () if says_all(text) and len(items) < 2 else items


async def policy(case: Case) -> Outcome:
    """Quoted from the knowledge base; a payment service that it does not name is not known to be taken."""
    told, service = quoted(case), service_asked(case.text)
    payable = quoted(case, only=_PAY_WITH[case.language]) if service or ways_to_pay(case.text) else told
    if not service:  # a word like "card" stands on pages of refunds, too
        return told if payable.gap else payable
    if any(service in folded(passage.text).replace(" ", "") for passage in told.passages):
        return told
    unknown = topic(case, "unknown.question", question=case.text.strip("¿¡?! "))
    return payable if payable.gap else replace(payable, topics=(unknown, *payable.topics), missed=case.text)


async def complaint(case: Case) -> Outcome:
    """Acknowledged; with an order number the order is looked at too."""
    heard = topic(case, "complaint.ack")
    if case.entity("order_number"):
        order = await find_order(case)
        if isinstance(order, Order):
            return about(order, heard, topic(case, f"order_status.{order.status}", order))
        return Outcome(topics=(heard, *order.topics), slot=order.slot, slots=order.slots)
    said = quoted(case)
    return Outcome(topics=(heard, *(() if said.gap else said.topics)), passages=said.passages)


async def feedback(case: Case) -> Outcome:
    """Thanked."""
    return Outcome(topics=(topic(case, "feedback.thanks"),))


async def general(case: Case) -> Outcome:
    """Small talk is answered as such, everything else from the knowledge base."""
    said, talk = folded(case.text), small_talk(case.text)
    if case.state.person_offered and (talk == "yes_or_no" or said in phrases.YES):
        yes = said_yes(case.text)
        declined = (topic(case, "action.declined"),)
        return Outcome(hand_over="asked_for_person") if yes else Outcome(topics=declined)
    if goal := goal_of(case, talk):
        ours = goal == "language.ours"
        return Outcome(topics=(topic(case, goal),), offers_person=ours, plain=goal in OWN_WORDS)
    if len(said.split()) <= 6 and any(said.startswith(word) for word in phrases.THANKS):
        return Outcome(topics=(topic(case, "thanks"),))
    if asks_about_bot(case.text):
        return Outcome(topics=(topic(case, "about_bot"),))
    answer = quoted(case)
    if answer.gap and only_asks(case.text):
        return Outcome(topics=(topic(case, goal_of_nothing(case)),))
    return (await property_of(case) or answer) if answer.gap else answer


async def person(_: Case) -> Outcome:
    """A person was asked for."""
    return Outcome(hand_over="asked_for_person")


async def out_of_scope(case: Case) -> Outcome:
    """Not ours; a word or two may be the beginning of anything."""
    few = len(folded(case.text).split()) <= _FEW_WORDS
    return Outcome(topics=(topic(case, goal_of_nothing(case) if few else "out_of_scope"),))


def told_of(action: Action, receipt: Receipt) -> dict[str, str]:
    """What a sentence about a finished action may name."""
    values = {
        "number": action.order_number,
        "reference": receipt.reference,
        "label": receipt.label,
    }
    match action:
        case Refund() | StoreCredit() | Return() if action.amount:
            values["amount"] = f"{action.amount} {action.currency}".strip()
        case ChangeAddress():
            values["address"] = action.address
        case CorrectLoyalty():
            values["points"] = str(abs(action.points))
    return {name: value for name, value in values.items() if value}


def done(action: Action, receipt: Receipt, intent: Intent, values: dict[str, str]) -> Topic:
    """What is said after an action was carried out, or refused by the shop.

    The shop's own words for a refusal are for staff: customers hear its kind, in their language.
    """
    if receipt.status != "done":
        known = receipt.why not in {"", "by_hand", "other"} and (
            action.order_number or receipt.why == "account"
        )
        goal = f"action.refused.{receipt.why}" if known else "action.refused"
        return Topic(goal=goal, intent=intent, values=values)
    kind: str = receipt.kind
    match action:
        case Newsletter():
            kind = f"{kind}.{action.wish}"
        case Refund() if receipt.kind == "return":
            kind = "refund_back"
        case Refund() if action.of_return:
            kind = "refund_paid"
        case Cancel() if action.items:
            kind = "cancel_part"
    return Topic(goal=f"action.{kind}.done", intent=intent, values=values)


def _choice_text(case: Case) -> str:
    """Where the items may be named: here, or in what was said since the return was asked for."""
    earlier = [said.text for said in case.state.history[-6:] if said.who == "customer"]
    text = case.text if case.state.open_slot == "item" else " ".join([*earlier[-2:], case.text])
    return case.items_said(text)


FLOWS: Mapping[str, Flow] = {
    "order_status": order_status,
    "refund": refund,
    "return": send_back,
    "exchange": exchange,
    "cancel": cancel,
    "order_change": order_change,
    "product": product,
    "policy": policy,
    "subscription": subscription,
    "complaint": complaint,
    "feedback": feedback,
    "general": general,
    "person": person,
    "out_of_scope": out_of_scope,
}
