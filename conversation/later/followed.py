"""What the bot itself tells of later: an order that ships or arrives, stock, a reminder; or no longer."""

from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import structs

from conversation.memory import short
from conversation.planning.choosing import named_variant
from conversation.planning.meaning import sure
from conversation.planning.orders import find_order
from conversation.planning.products import read
from conversation.planning.saying import about, topic
from conversation.turn import Case, Outcome
from conversation.words.followed_words import Followed, reminded_of
from conversation.words.moments import read_reminder
from conversation.words.replies import folded, said_no
from shared.contracts import BOT, FOLLOWED, Order, Product, Task, TaskKind, Topic, Variant
from shared.routing.queues import house

LOOK_AGAIN_SECONDS = 86_400.0
"""The shop tells of shipments and stock; once a day the bot looks by itself, should it ever not."""
_LONGEST = 1500
"""Characters of the customer's words in a task."""
_LONGEST_ABOUT = 120
_NOT_SENT = {"unfulfilled", "on_hold"}
_NOT_THERE = _NOT_SENT | {"partially_shipped", "shipped", "out_for_delivery", "delayed"}
_SLOTS: Mapping[str, str] = {
    "tell_when_shipped": "order_number", "tell_when_delivered": "order_number",
    "tell_when_in_stock": "watched", "remind": "remind_time",
}  # fmt: skip
_MOST_OPTIONS = 8
_SHORT_ANSWER = 6
"""Words up to which a message answers what was asked, unless it plainly is another matter."""


def goes_on(case: Case, *, zone: ZoneInfo) -> Followed | None:
    """The wish that was begun before and that this message completes; None when it is of another matter."""
    waiting, slot = case.state.slots.get("wish"), case.state.open_slot
    if not waiting or not slot or _SLOTS.get(waiting) != slot:
        return None
    if waiting == "remind":
        timed = read_reminder(case.text, now=case.now, zone=zone) is not None
        return "remind" if timed or said_no(case.text) or _may_answer(case) else None
    if waiting == "tell_when_in_stock":
        return "tell_when_in_stock" if _may_answer(case) or case.playbook.flow == "product" else None
    named = case.entity("order_number") or case.tokens()
    if not named:
        return None
    return "tell_when_shipped" if waiting == "tell_when_shipped" else "tell_when_delivered"


def _may_answer(case: Case) -> bool:
    return (
        len(case.text.split()) <= _SHORT_ANSWER
        and "?" not in case.text
        and not (sure(case) and case.playbook.flow == "person")
    )


def task_of(case: Case, **values: object) -> Task:
    """A task about this conversation; the same turn makes the same one, however often it is replayed."""
    return Task(
        id=f"t-{case.turn.turn_id}"[:80],
        created_by=BOT,
        created_at=case.turn.accepted_at,
        zone=house().calendar.zone,
        conversation_id=case.turn.conversation_id,
        customer=case.turn.customer or case.state.customer,
        **values,  # type: ignore[arg-type]
    )


def shown(at: float, zone: ZoneInfo) -> str:
    """The moment as replies take it, on the wall clock of the house."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec="minutes")


async def _shipped(case: Case) -> Outcome:
    return await _of_order(case, "tell_when_shipped", _NOT_SENT, "follow_up.will_tell")


async def _delivered(case: Case) -> Outcome:
    return await _of_order(case, "tell_when_delivered", _NOT_THERE, "follow_up.will_tell_delivered")


async def _of_order(case: Case, kind: TaskKind, waiting: AbstractSet[str], goal: str) -> Outcome:
    """Where the order stands when it is so far already; else a task, and how it will be told."""
    order = await _which_order(case, waiting)
    if isinstance(order, Outcome):
        return replace(order, slots=order.slots | {"wish": kind})
    items = ", ".join(item.title for item in order.items)
    if order.status not in waiting:
        told = about(order, topic(case, f"order_status.{order.status}", order, items=items))
        return replace(told, slots=told.slots | {"wish": ""})
    told = about(order, topic(case, goal, order, items=items))
    task = _watch(case, kind, order_number=order.number)
    return replace(told, slots=told.slots | {"wish": ""}, task=task, plain=True)


async def _which_order(case: Case, waiting: AbstractSet[str]) -> Order | Outcome:
    """The order named or spoken of; of a customer's several, the only one of which there is news to come."""
    if case.signed_in and not (case.entity("order_number") or case.state.slots.get("order_number")):
        orders = (await case.fetch("orders")).orders
        to_come = [order for order in orders if order.status in waiting]
        if len(to_come) == 1:
            return to_come[0]
    return await find_order(case)


