"""Reads a customer's no and choice of item without a model, in three languages."""

import re
import unicodedata
from functools import lru_cache

from conversation.words import phrases
from shared.contracts import Order, OrderItem

_DRAWN = re.compile(r"([a-z])\1{2,}")
_LAUGH = re.compile(r"(?:ha|ah|he|ja|je|hi){2,}[haj]?|lo+l|mdr+|ptdr|x+d+")
_SMILE = re.compile(r"\s*(?:[:;=]['-]?[)\]D]+|<3|\^\^)\s*")


# Every reader of a message folds it for itself.
@lru_cache(maxsize=64)
def folded(text: str) -> str:
    """Lower case, without accents and punctuation, single spaces; a thumb that stands alone is its word."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    if _DRAWN.search(letters):
        letters = " ".join(map(_undrawn, letters.split()))
    return " ".join(letters.split()) or _signed(text)


def _undrawn(word: str) -> str:
    """The word without the letters that were held: "nooo" is "no"; a word that is none stays ("www")."""
    meant = (_DRAWN.sub(times, word) for times in (r"\1", r"\1\1"))
    return next((each for each in meant if each in phrases.DRAWN_OUT), word)


def _signed(text: str) -> str:
    """What signs without any word say; nothing where one among them says something else."""
    if _SMILE.fullmatch(text):
        return "thanks"
    signs = [c for c in text if c not in "♀♂" and (unicodedata.category(c) == "So" or c in phrases.SIGNS)]
    said = [phrases.SIGNS.get(c, "") for c in signs]
    return " ".join(dict.fromkeys(said)) if all(said) and "?" not in text else ""


def laughs(text: str) -> bool:
    """True for laughter and nothing else."""
    words = folded(text).split()
    return all(map(_LAUGH.fullmatch, words)) if words else not set(text) - phrases.LAUGHING


def begins_with_yes(text: str) -> bool:
    """True when the first words may be a yes, whatever follows: "ok 12 Elm Street"."""
    return _starts(text, phrases.YES)


def said_no(text: str) -> bool:
    """True for a plain refusal: "no thanks", "non", "mejor no"."""
    return _starts(text, phrases.NO)


def asks_for_help(text: str) -> bool:
    """True for "help", "aidez-moi svp", a bare "pls": nothing is said yet of what it is about."""
    words = folded(text).split()
    said = (words, [word for word in words if word not in phrases.POLITELY])
    return any(" ".join(each) in phrases.ASKS_HELP for each in said)


def only_asks(text: str) -> bool:
    """True for words that ask and say nothing of what: "where is", "how?", "et quand"."""
    words = set(folded(text).split())
    return bool(words) and words <= phrases.BARE_QUESTIONS


def wants_no_more(text: str) -> bool:
    """True for a no that ends a talk: "no thanks", "non merci, c'est tout"."""
    return said_no(text) and _names(folded(text), phrases.THANKS | phrases.ALL_FOR_NOW)


def leans_back(text: str) -> bool:
    """True for a short message that rests on what was said: "and to Canada?", "is it waterproof?"."""
    said = folded(text)
    words = said.split()
    begun = any(" ".join(words[:n]) in phrases.GOES_ON for n in (1, 2))
    return len(words) <= 8 and (len(words) <= 2 or begun or _names(said, phrases.POINTS_BACK))


def means_the_other(text: str) -> bool:
    """True for a short correction of which one is meant: "no, the other order, 1002"."""
    said = folded(text)
    return len(said.split()) <= 8 and _names(said, phrases.THE_OTHER)


def asks_for_rule(text: str) -> bool:
    """True for a question about the rule itself, whatever order is being spoken of."""
    return _names(folded(text), phrases.ASKS_RULE)


def _names(said: str, words: frozenset[str]) -> bool:
    return any(f" {word} " in f" {said} " for word in words)


def _starts(text: str, words: frozenset[str]) -> bool:
    said = folded(text).split()
    while said and said[0] in phrases.FILLERS:
        said = said[1:]
    return len(said) <= 12 and any(" ".join(said[:n]) in words for n in (1, 2, 3, 4))


def chosen_items(text: str, order: Order) -> tuple[OrderItem, ...]:
    """The returnable items the customer names (by title words, SKU, or "all"); empty when unclear."""
    candidates = [item for item in order.items if item.returnable]
    said = folded(text)
    if len(candidates) == 1 or any(f" {word} " in f" {said} " for word in phrases.ALL_OF_THEM):
        return tuple(candidates)
    words = set(said.split())

    def overlap(item: OrderItem) -> int:
        return len({w for w in folded(f"{item.title} {item.variant}").split() if len(w) > 2} & words)

    best = max((overlap(item) for item in candidates), default=0)
    named = [item for item in candidates if best and overlap(item) == best]
    by_sku = [item for item in candidates if folded(item.sku) in said]
    return tuple(by_sku or (named if len(named) == 1 else ()))


def named_items(words: str, order: Order) -> tuple[OrderItem, ...]:
    """The items that these telling words name by title or SKU; empty for none, or for the whole order.

    A word that two titles share names the one of which more is said, and neither when as much is.
    """
    said = {_singular(word) for word in folded(words).split()}
    titles = {item.sku: _words(item.title) & said for item in order.items}
    more = {item.sku: len(titles[item.sku] | (_words(item.variant) & said)) for item in order.items}
    found: list[OrderItem] = []
    for word in said:
        having = [item for item in order.items if word in titles[item.sku]]
        best = [item for item in having if more[item.sku] == max(more[each.sku] for each in having)]
        if len({item.title for item in best}) == 1:
            found += best
    found += [item for item in order.items if item.sku and f" {folded(item.sku)} " in f" {folded(words)} "]
    return tuple(item for item in order.items if item in found)


def outright(words: str, order: Order) -> int:
    """How many words of one title are named with what the thing is, its last word; 0 where that is not.

    A word that means something else at a shop as well is a thing only beside another of its title.
    """
    said = {_singular(word) for word in folded(words).split()}
    most = 0
    for item in order.items:
        title = [_singular(word) for word in folded(item.title).split() if len(word) > 2]
        if title and title[-1] in said:
            count = len(said & set(title))
            most = max(most, count - (title[-1] in phrases.MEANS_MORE))
    return most


def says_all(text: str) -> bool:
    """True when the whole of it is meant: "everything", "tout"."""
    return _names(folded(text), phrases.ALL_OF_THEM)


def _words(title: str) -> set[str]:
    return {_singular(word) for word in folded(title).split() if len(word) > 2}


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word
