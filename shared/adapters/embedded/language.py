"""Tells English, French and Spanish apart, from few words too."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from shared.adapters.embedded.arrays import as_lines, keep_arrays, kept_arrays, key_of_files, shipped
from shared.adapters.embedded.features import Vector
from shared.adapters.embedded.lexicon import Lexicon
from shared.adapters.embedded.seeds import load_seeds
from shared.contracts import LANGUAGES, Language

NAME = "language"
_HERE = Path(__file__).parent
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


@dataclass(frozen=True)
class Rates:
    """What each known word or letter group says: its log-odds, a column for each of `LANGUAGES`."""

    lexicon: Lexicon
    table: Vector

    def of(self, terms: Sequence[str]) -> Vector:
        """The rows of the known ones."""
        return self.table[self.lexicon.places(terms)]


class LanguageDetector:
    """Naive Bayes over words and letter groups; ties go to the conversation's language, then English."""

    def __init__(self, words: Rates, pieces: Rates) -> None:
        self.words = words
        self.pieces = pieces
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
        whole = WORD_SHARE * self.words.of([word]).sum(axis=0)
        # Letter groups overlap, so each counts for its share: one word is one observation.
        return tuple((whole + self.pieces.of(_letters(word)).sum(axis=0) / len(_SIZES)).tolist())


@lru_cache(maxsize=1)
def open_detector() -> LanguageDetector:
    """What `make learn` put beside the code; learned now (a second) when words or seeds have changed since.

    One serves the whole process: several rooms ask.
    """
    kept = kept_arrays(shipped(NAME))
    if kept is None or as_lines(kept["key"]) != [key_of()]:
        return learn_detector()
    return LanguageDetector(
        Rates(Lexicon(kept["words"]), kept["word_rates"]), Rates(Lexicon(kept["pieces"]), kept["piece_rates"])
    )


def learn_detector() -> LanguageDetector:
    """A detector that knows the word lists and the seeds."""
    seeds = load_seeds()
    counts = []
    for language in LANGUAGES:
        listed = (_HERE / "words" / f"{language}.txt").read_text(encoding="utf-8")
        # The lists hold everyday words the shop's seeds lack; each counts as often as a common word there.
        counts.append(_count([*(s.text for s in seeds if s.language == language), *[listed] * 4]))
    return LanguageDetector(_rates([words for _, words in counts]), _rates([pieces for pieces, _ in counts]))


def ship_detector() -> None:
    """Learn, and put the result beside the code."""
    made = learn_detector()
    keep_arrays(
        shipped(NAME),
        key=key_of(),
        words=made.words.lexicon.sums,
        word_rates=made.words.table,
        pieces=made.pieces.lexicon.sums,
        piece_rates=made.pieces.table,
    )


def key_of() -> str:
    """What the detector depends on."""
    return key_of_files("language.py", "lexicon.py", "seeds.py", "seeds/*.toml", "words/*.txt", folder=_HERE)


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


def _rates(counts: list[Counter[str]]) -> Rates:
    known = list(set().union(*counts))
    lexicon = Lexicon.of(known)
    table = np.zeros((len(lexicon), len(counts)))
    np.add.at(table, lexicon.places(known), [[count[item] for count in counts] for item in known])
    table = np.sqrt(table) + _SMOOTHING
    table = np.log(table / table.sum(axis=0))
    return Rates(lexicon, (table - table.mean(axis=1, keepdims=True)).astype(np.float32))
