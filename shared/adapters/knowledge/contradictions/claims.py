"""Reads from each sentence what it claims: an amount or a yes or no, with the words that say of what."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from shared.adapters.knowledge.contradictions.bounds import (
    Bound,
    anchor_of,
    aside_after,
    begins_with_determiner,
    bound_of,
    cut_after,
    without_examples,
)
from shared.adapters.knowledge.contradictions.lexicon import Term, lexicon, terms_of
from shared.adapters.knowledge.contradictions.quantities import Quantity, quantities_of
from shared.adapters.knowledge.contradictions.sentences import Sentence, sentences_of
from shared.adapters.knowledge.documents import Document
from shared.adapters.knowledge.folding import fold
from shared.contracts import Language


@dataclass(frozen=True)
class Claim:
    """An amount said of something.

    `core` names what it is said of; `around` everything else its sentence and headings name, `names` the
    core words written with a capital, `narrowed` what its headings narrow it to. `beside` are the amounts of
    other kinds in its clause, `tiered` whether one of them is a limit ("$6 for parcels up to 2 kg").
    """

    document: Document
    sentence: Sentence
    quantity: Quantity
    bound: Bound
    core: frozenset[str]
    around: frozenset[str]
    names: frozenset[str]
    narrowed: frozenset[str]
    beside: frozenset[tuple[str, float, float]]
    tiered: bool


@lru_cache(maxsize=4_000)
def claims_of(document: Document) -> tuple[Claim, ...]:
    """Every claim of an amount in `document`, in reading order."""
    title = headings_of((document.title,), document.locale)
    found: list[Claim] = []
    for sentence in sentences_of(document):
        headings = title | headings_of(sentence.path, document.locale)
        found.extend(_of_sentence(document, sentence, headings))
    return tuple(found)


@lru_cache(maxsize=10_000)
def headings_of(headings: tuple[str, ...], language: Language) -> frozenset[str]:
    """What headings name."""
    return frozenset(term.name for heading in headings for term in terms_of(fold(heading), language))


def narrowing(headings: frozenset[str]) -> frozenset[str]:
    """The part of the headings that may make an exception of what stands below them."""
    return headings - lexicon().generic


def _of_sentence(document: Document, sentence: Sentence, headings: frozenset[str]) -> Iterator[Claim]:
    plain, language = sentence.plain, document.locale
    quantities = quantities_of(plain, language)
    if not quantities:
        return
    masked = plain
    for quantity in quantities:
        masked = masked[: quantity.start] + " " * (quantity.end - quantity.start) + masked[quantity.end :]
    masked = without_examples(masked)
    terms = terms_of(masked, language)
    whole = frozenset(term.name for term in terms)
    capitals = capitals_of(sentence.text, language)
    own = [_own_terms(masked, terms, quantity, quantities, capitals) for quantity in quantities]
    for quantity, mine in zip(quantities, own, strict=True):
        others = any(other.kind == quantity.kind and other is not quantity for other in quantities)
        bound = bound_of(plain, quantity)
        core = _told_apart(frozenset(term.name for term in mine), quantity, quantities, bound)
        if core <= lexicon().generic and not others:
            core = _told_apart(whole, quantity, quantities, bound)
        beside = [
            other
            for other in quantities
            if other.kind != quantity.kind and _in_one_clause(masked, quantity, other)
        ]
        if quantity.kind == "count":
            counted = _counted(quantity, language)
            if counted is None:
                continue
            quantity = counted  # noqa: PLW2901 - the unit is only now a name
        yield Claim(
            document=document,
            sentence=sentence,
            quantity=quantity,
            bound=bound,
            # "It takes 5 days.": the headings name what.
            core=core or headings,
            around=headings | (frozenset(term.name for term in mine) if others else whole),
            names=core & capitals,
            narrowed=narrowing(headings),
            beside=frozenset((other.kind, other.low, other.high) for other in beside),
            tiered=any(bound_of(plain, other) in {"from", "most"} for other in beside),
        )


def _own_terms(
    masked: str,
    terms: Sequence[Term],
    quantity: Quantity,
    quantities: Sequence[Quantity],
    capitals: frozenset[str],
) -> list[Term]:
    """The terms that belong to this amount among others of its kind in the sentence."""
    alike = [other for other in quantities if other.kind == quantity.kind]
    at = alike.index(quantity)
    start = 0
    if at:
        before = cut_after(masked, alike[at - 1].end, quantity.start)
        start = before[1] if before else alike[at - 1].end
    following = alike[at + 1].start if at + 1 < len(alike) else len(masked)
    behind = cut_after(masked, quantity.end, following)
    end = behind[0] if behind else following
    counted_from = anchor_of(masked, quantity.end) if quantity.kind == "duration" else range(0)
    own = [term for term in terms if start <= term.start < end and term.start not in counted_from]
    aside = aside_after(masked, quantity.end, end)
    if aside is not None:
        # "if it does not suit you" narrows nothing; "if it is defective" does.
        specific = lexicon().concepts - lexicon().generic
        own = [term for term in own if term.start < aside or term.name in specific]
    head = [term for term in terms if term.start < alike[0].start]
    nouns = capitals | {term.name for term in head}
    if at and not _has_subject(masked[start : quantity.start], own, start, nouns):
        # "$25 to Canada and $35 to Mexico": the words before the first amount are said of all.
        own += head
    return own


def _in_one_clause(text: str, one: Quantity, other: Quantity) -> bool:
    first, second = sorted((one, other), key=lambda quantity: quantity.start)
    return cut_after(text, first.end, second.start) is None


def _has_subject(text: str, own: Sequence[Term], start: int, nouns: frozenset[str]) -> bool:
    """Whether a clause begins with what it is about, not with its verb ("and charges in 2 hours")."""
    first = start + len(text) - len(text.lstrip())
    named = any(term.start == first and term.name in nouns for term in own)
    return named or (begins_with_determiner(text) and any(term.start < start + len(text) for term in own))


def _told_apart(
    named: frozenset[str], quantity: Quantity, quantities: Sequence[Quantity], bound: Bound
) -> frozenset[str]:
    """The names without those that add nothing beside another; dates are conditions."""
    names = set(named)
    for other in quantities:
        if other.kind == "date" and other is not quantity:
            names.add(f"on {other.low:g}")
    if quantity.kind == "money" and bound == "is":
        names.discard("free")
    if quantity.kind == "percent" and len(names) > 1:
        names.discard("discount")
    return distinct(names - lexicon().conditions or names)


def distinct(names: Collection[str]) -> frozenset[str]:
    """The names without those that add nothing beside another one."""
    left = set(names)
    for name in names:
        left -= lexicon().beside.get(name, frozenset()) - {name}
    return frozenset(left - {"item"} or left)


def _counted(quantity: Quantity, language: Language) -> Quantity | None:
    """A bare number counts the first thing named behind it."""
    named = terms_of(quantity.unit, language)
    return replace(quantity, unit=named[0].name) if named else None


def capitals_of(text: str, language: Language) -> frozenset[str]:
    """What is written with a capital where none is due: names of products, places, programs."""
    words = re.findall(r"(?<![.!?] )(?<!^)\b[A-Z][\w'-]+", text)
    return frozenset(term.name for word in words for term in terms_of(fold(word), language))
