"""Finds passages by their words: BM25 on stems and concepts beside TF-IDF on character n-grams."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from shared.adapters.knowledge.folding import fold, grams, stem, stems
from shared.adapters.knowledge.synonyms import concepts
from shared.contracts import Language

Scores = NDArray[np.float32]

# The usual BM25 constants (Robertson and Zaragoza, 2009), with less length normalization than prose
# needs: passages here are of similar size.
_K1 = 1.2
_B = 0.5
# Headings say what a passage is about; their words count this often.
_HEADING_WEIGHT = 2
# How much of the lexical score the character n-grams give; 0.35 to 0.7 measure the same within the noise
# (evals/RESULTS.md, "Retrieval").
_GRAM_SHARE = 0.5
# Of what a question says of the headings, how much the title counts beside the section.
_TITLE_SHARE = 0.3
_LETTERS = re.compile(r"[a-z0-9]+")
# Shorter words have too many neighbors one letter away.
_MENDABLE = 5


@dataclass(frozen=True)
class Text:
    """What is searched of one passage: its document's title, its words, the heading above them."""

    title: str
    body: str
    section: str = ""

    @property
    def heading(self) -> str:
        """Title and section heading."""
        return f"{self.title} {self.section}"


class _Postings:
    """Which passages hold a term, with the weight it has there."""

    def __init__(self, count: int, rows: Sequence[dict[str, float]]) -> None:
        gathered: dict[str, tuple[list[int], list[float]]] = {}
        for n, row in enumerate(rows):
            for term, weight in row.items():
                where, weights = gathered.setdefault(term, ([], []))
                where.append(n)
                weights.append(weight)
        self._count = count
        self._by_term = {
            term: (np.array(where, dtype=np.int64), np.array(weights, dtype=np.float64))
            for term, (where, weights) in gathered.items()
        }

    def sum(self, terms: dict[str, float]) -> Scores:
        """For each passage the sum of term weights, each times the weight in the question."""
        hits = [(self._by_term[term], weight) for term, weight in terms.items() if term in self._by_term]
        if not hits:
            return np.zeros(self._count, dtype=np.float32)
        where = np.concatenate([postings[0] for postings, _ in hits])
        weights = np.concatenate([postings[1] * weight for postings, weight in hits])
        return np.bincount(where, weights=weights, minlength=self._count).astype(np.float32)


