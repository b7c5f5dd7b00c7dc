"""Reads which form of a product a customer wants instead of the one they have, without a model."""

from collections.abc import Sequence

from conversation.replies import folded
from shared.contracts import Entity, OrderItem, Product, Variant

# Catalogues write sizes in words or letters; customers as they like.
_SIZES = {
    "small": "s", "medium": "m", "large": "l", "petit": "s", "petite": "s", "moyen": "m", "moyenne": "m",
    "grand": "l", "grande": "l", "pequeno": "s", "pequena": "s", "mediano": "m", "mediana": "m",
    "hommes": "mens", "homme": "mens", "hombre": "mens", "hombres": "mens", "men": "mens",
    "femmes": "womens", "femme": "womens", "mujer": "womens", "mujeres": "womens", "women": "womens",
}  # fmt: skip
_LETTERS = frozenset({"xs", "s", "m", "l", "xl", "xxl"})


def other_variant(
    text: str, entities: Sequence[Entity], item: OrderItem, variants: Sequence[Variant]
) -> Variant | None:
    """The one variant that is named, other than the customer's; None when none or several could be meant.

    A letter counts as a size only where the reader of entities took it for one: "l'envoi" holds no L.
    """
    have = _words(item.variant)
    said = _words(text) - _words(item.title) - (_LETTERS - _named(text))
    for entity in entities:
        if entity.kind in {"size", "color"}:
            said |= _words(entity.value)
    fitting: dict[tuple[int, int], list[Variant]] = {}
    for one in variants:
        new = _words(one.title) - have
        if one.sku != item.sku and new and new <= said:
            # Who says more means it; what is not said stays as it is.
            fitting.setdefault((len(new), len(_words(one.title) & have)), []).append(one)
    found = fitting[max(fitting)] if fitting else []
    return found[0] if len(found) == 1 else None


def named_variant(text: str, entities: Sequence[Entity], product: Product) -> Variant | None:
    """The variant of this product that the words name ("the blue one"); None for none, or for several.

    A part of its name will do where no other variant has it: blue is Lake Blue.
    """
    said = _words(text) - _words(product.title) - (_LETTERS - _named(text))
    for entity in entities:
        if entity.kind in {"size", "color"}:
            said |= _words(entity.value)
    hits = {one.sku: len(_words(one.title) & said) for one in product.variants}
    most = max(hits.values(), default=0)
    found = [one for one in product.variants if most and hits[one.sku] == most]
    return found[0] if len(found) == 1 else None


def _words(text: str) -> set[str]:
    plain = folded(text.replace("'s", "s").replace("’s", "s"))
    return {_SIZES.get(word, word) for word in plain.split()}


def _named(text: str) -> set[str]:
    """Sizes written out: "large" is the letter by its word."""
    return {_SIZES[word] for word in folded(text).split() if word in _SIZES}
