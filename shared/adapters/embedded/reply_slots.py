"""Fills the slots of a topic with what was found, each with the facts it came from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.adapters.embedded.phrasing import listed, money, spoken
from shared.adapters.embedded.product_variants import picked
from shared.contracts import Fact, Language, Sentence, Topic, WriteReply

_LATE = "order_status.delayed"
_LISTS = {"items", "item", "options"}
_NUMBERED = re.compile(r"#([\w-]+)(?: \(([^)]*)\))?")
# A variant as `Product.facts` states it: "Moss 249.00 USD 18".
_VARIANT = re.compile(r"(?P<title>.+) (?P<price>\d+(?:\.\d+)?) (?P<currency>[A-Z]{3}) (?P<stock>-?\d+)")
# More variants than this are not told one by one.
_MOST_VARIANTS = 6


@dataclass(frozen=True)
class Slot:
    """A piece of text for a template, and the ids of the facts it rests on."""

    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Offer:
    """One variant of a product."""

    fact: str
    title: str
    price: str
    stock: int


def slots_of(topic: Topic, ask: WriteReply, *, today: date) -> dict[str, Slot]:
    """Every slot that can be filled, by name; facts win over values of the same name."""
    facts = {fact.id: fact for fact in ask.facts}
    filled: dict[str, Slot] = {}
    for name, value in topic.values.items():
        if text := spoken(name, value, ask.language, today=today):
            filled[name] = Slot(text, _backing(name, value, topic, ask.facts))
    for name, fact_id in topic.facts.items():
        if fact_id in facts and (text := spoken(name, facts[fact_id].value, ask.language, today=today)):
            filled[name] = Slot(text, (fact_id,))
    expected = facts.get(topic.facts.get("expected_on", ""))
    overdue = expected is not None and expected.value[:10] < today.isoformat()
    if overdue and "expected_on" in filled and topic.goal != _LATE:
        # The day has passed without a delivery: the sentence says so instead of promising it.
        filled["overdue_on"] = filled.pop("expected_on")
    if topic.goal.startswith("product."):
        filled.update(_product(topic, ask))
    return filled


def with_state(sentence: Sentence, topic: Topic, ask: WriteReply) -> Sentence:
    """A sentence that names an order also rests on the order's state, which the goal puts into words."""
    state = topic.facts.get("payment" if topic.goal.startswith("refund_status.") else "status", "")
    number = f"{state.split('/')[0]}/number"
    if number not in sentence.sources or state in sentence.sources or state not in {f.id for f in ask.facts}:
        return sentence
    return Sentence(text=sentence.text, sources=(*sentence.sources, state))


def product_handle(topic: Topic) -> str:
    """The product a topic speaks of, from its fact ids; empty when there is none."""
    ids = (fact_id for fact_id in topic.facts.values() if fact_id.startswith("product:"))
    return next((fact_id.removeprefix("product:").split("/")[0] for fact_id in ids), "")


def _backing(name: str, value: str, topic: Topic, facts: Sequence[Fact]) -> tuple[str, ...]:
    """The facts a literal repeats, so that a sentence with it can be checked like any other.

    What an action has done rests on its receipt: facts read before it would contradict it.
    """
    if topic.goal.startswith("action."):
        return ()
    orders = {fact_id.split("/")[0] for fact_id in topic.facts.values() if fact_id.startswith("order:")}
    if name in _LISTS:
        return _items(value.split(", "), facts, orders)
    if name == "orders":
        found: list[str] = []
        for number, items in _NUMBERED.findall(value):
            found += [fact.id for fact in facts if fact.id == f"order:{number}/number"]
            found += _items(items.split(", "), facts, {f"order:{number}"})
        return tuple(found)
    same = [fact.id for fact in facts if fact.id.startswith("order:") and fact.value == value]
    return tuple(same[:1])


def _items(names: Sequence[str], facts: Sequence[Fact], orders: set[str]) -> tuple[str, ...]:
    """The order lines that name these items; of any order when none is known."""
    return tuple(
        fact.id
        for fact in facts
        if "/items/" in fact.id
        and (not orders or fact.id.split("/")[0] in orders)
        and any(name and f" x {name} " in f"{fact.value} " for name in names)
    )


def _product(topic: Topic, ask: WriteReply) -> Mapping[str, Slot]:
    """Price and availability over all variants, or over those the customer names."""
    handle = product_handle(topic)
    offers = _offers(handle, ask.facts)
    title = next((fact.value for fact in ask.facts if fact.id == f"product:{handle}/title"), "")
    named = picked(ask.text, title, [offer.title for offer in offers])
    if not offers:
        return {}
    every = tuple(offer.fact for offer in offers)
    if named.missing:
        versions = Slot(listed([offer.title for offer in offers], ask.language), every)
        return {
            **_prices(offers, ask.language),
            "missing": Slot(named.missing, every),
            "versions": versions,
        }
    meant = [offers[place] for place in named.places] or offers
    return {**_prices(meant, ask.language), **_stock(meant, ask.language, told=bool(named.places))}


def _offers(handle: str, facts: Sequence[Fact]) -> list[_Offer]:
    found: list[_Offer] = []
    for fact in facts:
        match = _VARIANT.fullmatch(fact.value)
        name = fact.id.removeprefix(f"product:{handle}/")
        if match is None or name == fact.id or name in {"title", "description"}:
            continue
        price = f"{match['price']} {match['currency']}"
        found.append(_Offer(fact.id, match["title"], price, int(match["stock"])))
    return found


def _prices(offers: Sequence[_Offer], language: Language) -> dict[str, Slot]:
    low = min(offers, key=lambda offer: Decimal(offer.price.split()[0]))
    high = max(offers, key=lambda offer: Decimal(offer.price.split()[0]))
    if low.price == high.price:
        return {"price": Slot(money(low.price, language), (low.fact,))}
    return {
        # Not one price: a sentence with {price} must not be written.
        "price": Slot(""),
        "price_from": Slot(money(low.price, language), (low.fact,)),
        "price_to": Slot(money(high.price, language), (high.fact,)),
    }


def _stock(offers: Sequence[_Offer], language: Language, *, told: bool) -> dict[str, Slot]:
    """`in_stock` and `sold_out` name variants; they stay empty when a plain yes or no says it all."""
    here = [offer for offer in offers if offer.stock > 0]
    gone = [offer for offer in offers if offer.stock <= 0]
    every = tuple(offer.fact for offer in offers)
    state = "all" if not gone else "some" if here else "none"
    slots = {"availability": Slot(state, every)}
    few = len(offers) <= _MOST_VARIANTS and (len(offers) > 1 or told)
    for name, group in (("in_stock", here), ("sold_out", gone)):
        if group and few:
            titles = listed([offer.title for offer in group], language)
            slots[name] = Slot(titles, tuple(offer.fact for offer in group))
    if here and len(here) <= _MOST_VARIANTS:
        counts = listed([f"{offer.title} ({offer.stock})" for offer in here], language)
        slots["counts"] = Slot(counts, tuple(offer.fact for offer in here))
    return slots
