"""Reads which of several a customer means, without a model: an order of theirs, another form of an item."""

import re
from collections.abc import Sequence

from conversation.planning.saying import not_back
from conversation.rules.policy import OPEN, Verdict
from conversation.turn import Case, Outcome
from conversation.words.agreeing import names_any_deed
from conversation.words.replies import folded, named_items, outright
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
# What is said to be theirs, over folded words: "a jacket" may be any, "my rain jacket" is one they have.
_THEIRS = re.compile(
    r"\b(?:the|my|this|that|these|those|le|la|les|l|mon|ma|mes|cet|cette|ces|el|l[ao]s|mis?|est[aeo]s?|es[ae])"
    r" (?=((?:\w+ ){0,2}\w+))"
)
_ANY = re.compile(r"\b(?:an?|some|any|une?|des|una?|unos|unas)\b")
_INSTEAD = re.compile(
    r"\b(?:for|with|instead|rather|into|contre|pour|par|plutot|avec|por(?! favor)|con|mejor|en vez)\b"
)
"""Where the words of an exchange turn from what they have to what they want."""
_ABLE = {
    "cancel": OPEN, "order_change": OPEN, "return": {"delivered"}, "exchange": {"delivered"},
}  # fmt: skip
"""The states of an order in which a wish of this flow can be granted."""


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


def names_theirs(case: Case) -> str:
    """The telling words of what they speak of as theirs; empty for none, and where an answer is awaited."""
    slot, said = case.state.open_slot, folded(case.text)
    if slot in {"address", "variant"} or (slot == "confirm" and not names_any_deed(case.text)):
        return ""
    if case.playbook.flow in {"exchange", "order_change"}:
        said = _INSTEAD.split(said, maxsplit=1)[0]
    theirs = [found[1] for found in _THEIRS.finditer(said)]
    if not theirs and len(said.split()) <= _FEW and not _ANY.search(said):
        theirs = [said]  # "cancel power bank"
    named = (case.reader.search_words(words, language=case.language) for words in theirs)
    return " ".join(filter(None, named))


def holding_instead(case: Case, order: Order, orders: Sequence[Order], words: str) -> tuple[Order, ...]:
    """Which of their other orders hold what is named, where `order`, the one spoken of, does not.

    Of several, those with which the wish can be granted, if there are any.
    """
    if outright(words, order):
        return ()
    here = max((outright(words, each) for each in orders), default=0)
    shared = len(named_items(words, order)) > 0
    if here < (2 if shared else 1):
        return ()
    found = tuple(each for each in orders if each.number != order.number and outright(words, each) == here)
    able = _ABLE.get(case.playbook.flow)
    return tuple(each for each in found if able and each.status in able) or found


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