async def _in_stock(case: Case) -> Outcome:
    product = await _which_product(case)
    if product is None:
        asked = topic(case, "ask.watched_product")
        return Outcome(topics=(asked,), slot="watched", slots={"wish": "tell_when_in_stock"}, plain=True)
    spoken_of = {"product": product.title}
    sold_out = [each for each in product.variants if not each.in_stock]
    named = named_variant(case.text, case.classified.entities, product)
    found = named or (sold_out[0] if len(sold_out) == 1 else None)
    if named is None and len(sold_out) > 1:
        options = ", ".join(each.title for each in sold_out[:_MOST_OPTIONS])
        asked = structs.replace(
            _of_product(case, "ask.watched_variant", product), values={"options": options}
        )
        slots = spoken_of | {"wish": "tell_when_in_stock"}
        return Outcome(topics=(asked,), facts=product.facts(), slot="watched", slots=slots, plain=True)
    done = spoken_of | {"wish": ""}
    if found is None or found.in_stock or not found.item:
        # There already; or nothing tells when it comes back, and nothing is promised.
        goal = "follow_up.not_watched" if found and not found.in_stock else "follow_up.in_stock_now"
        there = found or next((each for each in product.variants if each.in_stock), None)
        told = _of_product(case, goal, product, there)
        return Outcome(topics=(told,), facts=product.facts(), slots=done, plain=True)
    told = _of_product(case, "follow_up.will_tell_stock", product, found)
    task = _watch(case, "tell_when_in_stock", item=found.item)
    return Outcome(topics=(told,), facts=product.facts(), slots=done, task=task, plain=True)


async def _which_product(case: Case) -> Product | None:
    """The product these words name, or the one spoken of before."""
    reading = await read(case)
    said = folded(case.text)
    named = [each for each in reading.products if _names(said, each)]
    if len(named) == 1:
        return named[0]
    spoken_of = case.state.slots.get("product", "")
    known = (*reading.products, *(case.products or ()))
    before = next((each for each in known if each.title == spoken_of), None) if spoken_of else None
    if before is not None and not named:
        return before
    if reading.name and len(reading.products) == 1:
        return reading.products[0]
    return named[0] if reading.own_name and named else None


def _names(said: str, product: Product) -> bool:
    words = [word for word in folded(product.title).split() if len(word) > 1]
    return bool(words) and sum(f" {word} " in f" {said} " for word in words) * 2 >= len(words)


def _of_product(case: Case, goal: str, product: Product, variant: Variant | None = None) -> Topic:
    several = variant is not None and len(product.variants) > 1
    values = {"variant": variant.title} if variant and several else {}
    return structs.replace(topic(case, goal), values=values, facts={"title": product.facts()[0].id})


async def _remind(case: Case) -> Outcome:
    zone = house().zone
    before = case.state.slots if case.state.open_slot == "remind_time" else {}
    if before and said_no(case.text):
        return Outcome(topics=(topic(case, "action.declined"),), slots=_forgotten(), plain=True)
    what = reminded_of(case.text) or before.get("remind_about", "")
    at = read_reminder(case.text, now=case.now, zone=zone)
    if at is None:
        if before:  # asked once is enough: nothing is promised
            return Outcome(topics=(topic(case, "follow_up.no_time"),), slots=_forgotten(), plain=True)
        kept = {
            "wish": "remind",
            "remind_about": short(what, _LONGEST_ABOUT),
            "remind_words": case.text[:_LONGEST],
        }
        asked = topic(case, "ask.remind_time")
        return Outcome(topics=(asked,), slot="remind_time", slots=kept, plain=True)
    words = short(f"{before.get('remind_words', '')} {case.text}".strip(), _LONGEST)
    task = task_of(
        case, kind="remind_customer", title=words, note=short(what, _LONGEST_ABOUT), due_at=at, assignee=BOT
    )
    told = topic(case, "follow_up.will_remind", due=shown(at, zone))
    return Outcome(topics=(told,), slots=_forgotten(), task=task, plain=True)


async def _stop(case: Case) -> Outcome:
    """All that the bot was to tell of here; only of an order, when one is named."""
    told = topic(case, "follow_up.stopped")
    number = case.entity("order_number")
    return Outcome(topics=(told,), slots=_forgotten(), drop=FOLLOWED, drop_order=number, plain=True)


def _watch(case: Case, kind: TaskKind, **values: str) -> Task:
    return task_of(
        case,
        kind=kind,
        title=short(case.text, _LONGEST),
        due_at=case.now + LOOK_AGAIN_SECONDS,
        assignee=BOT,
        **values,
    )


def _forgotten() -> dict[str, str]:
    return {"wish": "", "remind_about": "", "remind_words": ""}


FOLLOWED_FLOWS: dict[Followed, Callable[[Case], Awaitable[Outcome]]] = {
    "tell_when_shipped": _shipped,
    "tell_when_delivered": _delivered,
    "tell_when_in_stock": _in_stock,
    "remind": _remind,
    "stop_telling": _stop,
}
