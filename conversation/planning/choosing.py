"""Reads which of several a customer means, without a model: an order of theirs, another form of an item."""

import re
from collections.abc import Sequence

from conversation.planning.saying import not_back
from conversation.rules.policy import Verdict
from conversation.turn import Case, Outcome
from conversation.words.replies import folded, named_items
from shared.contracts import Entity, Order, OrderItem, Product, Variant

# Catalogues write sizes in words or letters; customers as they like.
_SIZES = {
    "small": "s", "medium": "m", "large": "l", "petit": "s", "petite": "s", "moyen": "m", "moyenne": "m",
    "grand": "l", "grande": "l", "pequeno": "s", "pequena": "s", "mediano": "m", "mediana": "m",
    "hommes": "mens", "homme": "mens", "hombre": "mens", "hombres": "mens", "men": "mens",
    "femmes": "womens", "femme": "womens", "mujer": "womens", "mujeres": "womens", "women": "womens",
}  # fmt: skip
# Over folded words: the newest of the orders, or one by its place in the list that was shown.
_NEWEST = re.compile(
    r"\b(?:(?:last|latest|most recent|newest) order|(?:latest|most recent|newest)(?: one)?"
    r"|derniere commande|plus recente?|ultimo pedido|mas reciente)\b"
)
_PLACES = (
    re.compile(r"\b(?:first(?: one)?|premiere?|primero|primera)\b"),
    re.compile(r"\b(?:second(?: one)?|deuxieme|seconde?|segundo|segunda)\b"),
    re.compile(r"\b(?:third(?: one)?|troisieme|tercero|tercera)\b"),
)
_FEW = 6
"""Words of an answer that only picks one of a list."""
_LETTERS = frozenset({"xs", "s", "m", "l", "xl", "xxl"})


def order_meant(case: Case, orders: Sequence[Order]) -> Order | None:
    """The one of their orders that is told by what is in it, by its age, or by its place in the list."""
    said = folded(case.text)
    if _NEWEST.search(said):
        return max(orders, key=lambda order: order.placed_on)
    words = case.items_said(case.text)
    holding = [order for order in orders if named_items(words, order)]
    if len(holding) == 1:
        return holding[0]
    if case.state.open_slot != "order_number" or len(said.split()) > _FEW:
        return None
    placed = (order for order, place in zip(orders, _PLACES, strict=False) if place.search(said))
    return next(placed, None)


def stays(case: Case, order: Order, verdict: Verdict) -> Outcome | None:
    """Why nothing of the order goes back, or not the item that is named; None when it may."""
    if verdict.decision == "no":
        return not_back(case, order, verdict.goal)
    named = named_items(case.items_said(case.text), order)
    if not named or any(item.returnable for item in named):
        return None
    return not_back(case, order, "return.gone" if named[0].is_gone else "return.final_sale", item=named[0])


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