class LexicalIndex:
    """The words of the passages of one locale. Scores are 0 to 1: how much of the question is covered."""

    def __init__(self, texts: Sequence[Text], language: Language) -> None:
        self._language: Language = language
        self._count = len(texts)
        self._stem_idf, stem_rows = self._bm25(texts)
        self._stems = _Postings(self._count, stem_rows)
        self._by_initial = _vocabulary(texts)
        self._gram_idf, gram_rows = self._tfidf(texts)
        self._grams = _Postings(self._count, gram_rows)
        self._titles = _Postings(self._count, [self._shares(text.title) for text in texts])
        self._sections = _Postings(self._count, [self._shares(text.section) for text in texts])

    def scores(self, question: str) -> Scores:
        """One score per passage for `question`."""
        question = self._mended(question)
        words = Counter(_words(question, self._language))
        if not words or not self._count:
            return np.zeros(self._count, dtype=np.float32)
        covered = self._stems.sum(dict.fromkeys(words, 1.0))
        # A word the passages never use is as rare as can be: it counts fully as not covered.
        rarest = _idf(0, self._count)
        most = sum(self._stem_idf.get(term, rarest) for term in words) * (_K1 + 1)
        by_word = np.minimum(covered / most, 1.0)
        pieces = Counter(grams(question, self._language))
        rarest = _smooth_idf(0, self._count)
        weighted = {g: (1 + math.log(n)) * self._gram_idf.get(g, rarest) for g, n in pieces.items()}
        length = math.sqrt(sum(weight * weight for weight in weighted.values())) or 1.0
        by_gram = self._grams.sum(weighted) / length
        return np.asarray((1 - _GRAM_SHARE) * by_word + _GRAM_SHARE * by_gram, dtype=np.float32)

    def named(self, question: str) -> Scores:
        """0 to 1 for each passage: how much of its title and its section heading the question says.

        A document about a special case has words in its title that a general question does not say.
        """
        words = dict.fromkeys(_words(self._mended(question), self._language), 1.0)
        shares = _TITLE_SHARE * self._titles.sum(words) + (1 - _TITLE_SHARE) * self._sections.sum(words)
        return np.asarray(shares, dtype=np.float32)

    def _shares(self, heading: str) -> dict[str, float]:
        """How much of a heading each of its words and concepts is; together 1."""
        weights = {term: self._stem_idf[term] for term in _words(heading, self._language)}
        whole = sum(weights.values()) or 1.0
        return {term: weight / whole for term, weight in weights.items()}

    def _mended(self, question: str) -> str:
        """The question with one-letter slips mended into words of the passages."""
        words = _LETTERS.findall(fold(question))
        return " ".join(self._known_word(word) for word in words)

    def _known_word(self, word: str) -> str:
        if len(word) < _MENDABLE or stem(word, self._language) in self._stem_idf:
            return word
        near = process.extractOne(
            word, self._by_initial.get(word[0], ()), scorer=OSA.distance, score_cutoff=1
        )
        return near[0] if near else word

    def _counts(self, text: Text, cut: Callable[[str, Language], list[str]]) -> Counter[str]:
        counted = Counter(cut(text.body, self._language))
        for term in cut(text.heading, self._language):
            counted[term] += _HEADING_WEIGHT
        return counted

    def _bm25(self, texts: Sequence[Text]) -> tuple[dict[str, float], list[dict[str, float]]]:
        counts = [self._counts(text, _words) for text in texts]
        lengths = [sum(counted.values()) for counted in counts]
        mean = (sum(lengths) / len(lengths) if lengths else 1.0) or 1.0
        idf = {term: _idf(n, self._count) for term, n in _documents(counts).items()}
        rows = []
        for counted, length in zip(counts, lengths, strict=True):
            slope = _K1 * (1 - _B + _B * length / mean)
            rows.append({term: idf[term] * n * (_K1 + 1) / (n + slope) for term, n in counted.items()})
        return idf, rows

    def _tfidf(self, texts: Sequence[Text]) -> tuple[dict[str, float], list[dict[str, float]]]:
        counts = [self._counts(text, grams) for text in texts]
        idf = {term: _smooth_idf(n, self._count) for term, n in _documents(counts).items()}
        rows = []
        for counted in counts:
            row = {term: (1 + math.log(n)) * idf[term] for term, n in counted.items()}
            length = math.sqrt(sum(weight * weight for weight in row.values())) or 1.0
            rows.append({term: weight / length for term, weight in row.items()})
        return idf, rows


def _words(text: str, language: Language) -> list[str]:
    """Stems, then the concepts they belong to: `refund` also finds a passage that says `money back`."""
    return stems(text, language) + concepts(text, language)


def _vocabulary(texts: Sequence[Text]) -> dict[str, list[str]]:
    """The longer words of the passages by first letter, which a slip rarely hits."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for word in _LETTERS.findall(fold(f"{text.heading} {text.body}")):
            if len(word) >= _MENDABLE:
                found.setdefault(word[0], set()).add(word)
    return {letter: sorted(words) for letter, words in found.items()}


def _documents(counts: Sequence[Counter[str]]) -> Counter[str]:
    """In how many passages each term occurs."""
    found: Counter[str] = Counter()
    for counted in counts:
        found.update(counted.keys())
    return found


def _idf(having: int, count: int) -> float:
    return math.log(1 + (count - having + 0.5) / (having + 0.5))


def _smooth_idf(having: int, count: int) -> float:
    return math.log((1 + count) / (1 + having)) + 1
