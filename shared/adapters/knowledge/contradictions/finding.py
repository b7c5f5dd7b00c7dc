"""Finds the sentences of documents in force that cannot all be true."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.adapters.knowledge.contradictions.claims import Claim, claims_of
from shared.adapters.knowledge.contradictions.declared import Declared, misstatements
from shared.adapters.knowledge.contradictions.denials import Denial, contrary, denials_of
from shared.adapters.knowledge.contradictions.lexicon import lexicon
from shared.adapters.knowledge.contradictions.report import Contradiction, Quote
from shared.adapters.knowledge.contradictions.sentences import Sentence
from shared.adapters.knowledge.contradictions.translations import differences
from shared.adapters.knowledge.documents import Document


@dataclass(frozen=True)
class _Clash:
    """Two sentences with the values they state."""

    fact: str
    one: Quote
    other: Quote


def find_contradictions(
    documents: Sequence[Document],
    *,
    changed: Collection[str] | None = None,
    files: Mapping[str, str] | None = None,
    declared: Declared | None = None,
) -> tuple[Contradiction, ...]:
    """Every fact that `documents` state in different ways.

    `changed` limits the search to facts that one of these ids states (None: all), `files` maps ids to
    file names for the quotes, `declared` is what FACTS.toml says.
    """
    finder = _Finder(documents, None if changed is None else frozenset(changed), dict(files or {}))
    clashes = [*finder.translations(), *finder.amounts(), *finder.denials()]
    found = list(_grouped(clashes))
    if declared is not None:
        found.extend(misstatements(documents, declared, changed=changed, files=dict(files or {})))
    return tuple(found)


class _Finder:
    """The documents by id, and how a sentence of them is quoted."""

    def __init__(
        self, documents: Sequence[Document], changed: frozenset[str] | None, files: dict[str, str]
    ) -> None:
        self._documents = documents
        self._changed = changed
        self._files = files

    def translations(self) -> Iterator[_Clash]:
        """Amounts that a translation states otherwise than its original."""
        originals = {document.id: document for document in self._documents}
        for document in self._documents:
            original = originals.get(document.translation_of)
            if original is None or not self._is_asked(original, document):
                continue
            if not in_force_together(original, document):
                continue
            for one, other in differences(original, document):
                yield _Clash(
                    f"{one.quantity.kind} in {original.title}",
                    self._quote(original, one.sentence, one.quantity.shown),
                    self._quote(document, other.sentence, other.quantity.shown),
                )

    def amounts(self) -> Iterator[_Clash]:
        """Amounts that two sentences state of the same."""
        claims = [claim for document in self._documents for claim in claims_of(document)]
        for one, other in _pairs(claims, self._changed):
            if not _differ(one, other):
                continue
            if not in_force_together(one.document, other.document):
                continue
            if same_fact(one, other):
                yield _Clash(
                    f"{one.quantity.kind} of {', '.join(sorted(one.core & other.core))}",
                    self._quote(one.document, one.sentence, one.quantity.shown),
                    self._quote(other.document, other.sentence, other.quantity.shown),
                )

    def denials(self) -> Iterator[_Clash]:
        """What one sentence affirms of the same that another one denies."""
        by_core: dict[frozenset[str], list[Denial]] = {}
        for document in self._documents:
            for denial in denials_of(document):
                by_core.setdefault(denial.core, []).append(denial)
        for core, said in by_core.items():
            denied = [denial for denial in said if denial.denied]
            for one in denied:
                for other in said:
                    if (
                        one.sentence is other.sentence
                        or not contrary(one, other)
                        or not self._is_asked(one.document, other.document)
                    ):
                        continue
                    if in_force_together(one.document, other.document):
                        yield _Clash(
                            f"yes or no: {', '.join(sorted(core))}",
                            self._quote(one.document, one.sentence, "no"),
                            self._quote(other.document, other.sentence, "yes"),
                        )

    def _is_asked(self, one: Document, other: Document) -> bool:
        return self._changed is None or one.id in self._changed or other.id in self._changed

    def _quote(self, document: Document, sentence: Sentence, value: str) -> Quote:
        file = self._files.get(document.id, "")
        return Quote(document.id, " / ".join(sentence.path), sentence.text, value, file)


def in_force_together(one: Document, other: Document) -> bool:
    """Whether there is a day on which both are served.

    A later version of a document ends the earlier one on the day it takes effect.
    """
    if one is other:
        return True
    if one.id == other.id:
        return one.effective_from == other.effective_from
    return one.effective_from <= _ends(other) and other.effective_from <= _ends(one)


def _ends(document: Document) -> date:
    return document.effective_until or date.max


def same_fact(one: Claim, other: Claim) -> bool:
    """Whether two claims of one kind are about one thing.

    Each names what the other names, itself or around it; headings that narrow one of them and not the
    other make it an exception, unless the claims name a product.
    """
    narrow, wide = sorted((one, other), key=lambda claim: len(claim.core))
    if not narrow.core <= wide.core or not wide.core <= narrow.core | narrow.around:
        return False
    if _of_other_tiers(one, other):
        return False
    if one.names & other.names:
        return True
    known = one.core | other.core
    beyond = [claim.narrowed - twin.around - known for claim, twin in ((one, other), (other, one))]
    if one.core == other.core and len(one.core - lexicon().generic) > 1 and not all(beyond):
        # Two words in common say enough of what it is, unless a heading is known to make an exception.
        return not (beyond[0] | beyond[1]) & lexicon().concepts
    return not any(beyond)


def _of_other_tiers(one: Claim, other: Claim) -> bool:
    """Whether they are two rows of one table: 10 % off orders over $500, 15 % off orders over $1,000."""
    if one.beside and other.beside:
        return one.beside != other.beside
    return one.tiered or other.tiered


def _differ(one: Claim, other: Claim) -> bool:
    a, b = one.quantity, other.quantity
    return (
        (a.kind, one.bound) == (b.kind, other.bound)
        and (a.kind == "duration" or a.unit == b.unit)
        and one.sentence is not other.sentence
        and not a.agrees(b)
    )


def _pairs(claims: Sequence[Claim], changed: frozenset[str] | None) -> Iterator[tuple[Claim, Claim]]:
    """Claims of one kind and bound that share a name, each pair once, one of them of a changed document."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for n, claim in enumerate(claims):
        for name in claim.core:
            groups.setdefault((claim.quantity.kind, claim.bound, name), []).append(n)
    asked = [n for n, claim in enumerate(claims) if changed is None or claim.document.id in changed]
    done: set[int] = set()
    for n in asked:
        done.add(n)
        claim = claims[n]
        near = {m for name in claim.core for m in groups[claim.quantity.kind, claim.bound, name]}
        for m in sorted(near - done):
            yield claim, claims[m]


def _grouped(clashes: Sequence[_Clash]) -> Iterator[Contradiction]:
    """Clashes that share a quote are one contradiction."""
    groups: list[tuple[str, list[Quote]]] = []
    for clash in clashes:
        touching = [group for group in groups if clash.one in group[1] or clash.other in group[1]]
        fact, quotes = touching[0] if touching else (clash.fact, [])
        for group in touching[1:]:
            quotes.extend(quote for quote in group[1] if quote not in quotes)
            groups.remove(group)
        quotes.extend(quote for quote in (clash.one, clash.other) if quote not in quotes)
        if not touching:
            groups.append((fact, quotes))
    for fact, quotes in groups:
        yield Contradiction(fact, tuple(quotes))
