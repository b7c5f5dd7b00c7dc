"""Answers a question about products: from where it is told, or plainly that it is told nowhere."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from conversation.planning.comparing import compared
from conversation.planning.pages import facts_of, page_of, title_of, told_of
from conversation.planning.saying import quoted, topic
from conversation.turn import Case, Outcome
from shared.contracts import Product
from shared.errors import AskFailed
from shared.ports import ProductReading

# A property is looked up for all of a kind.
_MOST = 12


async def product(case: Case) -> Outcome:
    """Price and stock from the shop; a property quoted from where it is told, or said not to be known."""
    return answer_of(case, await read(case))


def answer_of(case: Case, reading: ProductReading) -> Outcome:
    """What is said to a question that was read."""
    if reading.rivals and reading.offer:
        return _offers(case, reading.rivals)
    if reading.rivals or reading.ranking:
        return compared(case, reading)
    return _property(case, reading) if reading.property_asked else _shown(case, reading)


async def property_of(case: Case) -> Outcome | None:
    """The answer to a question for what products are, or have, that it names; None for anything else.

    Such a question is clear enough without a clear intent.
    """
    if case.state.open_slot or "?" not in case.text:
        return None
    try:
        reading = await read(case)
    except AskFailed:
        return None  # asking back needs no shop
    named = reading.own_name if reading.offer else reading.property_asked and reading.name
    return answer_of(case, reading) if named else None


async def read(case: Case) -> ProductReading:
    """What this text asks of which products of the shop, and where that is told."""
    spoken_of = case.state.slots.get("product", "")
    if case.products is None:
        words = case.reader.search_words(case.text, language=case.language)
        query = f"{words} {spoken_of}".strip() or case.text
        case.products = (await case.fetch("products", product_query=query, most_products=_MOST)).products
    return case.reader.read(
        case.text,
        language=case.language,
        products=case.products,
        passages=case.known(),
        spoken_of=spoken_of,
    )


def _property(case: Case, reading: ProductReading) -> Outcome:
    best = reading.products[0]
    told = told_of(case, reading)
    if reading.offer:
        shown = _offer(case, best)
        return replace(
            shown, topics=(*shown.topics, *told.topics), passages=told.passages, facts=facts_of(shown, told)
        )
    name = best.title if len(reading.products) == 1 else reading.name
    return replace(
        told if reading.told else _not_told(case, reading), slots={"product": name} if name else {}
    )


def _not_told(case: Case, reading: ProductReading) -> Outcome:
    """Neither yes nor no, and a gap: no passage and no field but the name, so that nothing else is said."""
    best, *others = reading.products
    said = topic(case, "product.not_told")
    if others:
        return Outcome(topics=(said,), gap=True)
    title = title_of(best)
    return Outcome(topics=(structs.replace(said, facts={"title": title.id}),), facts=(title,), gap=True)


def _shown(case: Case, reading: ProductReading) -> Outcome:
    """Price and stock of the likeliest product, and what the pages say of it."""
    found = reading.products or case.products
    if not found:
        return quoted(case)
    best = found[0]
    # What is said of another product would be taken as said of this one.
    said = quoted(case, only=best.title if reading.products else "")
    shown = _offer(case, best, sources=() if said.gap else said.topics[0].sources)
    return replace(shown, passages=(*said.passages, *shown.passages))


def _offers(case: Case, products: Sequence[Product]) -> Outcome:
    """Price and stock of each that is named."""
    shown = [_offer(case, product) for product in products]
    return replace(
        shown[0],
        topics=tuple(topic for each in shown for topic in each.topics),
        facts=facts_of(*shown),
        passages=tuple(page for each in shown for page in each.passages),
    )


def _offer(case: Case, best: Product, sources: tuple[str, ...] = ()) -> Outcome:
    prices = [fact.id for fact in best.facts() if best.variants and fact.id.endswith(best.variants[0].sku)]
    shown = topic(case, "product.answer", stock=str(sum(variant.in_stock for variant in best.variants)))
    facts = {"title": title_of(best).id, "price": prices[0] if prices else ""}
    return Outcome(
        topics=(structs.replace(shown, facts=facts, sources=sources),),
        facts=best.facts(),
        passages=page_of(best),
        slots={"product": best.title},
    )
