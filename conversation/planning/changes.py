"""The flows that change something at the shop for another thing: exchange, order change, newsletter."""

from dataclasses import replace

from conversation.planning.choosing import other_variant, stays
from conversation.planning.orders import find_order
from conversation.planning.proposing import propose
from conversation.planning.saying import about, quoted, topic
from conversation.rules.policy import OPEN, Verdict, may_change, may_exchange, may_newsletter
from conversation.turn import Case, Outcome
from conversation.words import phrases
from conversation.words.agreeing import asks, names_deed, part_about
from conversation.words.replies import begins_with_yes, chosen_items, folded, leans_back, said_no
from conversation.words.wishes import asks_rule_only, is_question, newsletter_wish
from shared.contracts import (
    AddressPart,
    AddressRead,
    ChangeAddress,
    ChangeItem,
    Exchange,
    Newsletter,
    Order,
    OrderItem,
    Variant,
)

_SHORT = 6
"""Words of an answer that may be a part of an address without looking like one: "Paris"."""
_LACKS: dict[tuple[AddressPart, ...], str] = {
    ("postal_code",): "ask.address_code",
    ("town",): "ask.address_town",
    ("postal_code", "town"): "ask.address_code_town",
}


async def exchange(case: Case) -> Outcome:
    """Another size, color or item for one that was delivered; without an order the rule is told."""
    said = quoted(case)
    told = (
        said
        if said.gap
        else Outcome(topics=(topic(case, "exchange.how"), *said.topics), passages=said.passages)
    )
    if asks_rule_only(case) or not (_order_named(case) or _wished_of_own(case)):
        return told
    order = await find_order(case)
    if isinstance(order, Outcome):
        return order
    if order.status in OPEN and (item := _item(case, order)) is not None:
        return await _swap(case, order, item)  # nothing has to be sent back
    changed = await _exchanged(case, order)
    if changed.slot != "variant" or not is_question(case.text):
        return changed
    # Who asks whether they may hears the rule too; the question comes last.
    return replace(changed, topics=(*told.topics, *changed.topics), passages=told.passages)


async def _exchanged(case: Case, order: Order) -> Outcome:
    verdict = may_exchange(order, None, None, policy=case.policy, today=case.today)
    if refused := stays(case, order, verdict):
        return refused
    item = _item(case, order)
    if item is None:
        return _which_item(case, order)
    asked = await _wanted(case, order, item)
    if isinstance(asked, Outcome):
        return asked
    verdict = may_exchange(order, item, asked, policy=case.policy, today=case.today)
    action = Exchange(
        order_number=order.number,
        item=item.sku,
        wanted=asked.sku,
        quantity=item.quantity,
        reason=case.reason,
        label=case.policy.actions["exchange"].label,
    )
    preview = topic(
        case, _asks(case, "exchange", "ask.confirm_exchange"), order,
        item=_form(item.title, item.variant), wanted=_form(item.title, asked.title),
    )  # fmt: skip
    kept = _kept(about(order, preview), item=item.sku, variant=asked.sku)
    return propose(case, kept, action, verdict, _titles(item, asked))


async def order_change(case: Case) -> Outcome:
    """An order of which nothing is packed: its address or an item; whatever else it is, a person does."""
    order = await find_order(case)
    if isinstance(order, Outcome):
        given = {"address": _written(case)} if case.signed_in else {}
        return replace(order, slots=order.slots | _wish(case) | given)
    wish = _wish(case).get("change") or case.state.slots.get("change", "")
    if order.status not in OPEN:
        return await _too_late(case, order, wish)
    if wish == "address":
        return await _address(case, order)
    if wish == "item" and (item := _item(case, order)) is not None:
        return await _swap(case, order, item)
    told = about(order, topic(case, "change.handed", order))
    return Outcome(hand_over="order_change", facts=told.facts, slots=told.slots, proved=told.proved)


