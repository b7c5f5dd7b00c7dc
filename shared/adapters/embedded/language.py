"""Tells English, French and Spanish apart, from few words too."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from shared.contracts import LANGUAGES, Language

FOLDER = Path(__file__).parent / "words"
_TOKEN = re.compile(r"TOKEN_[0-9a-fA-F-]{36}|https?://\S+|\S+@\S+|[#@]?\w*\d\w*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# A whole known word says more than the letters it is made of; tuned on held-out seeds.
WORD_SHARE = 1.0
# What the conversation's language is worth, in log-odds: about one clear function word.
PRIOR = 2.5
_SMOOTHING = 0.3
# Said in all three languages; alone they tell nothing.
_EVERYWHERE = frozenset(
    ["ok", "okay", "no", "email", "mail", "app", "web", "chat", "lol", "hm", "hmm", "bye"]
)
_SIZES = (1, 2, 3, 4)


class LanguageDetector:
    """Naive Bayes over words and letter groups; ties go to the conversation's language, then English."""

    def __init__(self, samples: Mapping[Language, Iterable[str]]) -> None:
        counts = {language: _count(samples[language]) for language in LANGUAGES}
        self._pieces = _rates([counts[language][0] for language in LANGUAGES])
        self._words = _rates([counts[language][1] for language in LANGUAGES])
        # The same few hundred words make up most of what is said.
        self._score_of = lru_cache(maxsize=10_000)(self._score)

    def detect(self, text: str, prior: Language | None = None) -> Language:
        """The language of `text`; `prior` is the language of the conversation so far."""
        score = list(self.scores(text))
        if prior is not None:
            score[LANGUAGES.index(prior)] += PRIOR
        best = score.index(max(score))
        return LANGUAGES[best] if score[best] - min(score) > 1e-9 else prior or "en"

    def scores(self, text: str) -> tuple[float, ...]:
        """Log-odds of each of `LANGUAGES`, up to a constant; all equal when there is no word."""
        words = _words(text)
        if _EVERYWHERE.issuperset(words):
            return (0.0,) * len(LANGUAGES)
        return tuple(map(sum, zip(*map(self._score_of, words), strict=True)))

    def _score(self, word: str) -> tuple[float, ...]:
        known = self._words.get(word)
        score = [WORD_SHARE * rate for rate in known] if known is not None else [0.0] * len(LANGUAGES)
        # Letter groups overlap, so each counts for its share: one word is one observation.
        for piece in _letters(word):
            for n, rate in enumerate(self._pieces.get(piece, ())):
                score[n] += rate / len(_SIZES)
        return tuple(score)


def open_detector(samples: Mapping[Language, Iterable[str]], folder: Path = FOLDER) -> LanguageDetector:
    """A detector that knows the word lists of `folder` and the texts of `samples`."""
    lists = {language: (folder / f"{language}.txt").read_text(encoding="utf-8") for language in LANGUAGES}
    # The lists hold everyday words the shop's seeds lack; each counts as often as a common word there.
    return LanguageDetector(
        {language: [*samples[language], *[lists[language]] * 4] for language in LANGUAGES}
    )


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(_TOKEN.sub(" ", text).lower())]


def _letters(word: str) -> list[str]:
    padded = f" {word} "
    return [
        padded[at : at + size] for size in _SIZES for at in range(len(padded) - size + 1) if size > 1 or at
    ]


def _count(texts: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    words = Counter(word for text in texts for word in _words(text))
    pieces: Counter[str] = Counter()
    for word, n in words.items():
        # The square root: a shop says "order" a thousand times, a language does not.
        for piece in _letters(word):
            pieces[piece] += n**0.5
    return pieces, words


def _rates(counts: list[Counter[str]]) -> dict[str, tuple[float, ...]]:
    known = sorted(set().union(*counts))
    table = np.array([[count[item] for count in counts] for item in known], dtype=np.float64)
    table = np.sqrt(table) + _SMOOTHING
    table = np.log(table / table.sum(axis=0))
    rates = table - table.mean(axis=1, keepdims=True)
    return dict(zip(known, map(tuple, rates.tolist()), strict=True))
