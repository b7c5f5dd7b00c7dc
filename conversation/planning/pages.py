"""What the shop's own pages tell of products, as a topic and the passages and facts it rests on."""

from collections.abc import Sequence

from msgspec import structs

from conversation.turn import Case, Outcome
from shared.contracts import Fact, Passage, Product, Topic
from shared.ports import ProductReading, Telling


def told_of(case: Case, reading: ProductReading) -> Outcome:
    """The places that tell it, cut down to the words that do; no topic when there is none."""
    known = {product.handle: product for product in reading.products}
    told = [known[handle] for handle in dict.fromkeys(h for place in reading.told for h in place.handles)]
    titles = {f"told_{n}": product for n, product in enumerate(told, 1)}
    titles |= {f"silent_{n}": product for n, product in enumerate(reading.silent, 1) if told}
    said = Topic(
        goal="product.told",
        intent=case.need.intent,
        facts={name: title_of(product).id for name, product in titles.items()},
        sources=tuple(dict.fromkeys(place.source for place in reading.told)),
    )
    marks = tuple(Fact(id=p.source, value=p.text) for p in reading.told if p.source.endswith("/tags"))
    return Outcome(
        topics=(said,) if reading.told else (),
        facts=(*(title_of(product) for product in titles.values()), *marks),
        passages=_cut(case, reading.told, known),
    )


def facts_of(*outcomes: Outcome) -> tuple[Fact, ...]:
    """Their facts, each once."""
    return tuple({fact.id: fact for outcome in outcomes for fact in outcome.facts}.values())


def title_of(product: Product) -> Fact:
    """What it is called."""
    return product.facts()[0]


def page_of(product: Product) -> tuple[Passage, ...]:
    """A product's description as something a reply may quote word for word and cite."""
    if not product.description:
        return ()
    return (
        Passage(
            id=f"product:{product.handle}/description", source=product.title, title=product.title, section="",
            text=product.description, locale="en", category="products", version=1, score=1.0,
        ),
    )  # fmt: skip


def _cut(case: Case, told: Sequence[Telling], known: dict[str, Product]) -> tuple[Passage, ...]:
    """The passages that tell it, of each only the sentences that do."""
    texts: dict[str, str] = {}
    for place in told:
        texts[place.source] = f"{texts.get(place.source, '')} {place.text}".strip()
    quotable = {passage.id: passage for passage in case.known()}
    pages = {page.id: page for product in known.values() for page in page_of(product)}
    return tuple(
        structs.replace(passage, text=text)
        for source, text in texts.items()
        if (passage := quotable.get(source) or pages.get(source))
    )