async def _too_late(case: Case, order: Order, wish: str) -> Outcome:
    """What is delivered is not changed but exchanged."""
    if wish == "item" and order.delivered_on:
        return await _exchanged(case, order)
    goal = "cancel.already" if order.status == "cancelled" else "change.too_late"
    return about(order, topic(case, goal, order))


async def _address(case: Case, order: Order) -> Outcome:
    verdict = may_change("address", order, policy=case.policy, signed_in=case.signed_in)
    if verdict.decision in {"no", "proof"}:
        return _refused(case, order, verdict)
    written = _written(case)
    kept = case.state.slots.get("address", "")
    if not (written or kept):
        asked = about(order, topic(case, case.asks("address", "ask.address"), order))
        return replace(_kept(asked, change="address"), slot="address")
    read = await _read(case, order, written, kept)
    if read.abroad:
        # What a parcel abroad costs, and whether it may go there, a person finds out.
        told = about(order)
        return Outcome(hand_over="order_change", facts=told.facts, slots=told.slots, proved=told.proved)
    if read.missing:
        goal = _LACKS.get(read.missing, "ask.address_street")
        asked = about(order, topic(case, goal, order, address=read.text))
        return replace(_kept(asked, change="address", address=read.text), slot="address")
    preview = topic(case, _asks(case, "order_change", "ask.confirm_address"), order, address=read.text)
    action = ChangeAddress(order_number=order.number, address=read.text)
    return propose(case, _kept(about(order, preview), change="address", address=read.text), action, verdict)


def _written(case: Case) -> str:
    """The address in these words: all of a plain answer, else from the first personal value to the last."""
    small = said_no(case.text) or begins_with_yes(case.text)
    answers = case.state.open_slot == "address" and not asks(case.text) and not small
    if answers and len(case.text.split()) <= _SHORT:
        return case.text
    tokens = case.tokens()
    if not tokens:
        return ""
    start, end = case.text.find(tokens[0]), case.text.rfind(tokens[-1])
    return case.text[start : end + len(tokens[-1])]


async def _read(case: Case, order: Order, written: str, kept: str) -> AddressRead:
    """What the shop makes of the new words, by themselves or together with those before."""
    tries = [text for text in (written, f"{kept}, {written}" if kept and written else kept) if text]
    read = AddressRead(text=tries[-1])
    for text in tries:
        found = (await case.fetch("address", order_number=order.number, address=text)).address
        read = found or AddressRead(text=text)
        if read.abroad or not read.missing:
            break
    return read


async def _swap(case: Case, order: Order, item: OrderItem) -> Outcome:
    asked = await _wanted(case, order, item)
    if isinstance(asked, Outcome):
        return _kept(asked, change="item")
    verdict = may_change("item", order, policy=case.policy, signed_in=case.signed_in, item=item, wanted=asked)
    if verdict.decision in {"no", "proof"}:
        return _refused(case, order, verdict)
    preview = topic(
        case, "ask.confirm_item", order,
        item=_form(item.title, item.variant), wanted=_form(item.title, asked.title),
    )  # fmt: skip
    action = ChangeItem(order_number=order.number, item=item.sku, wanted=asked.sku)
    kept = _kept(about(order, preview), change="item", item=item.sku, variant=asked.sku)
    return propose(case, kept, action, verdict, _titles(item, asked))


async def subscription(case: Case) -> Outcome:
    """The newsletter is turned on and off here; everything else about subscriptions is quoted."""
    offered = case.state.pending_action if case.state.open_slot == "confirm" else None
    wish = newsletter_wish(case.text) or (offered.wish if isinstance(offered, Newsletter) else "")
    if not wish:
        return quoted(case)
    verdict = may_newsletter(policy=case.policy, signed_in=case.signed_in)
    if verdict.decision == "proof":
        return Outcome(topics=(topic(case, verdict.goal),))
    action = Newsletter(wish=wish)
    asked = Outcome(topics=(topic(case, f"ask.confirm_{action.wish}"),))
    return propose(case, asked, action, verdict)


