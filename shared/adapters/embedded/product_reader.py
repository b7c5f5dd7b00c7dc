"""Looks up whether what a question asks of products is written on their pages or in a passage."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from shared.adapters.embedded.product_names import Subject, rivals_in, subject_of
from shared.adapters.embedded.product_questions import back, compares
from shared.adapters.embedded.product_ranking import ranking_of, ranks, stated
from shared.adapters.embedded.product_units import Unit, units_of
from shared.adapters.embedded.product_variants import spans_of
from shared.adapters.embedded.product_wants import Wants, numbers_in, wants_of
from shared.adapters.embedded.quoting import sentences_of
from shared.adapters.knowledge.folding import fold, question_text, stems
from shared.contracts import Language, Passage, Product
from shared.ports import ProductReading, Ranking, Telling

# A reply quotes at most so many places, and so many sentences of each.
_MOST_PLACES, _MOST_SENTENCES = 3, 2
_MOST_WORDS = 8
_SPEAKS_OF_IT = 2
# Of a ranking so many are told: the first, and what comes next.
_MOST_RANKED = 2
# Pages of these categories speak of one kind of product, others (a warranty) of whatever the shop sells.
_OF_A_KIND = ("product", "how-to")


# Other heads of a kind, of whatever the shop calls it by: a daypack is one of the backpacks.
_KIN = {"backpack": ("pack", "daypack")}
# "The Ember 0 or the Ember 20?" weighs without another word.
_OR = re.compile(r"\b(?:or|ou|o)\b")


class EmbeddedProductReader:
    """Implements `ProductReader` with word lists: no model, well under a millisecond."""

    def search_words(self, question: str, *, language: Language) -> str:
        """The first telling words of `question`, each with its English; empty when it has none."""
        _, units = units_of(question, language)
        words = chain.from_iterable(
            (unit.english, *_KIN.get(unit.name, ()), *unit.text.split()) for unit in units if unit.telling
        )
        return " ".join(list(dict.fromkeys(words))[:_MOST_WORDS])

    def weighs(self, question: str) -> bool:
        """Whether some words of it ask for the most or the least of something, or for a comparison."""
        plain = fold(question)
        return bool(ranks(plain)) or compares(plain)

    def read(
        self,
        question: str,
        *,
        language: Language,
        products: Sequence[Product],
        passages: Sequence[Passage],
        spoken_of: str = "",
    ) -> ProductReading:
        """Which of `products` are asked about, for what, and the places that tell it."""
        plain, units = units_of(question, language)
        subject = subject_of(units, products, spoken_of)
        sold = [variant.title for product in subject.products for variant in product.variants]
        alone = subject.products[0].title if len(subject.products) == 1 else ""
        forms = spans_of(question_text(question), alone, sold) if alone else []
        wants = wants_of(plain, units, subject.units, language, sold, forms)
        asks = bool(wants.words or wants.attributes)
        if back(plain) and subject.products:
            return _again(subject, passages)
        if weighed := _weighed(plain, units, products, spoken_of, compares=wants.compares):
            return weighed
        named = rivals_in(units, products) if wants.price and not wants.attributes else ()
        titles = {root for product in named for root in stems(product.title, "en")}
        if len(named) > 1 and all(unit.root in titles for unit in wants.words):
            return ProductReading(named, own_name=True, offer=True, rivals=named)
        places = (
            _places(wants, subject.products, products, passages, subject.units)
            if asks and not wants.compares
            else []
        )
        fitting = [place for place in places if wants.numbers & numbers_in(fold(place.text))]
        return ProductReading(
            products=subject.products,
            name=subject.name,
            own_name=subject.own_name,
            asks=asks,
            offer=wants.price,
            compares=wants.compares,
            told=tuple(_few(fitting or places)),
            # "For four people?" is answered by the one that is; of the others it is known too.
            silent=() if fitting else tuple(_silent(places, subject.products)),
        )


def _again(subject: Subject, passages: Sequence[Passage]) -> ProductReading:
    """The reading of a question when something is there again: its stock, and what pages say of that."""
    # One sentence may only happen to say "again"; a page of it says so twice, and begins with what to do.
    pages = [page for page in passages if sum(back(plain) for _, plain in _cut(page.text)) >= _SPEAKS_OF_IT]
    told = [
        Telling(page.id, sentence) for page in pages[:1] for sentence, _ in _cut(page.text)[:_MOST_SENTENCES]
    ]
    return ProductReading(
        products=subject.products,
        name=subject.name,
        own_name=subject.own_name,
        asks=True,
        offer=True,
        told=tuple(told),
    )


def _weighed(
    plain: str, units: Sequence[Unit], products: Sequence[Product], spoken_of: str, *, compares: bool
) -> ProductReading | None:
    """The reading of a question that weighs products: those it names, or all of a kind."""
    spans = ranks(plain)
    named = rivals_in(units, products)
    rivals = named if len(named) > 1 and (spans or compares or _OR.search(plain)) else ()
    if not (spans or rivals):
        return None
    # The most waterproof of the jackets is no "waterproof jacket".
    kind = [unit for unit in units if not any(start <= unit.start < end for start, end in spans)]
    subject = subject_of(kind, products, spoken_of)
    among = rivals or (_all_of(subject, products) if not subject.own_name else ())
    ranking = ranking_of(plain, among) if len(among) > 1 else None
    if ranking is None and not rivals:
        return None
    shown = rivals or (_shown(ranking, subject) if ranking else ())
    told = [place for product in shown if (place := _measured(product, ranking))]
    unknown = ranking.unknown if ranking and ranking.order else ()
    silent = [each for each in unknown if rivals or _is_called(each, subject)]
    return ProductReading(
        products=tuple(among),
        name=subject.name,
        own_name=subject.own_name,
        asks=True,
        compares=bool(rivals),
        told=tuple(told),
        silent=tuple(silent) if told else (),
        weighed=tuple(shown),
        rivals=rivals,
        ranking=ranking,
    )


def _all_of(subject: Subject, products: Sequence[Product]) -> tuple[Product, ...]:
    """What is called so, and what is of the kind by another name."""
    kin = {head for unit in subject.units for head in _KIN.get(unit.name, ())}
    shelves = {product.category for product in subject.products}
    others = (each for each in products if each.category in shelves and _head(each) in kin)
    return tuple(dict.fromkeys((*subject.products, *others)))


def _shown(ranking: Ranking, subject: Subject) -> list[Product]:
    """The first and the next, and the first one that is called what was asked for: a tarp is no tent."""
    shown = list(ranking.order[:_MOST_RANKED])
    if not any(_is_called(product, subject) for product in shown):
        shown += [product for product in ranking.order if _is_called(product, subject)][:1]
    return shown


def _is_called(product: Product, subject: Subject) -> bool:
    return any(unit.root in stems(product.title, "en") for unit in subject.units)


def _measured(product: Product, ranking: Ranking | None) -> Telling | None:
    """The sentence of a page that states what is compared; the first ones where nothing in particular is."""
    if ranking is not None and ranking.by == "price":
        return None
    sentences = [sentence for sentence, _ in _cut(product.description)]
    if ranking is not None and ranking.order:
        said = [sentence for sentence in sentences if stated(ranking.by, sentence)][:1]
    else:
        said = sentences[:_MOST_SENTENCES]
    source = f"product:{product.handle}/description"
    return Telling(source, " ".join(said), (product.handle,)) if said else None


def open_product_reader() -> EmbeddedProductReader:
    """The reader over the word lists of this folder."""
    return EmbeddedProductReader()


def _places(
    wants: Wants,
    asked: Sequence[Product],
    shelf: Sequence[Product],
    passages: Sequence[Passage],
    names: Sequence[Unit],
) -> list[Telling]:
    """Every place that tells it, the likeliest to be quoted first."""
    most = _MOST_SENTENCES if len(asked) == 1 else 1
    pages = [telling for product in asked if (telling := _on_page(wants, product, most))]
    lines = list(_in_passages(wants, asked, shelf, passages, names))
    # Of several products one sentence may tell; of one its own page is the nearest.
    return [*pages, *lines] if len(asked) == 1 else [*lines, *pages]


def _few(places: Sequence[Telling]) -> list[Telling]:
    """The fewest places that tell it of the most products; of the kind when they tell it of none."""
    chosen: list[Telling] = []
    known: set[str] = set()
    while len(chosen) < _MOST_PLACES:
        best = max(places, key=lambda place: len(set(place.handles) - known), default=None)
        if best is None or not set(best.handles) - known:
            break
        chosen.append(best)
        known.update(best.handles)
    return chosen or list(places[:1])


def _silent(places: Sequence[Telling], asked: Sequence[Product]) -> list[Product]:
    """The products nothing tells it of; none when a place speaks for the kind."""
    if not all(place.handles for place in places):
        return []
    known = {handle for place in places for handle in place.handles}
    return [product for product in asked if product.handle not in known]


def _on_page(wants: Wants, product: Product, most: int) -> Telling | None:
    """What the product's description tells, in as few sentences as say it; else its tags."""
    sentences = [sentence for sentence, _ in _cut(product.description)]
    said = [sentence for sentence in sentences if wants.weight(sentence, "en")]
    said.sort(key=lambda sentence: -wants.weight(sentence, "en"))
    for count in range(1, min(len(said), most) + 1):
        text = " ".join(sentence for sentence in sentences if sentence in said[:count])
        if wants.answers(text, "en", beside=product.title):
            return Telling(f"product:{product.handle}/description", text, (product.handle,))
    marks = [tag for tag in product.tags if wants.answers(tag.replace("-", " "), "en", beside=product.title)]
    return Telling(f"product:{product.handle}/tags", marks[0], (product.handle,)) if marks else None


