"""Answers which product is the cheapest, the lightest, the warmest, and how two of them differ."""

from msgspec import structs

from conversation.planning.pages import facts_of, title_of, told_of
from conversation.planning.saying import topic
from conversation.turn import Case, Outcome
from shared.contracts import Product, Topic
from shared.ports import ProductReading, Ranking


def compared(case: Case, reading: ProductReading) -> Outcome:
    """The first of those that are weighed, if their pages measure it, and what they say of each."""
    ranking = reading.ranking
    topics: list[Topic] = []
    if ranking is not None:
        topics += _verdict(case, ranking, all_of=reading.rivals)
    priced = ranking is None or ranking.by == "price" or not ranking.order
    # The first one's price stands in the verdict.
    named = {topic.facts.get("title") for topic in topics} if ranking and ranking.by == "price" else set()
    costs = [product for product in reading.weighed if priced and title_of(product).id not in named]
    told = told_of(case, reading)
    facts = Outcome(facts=tuple(fact for product in reading.products for fact in product.facts()))
    return Outcome(
        topics=(*topics, *(_costs(case, product) for product in costs), *told.topics),
        facts=facts_of(facts, told),
        passages=told.passages,
        slots={"product": reading.weighed[0].title} if reading.weighed else {},
    )


def _verdict(case: Case, ranking: Ranking, *, all_of: tuple[Product, ...]) -> list[Topic]:
    """Which one it is; plainly that it is not known, where a rival's page does not measure it."""
    if not ranking.order or (all_of and ranking.unknown):
        return [topic(case, "product.not_ranked")]
    if ranking.tied > 1:
        return []  # what each of them has says that they are alike
    first = ranking.order[0]
    said = topic(case, f"product.first.{ranking.by}_{'most' if ranking.most else 'least'}")
    proofs = {f"proof_{n}": _measured(product, ranking) for n, product in enumerate(ranking.order, 1)}
    return [structs.replace(said, facts={"title": title_of(first).id, **proofs})]


def _measured(product: Product, ranking: Ranking) -> str:
    """The fact that holds what was compared."""
    facts = product.facts()
    return facts[2].id if ranking.by == "price" and product.variants else facts[1].id


def _costs(case: Case, product: Product) -> Topic:
    return structs.replace(topic(case, "product.costs"), facts={"title": title_of(product).id})
