"""Puts together what a person needs to take a conversation over, and what they should do first."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from msgspec import structs

from shared.contracts import ActionNeeded, NextAction, Packet, Refund, RequestPerson, StoreCredit
from shared.hand_over.orders import order_of, values_of
from shared.hand_over.rendering import render

DEFECT_DAYS = 14
"""Since delivery, in which a defect needs no photos (`defects.defect_report_days`; a test compares)."""

_FIRST: Mapping[str, tuple[ActionNeeded, str]] = {
    "self_harm": ("be_there", "self_harm"),
    "safety": ("check_safety", "hurt"),
    "legal_threat": ("handle_legal", "legal"),
    "hardship": ("show_care", "hardship"),
    "fraud": ("secure_account", "fraud"),
    "strong_negative": ("call_back", "upset"),
    "third_contact": ("settle_open_matter", "third_contact"),
    "refund_limit": ("approve_refund", "over_limit"),
    "order_change": ("change_order", "not_shipped"),
    "wholesale": ("make_offer", "wholesale"),
    "shop_down": ("look_up_order", "shop_down"),
    "not_allowed": ("review_action", "not_allowed"),
    "approval": ("review_action", "not_allowed"),
    "action_failed": ("review_action", "action_failed"),
    "rejected_drafts": ("answer_question", "rejected_drafts"),
    "engine_down": ("answer_question", "machine_down"),
    "critic_down": ("answer_question", "machine_down"),
    "unclear": ("answer_question", "unclear"),
    "taken_over": ("answer_question", "taken_over"),
}
_SHORT_NAME = 4
_WANTS_CALL = re.compile(
    r"\b(?:call|phone|ring) (?:me|us)\b|\bcall ?back\b|\br?appel(?:ez|le|er)\b.{0,12}\b(?:moi|nous)\b"
    r"|\bm'appel|\bme r?appel|\bll[aá]m(?:en|e|a)me\b|\bme llam",
    re.IGNORECASE,
)


def packet_of(ask: RequestPerson, *, now: float) -> Packet:
    """The packet of a request; `now` in seconds since 1970 decides what is within its days."""
    packet = Packet(
        summary="",
        facts=ask.facts,
        tried=(),
        promised=ask.promised,
        suggested_reply=" ".join(sentence.text for sentence in ask.suggested),
        sentiment=ask.sentiment.label if ask.sentiment else "neutral",
        language=ask.language,
        reason=ask.reason,
        intent=ask.intent,
        first_name=ask.first_name,
        identity=ask.identity,
        words=ask.words,
        sources=ask.sources,
        steps=ask.steps,
        suggested=ask.suggested,
        next_action=next_action(ask, today=datetime.fromtimestamp(now, UTC).date()),
    )
    note = render(packet, "en")
    return structs.replace(packet, summary=" ".join(note.summary), tried=note.tried)


def next_action(ask: RequestPerson, *, today: date) -> NextAction:
    """What to do first, by the reason and by what the shop knows of the order."""
    number = _order(ask)
    known = values_of(ask.facts, number)
    delivered = known.get("delivered_on", "")
    kind, why, on = _first(ask, delivered=delivered, today=today)
    wish = ask.wish if isinstance(ask.wish, Refund | StoreCredit) else None
    wished = f"{wish.amount} {wish.currency}".strip() if wish else ""
    return NextAction(kind=kind, why=why, order_number=number, amount=wished or known.get("total", ""), on=on)


def _first(ask: RequestPerson, *, delivered: str, today: date) -> tuple[ActionNeeded, str, str]:
    if ask.reason == "missing_delivery":
        return "call_carrier", "marked_delivered" if delivered else "not_arrived", delivered
    if ask.reason == "defect":
        if not delivered:
            return "check_photos", "defect_undated", ""
        in_time = (today - date.fromisoformat(delivered[:10])).days <= DEFECT_DAYS
        return ("replace_or_refund", "defect_in_time", delivered) if in_time else (
            "check_photos", "defect_late", delivered,
        )  # fmt: skip
    if ask.reason in _FIRST:
        return *_FIRST[ask.reason], ""
    if _WANTS_CALL.search(ask.text):
        return "call_back", "wants_call", ""
    return "answer_question", "asked", ""


def _order(ask: RequestPerson) -> str:
    """The order this is about: the action's, the one the shop told us of, or the one the customer named."""
    if ask.wish is not None:
        return ask.wish.order_number
    told = list(dict.fromkeys(number for fact in ask.facts if (number := order_of(fact))))
    named = [quote.text for quote in ask.words if quote.of == "order_number"]
    if ask.reason == "safety" and len(told) > 1 and not named:
        return _with_named_item(ask, told)
    return next((number for number in named if number in told), next(iter((*told, *named)), ""))


def _with_named_item(ask: RequestPerson, orders: Sequence[str]) -> str:
    """The one order with a thing that the customer names and no other order has; empty for none or several.

    Whoever calls about an injury must not ask about another thing than the one that did it.
    """
    items = {number: _names(" ".join(_items(ask, number))) for number in orders}
    said = _names(ask.text)
    named = []
    for number, names in items.items():
        others = set[str]().union(*(items[other] for other in orders if other != number))
        if said & (names - others):
            named.append(number)
    return named[0] if len(named) == 1 else ""


def _items(ask: RequestPerson, number: str) -> list[str]:
    return [fact.value for fact in ask.facts if order_of(fact) == number and "/items/" in fact.id]


def _names(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return {word.removesuffix("s") for word in words if len(word) >= _SHORT_NAME}