def _in_passages(
    wants: Wants,
    asked: Sequence[Product],
    shelf: Sequence[Product],
    passages: Sequence[Passage],
    names: Sequence[Unit],
) -> Iterator[Telling]:
    """The sentences that tell it of some of the products by name, or of their kind."""
    kinds = {unit.root for unit in names} or {_head(product) for product in asked}
    titles = [(fold(product.title), product) for product in shelf]
    others = {_head(product) for product in shelf if product not in asked} - kinds
    for passage in passages:
        heading = f"{passage.title} {passage.section}"
        about = _stems(passage.title, passage.locale)
        general = not passage.category.startswith(_OF_A_KIND)
        for sentence, plain in _cut(passage.text):
            near = _stems(f"{passage.section} {sentence}", passage.locale)
            named = [product for title, product in titles if title in plain]
            meant = tuple(product.handle for product in asked if product in named)
            fits = general or kinds & near or (kinds & about and not others & near)
            if (meant or (fits and not named)) and wants.answers(sentence, passage.locale, beside=heading):
                yield Telling(passage.id, sentence, meant)


@lru_cache(maxsize=2048)
def _cut(text: str) -> tuple[tuple[str, str], ...]:
    """The sentences of a page, each as it stands and folded."""
    return tuple((sentence, fold(sentence)) for sentence in sentences_of(text))


@lru_cache(maxsize=4096)
def _stems(text: str, language: Language) -> frozenset[str]:
    """The same passages are read again and again."""
    return frozenset(stems(text, language))


def _head(product: Product) -> str:
    """What the product is: the last word of its name."""
    return _last_stem(product.title)


@lru_cache(maxsize=1_000)
def _last_stem(title: str) -> str:
    return next(iter(stems(title, "en")[::-1]), "")
