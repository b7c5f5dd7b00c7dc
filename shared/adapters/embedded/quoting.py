"""Chooses the sentences of passages that answer a question, word for word."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.adapters.embedded.answering import Line, Scorer, traits_of
from shared.adapters.embedded.leaning import leans
from shared.adapters.knowledge.folding import fold, stems
from shared.contracts import Language, Passage

# A full stop after these does not end a sentence ("before 1:00 p.m. Eastern").
_ABBREVIATION = re.compile(
    r"(?:\b(?:[ap]\.\s?m|e\.g|i\.e|etc|approx|no|vs|mr|mrs|ms|dr|st|mme|sr|sra|ej|ee|uu|art|max|min)"
    r"|\b[A-Z])\.$",
    re.IGNORECASE,
)
_END = re.compile(r"(?<=[.!?])[\"'»)]?\s+(?=[A-ZÀ-Ý¿¡«\"“'(/0-9])|\n+")
_FIGURE = re.compile(r"\d[\d.,]*")
# A further sentence is quoted when it, and the passage it stands in, score nearly as well as the best.
_NEARLY, _NEARLY_PASSAGE = 0.8, 0.85
# In one passage, two prices or two times belong together: "free with a defect", "$5.95 otherwise".
_NEARLY_KIND = 0.65
# Two sentences that share this part of their words need not both be said.
_SAME = 0.6
_MOST_WORDS = 75


@dataclass(frozen=True)
class Quote:
    """One sentence of a passage."""

    text: str
    source: str
    locale: Language


@dataclass(frozen=True)
class _Candidate:
    line: Line
    quote: Quote
    words: frozenset[str]
    kind: int
    score: float

    @property
    def rank(self) -> int:
        return self.line.rank

    @property
    def place(self) -> int:
        return self.line.place

    @property
    def key(self) -> tuple[int, int]:
        return self.rank, self.place


def sentences_of(text: str) -> list[str]:
    """The sentences of a passage, exactly as they stand there."""
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        piece = text[start : match.end()].strip()
        if "\n" not in match.group() and _ABBREVIATION.search(text[start : match.start()]):
            continue
        if piece:
            found.append(piece)
        start = match.end()
    if rest := text[start:].strip():
        found.append(rest)
    return found


def choose(
    passages: Sequence[Passage],
    question: str,
    *,
    most: int,
    leans_on: str = "",
    without: Collection[str] = (),
    unwanted: Sequence[str] = (),
) -> list[Quote]:
    """At most `most` sentences that answer `question`, the best first, the others in reading order.

    `leans_on` is the question before, where this one says too little by itself. `without` are sentences
    already said; a sentence that contains one of `unwanted` (folded) is left out.
    Where no word is shared, the first sentence of the best passage answers.
    """
    candidates = _scored(passages, question, leans_on, without, unwanted)
    if not candidates:
        return []
    at = {candidate.key: candidate for candidate in candidates}
    best = max(candidates, key=lambda c: (c.score, -c.rank, -c.place))
    # "How long" is answered by a time, even if another sentence shares a word more.
    kinds = [c for c in candidates if c.kind and c.score >= _NEARLY * best.score]
    if not best.kind and kinds:
        best = max(kinds, key=lambda c: (c.score, -c.rank, -c.place))
    chosen: dict[tuple[int, int], _Candidate] = {}
    ranked = sorted(candidates, key=lambda c: (c is not best, -c.score, c.rank, c.place))
    for candidate in ranked:
        if candidate is not best and not _adds(candidate, best, list(chosen.values()), passages):
            continue
        needed = [c for c in (*_leans_on(candidate, at), candidate) if c.key not in chosen]
        if candidate is best or _fits([*chosen.values(), *needed], most):
            chosen.update((c.key, c) for c in needed[-most:])
    # The answer comes first, after what it leans on; what follows it goes before what precedes it.
    # A special case is no beginning: "every other return" needs the one before it.
    special = "special" in traits_of(best.quote.text)
    before = [c for c in chosen.values() if c.rank == best.rank] if special else _leans_on(best, at)
    lead = min(c.place for c in (*before, best) if c.key in chosen)
    order = sorted(chosen.values(), key=lambda c: (c.rank != best.rank, c.rank, c.place < lead, c.place))
    return [candidate.quote for candidate in order]


def _adds(
    candidate: _Candidate, best: _Candidate, chosen: Sequence[_Candidate], passages: Sequence[Passage]
) -> bool:
    """Whether a further sentence tells more: near the best, or something from elsewhere not said yet."""
    same = candidate.rank == best.rank
    nearly = _NEARLY_KIND if same and candidate.kind and best.kind else _NEARLY
    if candidate.score < nearly * best.score or not candidate.words:
        return False
    if any(_alike(candidate, other) for other in chosen):
        return False
    if same:
        return True
    said = frozenset(word for c in chosen for word in c.words)
    near = passages[candidate.rank].score >= _NEARLY_PASSAGE * passages[best.rank].score
    return near and bool(candidate.kind or candidate.words - said)


def _alike(one: _Candidate, other: _Candidate) -> bool:
    """True when two passages say the same thing in nearly the same words; other figures are another thing."""
    here, there = (set(_FIGURE.findall(c.quote.text)) for c in (one, other))
    if not (here <= there or there <= here):
        return False
    mine, theirs = (set(stems(c.quote.text, c.quote.locale)) for c in (one, other))
    return len(mine & theirs) >= _SAME * len(mine | theirs)


def _fits(candidates: Sequence[_Candidate], most: int) -> bool:
    words = sum(len(candidate.quote.text.split()) for candidate in candidates)
    return len(candidates) <= most and words <= _MOST_WORDS


def _leans_on(candidate: _Candidate, at: dict[tuple[int, int], _Candidate]) -> list[_Candidate]:
    """The sentences before this one that it cannot be understood without, nearest last."""
    found: list[_Candidate] = []
    while leans(candidate.quote.text, candidate.quote.locale):
        before = at.get((candidate.rank, candidate.place - 1))
        if before is None:
            break
        found.insert(0, before)
        candidate = before
    return found


def _scored(
    passages: Sequence[Passage],
    question: str,
    leans_on: str,
    without: Collection[str],
    unwanted: Sequence[str],
) -> list[_Candidate]:
    lines = [
        Line(rank, place, text)
        for rank, passage in enumerate(passages)
        for place, text in enumerate(_cut(passage.text))
        if text not in without and not text.endswith(("?", ":")) and not contains(text, unwanted)
    ]
    scorer = Scorer(question, passages, lines, leans_on=leans_on)
    return [
        _Candidate(
            line,
            Quote(line.text, passages[line.rank].id, passages[line.rank].locale),
            words=scorer.shared(line),
            kind=scorer.kind(line),
            score=scorer.score(line),
        )
        for line in lines
    ]


@lru_cache(maxsize=2048)
def _cut(text: str) -> tuple[str, ...]:
    """The same passages are quoted again and again."""
    return tuple(sentences_of(text))


def contains(text: str, unwanted: Sequence[str]) -> bool:
    """True when one of the `unwanted` spans (folded) stands in `text`."""
    folded = fold(text)
    return any(span in folded for span in unwanted)
