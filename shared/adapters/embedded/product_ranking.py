"""Puts products in order by what their pages measure: the cheapest, the lightest, the warmest."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.adapters.embedded.entity_words import NUMBERS
from shared.contracts import Product
from shared.ports import Measure, Ranking

_WEIGHT = re.compile(r"\bweighs? (\d+(?:\.\d+)?) (k?g)\b", re.IGNORECASE)
_COMFORT = re.compile(r"\bcomfort rating of (-?\d+) C\b")
_R_VALUE = re.compile(r"\bR-value of (\d+(?:\.\d+)?)")
_VOLUME = re.compile(r"\b(\d+(?:\.\d+)?)-liter\b")
_PERSONS = re.compile(r"\b(\w+)-person\b", re.IGNORECASE)
_LUMENS = re.compile(r"\b(\d+) lumens\b")
_COLUMN = re.compile(r"\b(\d+(?:,\d{3})*) mm water column\b")


@dataclass(frozen=True)
class _Aspect:
    """How customers ask for less and for more of it (folded words), and how much of it a product has."""

    by: Measure
    less: re.Pattern[str]
    more: re.Pattern[str]
    value: Callable[[Product], float | None]


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b") if words else re.compile(r"(?!)")


def _first(pattern: re.Pattern[str]) -> Callable[[Product], float | None]:
    def value(product: Product) -> float | None:
        match = pattern.search(product.description)
        return float(match[1].replace(",", "")) if match else None

    return value


def _price(product: Product) -> float | None:
    return min((float(variant.price) for variant in product.variants), default=None)


def _weight(product: Product) -> float | None:
    match = _WEIGHT.search(product.description)
    return float(match[1]) * (1000 if match[2].lower() == "kg" else 1) if match else None


def _warmth(product: Product) -> float | None:
    """A sleeping bag is the warmer the lower its comfort rating; pads are told by their R-value."""
    comfort = _first(_COMFORT)(product)
    return -comfort if comfort is not None else _first(_R_VALUE)(product)


def _size(product: Product) -> float | None:
    """For so many liters, or for so many people."""
    persons = _PERSONS.search(product.description)
    count = NUMBERS.get(persons[1].lower(), persons[1]) if persons else ""
    return float(count) if count.isdigit() else _first(_VOLUME)(product)


_ASPECTS = (
    _Aspect(
        "price",
        _any(
            r"cheap\w*", r"(?:least|less) expensive", r"lowest price", r"most affordable", r"more affordable",
            r"costs? (?:the )?(?:least|less)", r"moins cher\w*", r"plus abordables?", r"plus economiques?",
            r"coute(?:nt)? (?:le )?moins", r"mas (?:barat|economic)\w+", r"menos car\w+", r"cuestan? menos",
        ),
        _any(
            r"(?:most|more) expensive", r"priciest", r"dearest", r"highest price", r"costs? (?:the )?more",
            r"plus cher\w*", r"coute(?:nt)? (?:le )?plus", r"mas car[oa]s?", r"cuestan? mas",
        ),
        _price,
    ),
    _Aspect(
        "weight",
        _any(
            r"light(?:er|est)", r"weighs? (?:the )?(?:less|least)", r"plus leger\w*", r"moins lourde?s?",
            r"pese(?:nt)? (?:le )?moins", r"mas (?:liger|livian)\w+", r"pesan? menos",
        ),
        _any(
            r"heav(?:ier|iest)", r"weighs? (?:the )?(?:more|most)", r"plus lourde?s?",
            r"pese(?:nt)? (?:le )?plus", r"mas pesad[oa]s?", r"pesan? mas",
        ),
        _weight,
    ),
    _Aspect(
        "warmth",
        _any(r"cool(?:er|est)", r"moins chaude?s?", r"menos (?:calid|abrigad)[oa]s?"),
        _any(
            r"warm(?:er|est)", r"plus chaude?s?", r"plus isolant\w*", r"mas (?:calid|abrigad)[oa]s?",
            r"mas calientes?", r"abrigan? mas", r"(?:best|better) (?:for|in) (?:the )?(?:winter|cold)",
        ),
        _warmth,
    ),
    _Aspect(
        "size",
        _any(r"small(?:er|est)", r"plus petite?s?", r"mas pequen[oa]s?", r"mas chic[oa]s?"),
        _any(
            r"bigg(?:er|est)", r"larg(?:er|est)", r"roomi(?:er|est)", r"most (?:room|space)",
            r"plus grande?s?", r"plus spacieu\w+", r"mas grandes?", r"mas (?:ampli|espacios)[oa]s?",
        ),
        _size,
    ),
    _Aspect(
        "light",
        _any(),
        _any(
            r"bright(?:er|est)", r"plus (?:puissante?|lumineu\w+)", r"mas (?:brillante|potente|luminos[oa])s?"
        ),
        _first(_LUMENS),
    ),
    _Aspect(
        "rain",
        _any(),
        _any(
            r"most water(?:proof|tight)", r"more water(?:proof|tight)", r"plus (?:etanche|impermeable)s?",
            r"mas impermeables?", r"highe(?:r|st) water column", r"better (?:for|in) (?:the )?(?:\w+ )?rain",
            r"mieux (?:\w+ ){0,4}pluie", r"meilleure?s? (?:\w+ ){0,8}pluie",
            r"mejor(?:es)? (?:\w+ ){0,8}lluvia",
        ),
        _first(_COLUMN),
    ),
)  # fmt: skip


def ranks(plain: str) -> list[tuple[int, int]]:
    """Where a folded question asks for the most or the least of something that is measured."""
    patterns = (pattern for aspect in _ASPECTS for pattern in (aspect.more, aspect.less))
    return [match.span() for pattern in patterns for match in pattern.finditer(plain)]


def ranking_of(plain: str, products: Sequence[Product]) -> Ranking | None:
    """`products` in the order that a folded question asks for; None when it asks for none."""
    for aspect in _ASPECTS:
        more = aspect.more.search(plain)
        less = aspect.less.search(plain)
        if not (more or less):
            continue
        known = {
            product.handle: value for product in products if (value := aspect.value(product)) is not None
        }
        found = [product for product in products if product.handle in known]
        sign = -1 if more else 1
        found.sort(key=lambda product: sign * known[product.handle])
        return Ranking(
            by=aspect.by,
            most=bool(more),
            order=tuple(found),
            tied=sum(known[each.handle] == known[found[0].handle] for each in found) if found else 0,
            unknown=tuple(product for product in products if product.handle not in known),
        )
    return None


def stated(by: Measure, text: str) -> bool:
    """Whether a sentence of a description states this measure."""
    patterns = {
        "weight": (_WEIGHT,), "warmth": (_COMFORT, _R_VALUE), "size": (_VOLUME, _PERSONS),
        "light": (_LUMENS,), "rain": (_COLUMN,), "price": (),
    }  # fmt: skip
    return any(pattern.search(text) for pattern in patterns[by])