async def _wanted(case: Case, order: Order, item: OrderItem) -> Variant | Outcome:
    """What is wanted instead: named now, or remembered; else the question, with what there is."""
    found = (await case.fetch("products", product_query=item.title)).products
    product = next((one for one in found if folded(one.title) == folded(item.title)), None)
    variants = product.variants if product else ()
    named = other_variant(case.text, case.classified.entities, item, variants)
    kept = case.state.slots.get("variant", "")
    wanted = named or next((one for one in variants if one.sku == kept), None)
    if wanted is not None and wanted.in_stock >= item.quantity:
        return wanted
    there = [one.title for one in variants if one.sku != item.sku and one.in_stock >= item.quantity]
    if not there:
        return _kept(about(order, topic(case, "variant.none", order, item=item.title)), item=item.sku)
    gone = (topic(case, "variant.sold_out", wanted=_form(item.title, wanted.title)),) if wanted else ()
    ask = topic(case, case.asks("variant", "ask.variant"), item=item.title, options=", ".join(there))
    return replace(_kept(about(order, *gone, ask), item=item.sku), slot="variant")


def _wished_of_own(case: Case) -> bool:
    """A wish, not a question, of who is signed in: which order it is can be found out."""
    return case.signed_in and not is_question(case.text) and names_deed("exchange", case.text)


def _asks(case: Case, flow: str, otherwise: str) -> str:
    """How the yes is asked for: as the playbook says, where it is the playbook of this flow."""
    return case.asks("confirm", otherwise) if case.playbook.flow == flow else otherwise


def _order_named(case: Case) -> bool:
    """An order is spoken of; a rule is asked for without one."""
    same = case.need.intent.value in {case.state.open_intent, case.state.last_intent}
    goes_on = same or leans_back(case.text) or not is_question(case.text) or _names_form(case)
    return bool(case.entity("order_number") or (goes_on and case.state.slots.get("order_number")))


def _item(case: Case, order: Order) -> OrderItem | None:
    """The one item that is meant: named now, or remembered."""
    # What was to be returned or refunded is what is to be exchanged instead.
    spoken_of = case.state.slots.get("item") or case.state.slots.get("items", "")
    kept = next((one for one in order.items if one.sku == spoken_of), None)
    named = chosen_items(case.items_said(part_about("exchange", case.text)), order)
    return named[0] if len(named) == 1 else kept


def _which_item(case: Case, order: Order) -> Outcome:
    options = ", ".join(item.title for item in order.items if item.returnable)
    return replace(
        about(order, topic(case, case.asks("item", "ask.item"), order, items=options)), slot="item"
    )


def _wish(case: Case) -> dict[str, str]:
    """Whether the address or an item is to be changed, as far as the words tell."""
    said = f" {folded(case.text)} "
    if any(f" {word} " in said for word in phrases.ADDRESS):
        return {"change": "address"}
    if any(f" {word} " in said for word in phrases.SHIPPING_METHOD):
        return {}
    return {"change": "item"} if _names_form(case) else {}


def _names_form(case: Case) -> bool:
    """Whether another size, color or form is spoken of."""
    sized = case.entity("size") or case.entity("color")
    said = f" {folded(case.text)} "
    return bool(sized) or any(f" {word} " in said for word in phrases.OTHER_FORM)


def _refused(case: Case, order: Order, verdict: Verdict) -> Outcome:
    told = about(order, topic(case, verdict.goal, order))
    return replace(told, offers_person=verdict.decision == "proof")


def _kept(outcome: Outcome, **slots: str) -> Outcome:
    return replace(outcome, slots=outcome.slots | slots)


def _titles(item: OrderItem, wanted: Variant) -> dict[str, str]:
    return {item.sku: _form(item.title, item.variant), wanted.sku: _form(item.title, wanted.title)}


def _form(title: str, variant: str) -> str:
    return f"{title} {variant}".strip()
