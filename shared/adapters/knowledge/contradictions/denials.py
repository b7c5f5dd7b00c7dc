"""Reads what a sentence says can or cannot be: returnable or not, shipped to a country or not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from shared.adapters.knowledge.contradictions.claims import capitals_of, distinct, headings_of, narrowing
from shared.adapters.knowledge.contradictions.lexicon import lexicon, terms_of
from shared.adapters.knowledge.contradictions.sentences import Sentence, sentences_of
from shared.adapters.knowledge.documents import Document
from shared.contracts import Language

_NOT = re.compile(
    r"""\b(?:not|no|never|cannot|neither|nor|without|non|ne|n'|pas|jamais|aucune?|ni|sans
    |nunca|jamas|tampoco|sin|ninguna?|ningun)\b|n't\b|\bnon-""",
    re.VERBOSE,
)
# A condition or an exception: what is said then holds for a case, and yes and no may both be true.
_CONDITION = re.compile(
    r"""\b(?:if|unless|except|only|until|when|while|before|after|once|but|other\ than|instead|alone|separately
    |yet|at\ the\ moment|then|another|(?<!any\ )other|again|twice|more|most|some|many|few|both|than|without
    |too|enough|where|because|that|which|who|to\ start
    |si|sauf|seul\w*|uniquement|quand|lorsque|tant\ que|jusqu|avant|apres|mais|ailleurs|autre\w*|plus|moins
    |qui|que|car
    |salvo|excepto|solo|solamente|unicamente|cuando|mientras|hasta|antes|despues|pero|otr[oa]s?|mas|menos
    |aunque|donde|porque)\b|\d|\?""",
    re.VERBOSE,
)
_FREE = re.compile(
    r"""\b(?:(?:at\ )?no\ (?:extra\ |additional\ )?(?:charge|cost|fee)s?|sans\ (?:frais|supplement)
    |sin\ (?:costo|coste|cargo))\b""",
    re.VERBOSE,
)
# Who speaks where a clause names no subject; an instruction ("open the page") states nothing.
_SPEAKER = re.compile(r"\s*(?:we|you|nous|on|vous|no|se|usted)\b|\s*\w+[aei]mos\b")
_CLAUSE = re.compile(r"[;:()]|, (?:and|but|so|et|mais|donc|y|pero)\b")
_LIST = re.compile(r",|(?<![\w.])(?:and|or|nor|et|ou|ni|y|e|o|u)(?![\w.])")
# Where the subject of a clause ends.
_VERB = re.compile(
    r"""\b(?:is|are|can|cannot|may|do|does|will|must|was|were|have|has|never|not|non|peut|peuvent|est|sont
    |ne|n'|se|no|son|es|esta|estan|pueden|puede|ni)\b""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Denial:
    """A yes or no: `core` names what is said, `denied` whether it is said not to be so."""

    document: Document
    sentence: Sentence
    denied: bool
    core: frozenset[str]
    names: frozenset[str]
    narrowed: frozenset[str]


@lru_cache(maxsize=4_000)
def denials_of(document: Document) -> tuple[Denial, ...]:
    """Every plain yes or no of `document`, one for each thing of a list."""
    title = headings_of((document.title,), document.locale)
    found: list[Denial] = []
    for sentence in sentences_of(document):
        if _CONDITION.search(sentence.plain):
            continue
        narrowed = narrowing(title | headings_of(sentence.path, document.locale))
        capitals = capitals_of(sentence.text, document.locale)
        for clause in _CLAUSE.split(sentence.plain):
            found.extend(
                Denial(document, sentence, denied, core, core & capitals, narrowed)
                for denied, core in _statements(clause, document.locale)
            )
    return tuple(found)


def contrary(one: Denial, other: Denial) -> bool:
    """Whether one says yes and the other no of the same."""
    if one.denied == other.denied or one.core != other.core:
        return False
    if one.names & other.names or (one.core <= lexicon().concepts and not one.core <= lexicon().generic):
        return True  # the sentences name what they are about; headings cannot make it something else
    return not (one.narrowed - other.narrowed - one.core) and not (other.narrowed - one.narrowed - one.core)


def _statements(clause: str, language: Language) -> Iterator[tuple[bool, frozenset[str]]]:
    """`Gift cards and shoes are not returnable` -> {gift card, return}, {shoe, return}, denied."""
    clause = _FREE.sub(" ", clause)
    verb = _VERB.search(clause)
    at = verb.start() if verb else 0
    subjects = [part for part in _LIST.split(clause[:at]) if terms_of(part, language)] or [""]
    if subjects == [""] and not _SPEAKER.match(clause):
        return
    predicates = [part for part in _LIST.split(clause[at if subjects != [""] else 0 :]) if part.strip()]
    places = lexicon().places
    first: frozenset[str] = frozenset()
    denied = bool(verb and _NOT.search(clause[: verb.start()]))
    for n, predicate in enumerate(predicates):
        if n and (_VERB.search(predicate) or _NOT.search(predicate)):
            return  # a clause of its own, about something else
        denied = denied or bool(_NOT.search(predicate))
        said = _names(predicate, language)
        if said and said <= places:
            said |= first - places
        elif said:
            first = first or said
        for subject in subjects:
            core = distinct(_names(subject, language) | said)
            if len(core) > 1:
                yield denied, core


def _names(text: str, language: Language) -> frozenset[str]:
    names = {term.name for term in terms_of(_NOT.sub(lambda match: " " * len(match[0]), text), language)}
    return distinct(names)
