"""Compares the amounts of a translation with those of its original, section by section."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.adapters.knowledge.contradictions.quantities import Quantity, quantities_of
from shared.adapters.knowledge.contradictions.sentences import Sentence, sentences_of
from shared.adapters.knowledge.documents import Document

# A bare number counts another word in another language, and "one" is an article in French and Spanish.
_COMPARED = ("money", "percent", "duration", "measure", "time", "date", "count")


@dataclass(frozen=True)
class Stated:
    """An amount with the sentence that states it."""

    sentence: Sentence
    quantity: Quantity


def differences(original: Document, translation: Document) -> Iterator[tuple[Stated, Stated]]:
    """What the original states and what its translation states in its place.

    A translation may leave a sentence out or say a number twice: only an amount that is missing on one
    side while another one of its kind is new on the other counts.
    """
    ours, theirs = _by_section(original), _by_section(translation)
    aligned = len(original.sections) == len(translation.sections)
    everything = (
        [stated for part in ours for stated in part],
        [stated for part in theirs for stated in part],
    )
    pairs = list(zip(ours, theirs, strict=True)) if aligned else [everything]
    for mine, its in pairs:
        for kind in _COMPARED:
            one = [stated for stated in mine if stated.quantity.kind == kind and _is_figure(stated)]
            other = [stated for stated in its if stated.quantity.kind == kind and _is_figure(stated)]
            gone, new = _unmatched(one, other), _unmatched(other, one)
            if not (gone and new):
                continue
            if len(one) != len(other):
                gone = _unmatched(gone, [s for s in everything[1] if s.quantity.kind == kind])
                new = _unmatched(new, [s for s in everything[0] if s.quantity.kind == kind])
            yield from zip(gone, new, strict=False)


def _by_section(document: Document) -> list[list[Stated]]:
    found: list[list[Stated]] = [[] for _ in document.sections]
    for sentence in sentences_of(document):
        found[sentence.section].extend(
            Stated(sentence, quantity) for quantity in quantities_of(sentence.plain, document.locale)
        )
    return found


def _is_figure(stated: Stated) -> bool:
    quantity = stated.quantity
    return quantity.shown[:1].isdigit() or quantity.kind != "count"


def _unmatched(these: Sequence[Stated], those: Sequence[Stated]) -> list[Stated]:
    """Those of `these` that no one of `those` says, each counted once."""
    left = list(those)
    found = []
    for stated in these:
        twin = next((other for other in left if _alike(stated.quantity, other.quantity)), None)
        if twin is None:
            found.append(stated)
        else:
            left.remove(twin)
    return found


def _alike(one: Quantity, other: Quantity) -> bool:
    if one.kind == "count":
        return (one.low, one.high) == (other.low, other.high)
    return one.agrees(other)
