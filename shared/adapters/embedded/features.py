"""Turns a customer's message into what the intent classifier looks at."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shared.adapters.embedded.gloss import Gloss, fold
from shared.adapters.embedded.lexicon import Lexicon

_TOKEN = re.compile(r"TOKEN_[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NUMBER = re.compile(r"#?(?<![\w$€£.,])\d{4,}\b(?![.,]\d)")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_SPACE = re.compile(r"\s+")
# Longer texts say what they want at the start or the end; the middle is story.
LONGEST = 1200

Vector = NDArray[np.float32]


def plain(text: str) -> str:
    """The message without personal tokens, and with every order-like number as one word."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    text = _NUMBER.sub(" number ", _TOKEN.sub(" ", text))
    return _SPACE.sub(" ", text).strip()


def terms(text: str, gloss: Gloss | None) -> list[str]:
    """Words, word pairs and 2-5 letter pieces; French and Spanish give those of their gloss as well."""
    found = _pieces(fold(text), "" if gloss is None else "~")
    return found if gloss is None else found + _pieces(gloss.english(text), "")


def _pieces(text: str, mark: str) -> list[str]:
    # `mark` keeps French "a" and Spanish "me" apart from the English words.
    words = _WORD.findall(text)
    found = [f"{mark}{word}" for word in words]
    found += [f"{mark}{a} {b}" for a, b in pairwise(words)]
    for word in words:
        padded = f" {word} "
        for size in (2, 3, 4, 5):
            found += [f"_{mark}{padded[at : at + size]}" for at in range(len(padded) - size + 1)]
    return found


@dataclass(frozen=True)
class Vocabulary:
    """Which terms count, and how much: rare ones more."""

    lexicon: Lexicon
    weight: Vector

    def row(self, found: Sequence[str]) -> tuple[NDArray[np.intp], Vector]:
        """Columns and unit-length weights of the known terms of one message (log counts × idf)."""
        columns, counts = np.unique(self.lexicon.places(found), return_counts=True)
        values = (1 + np.log(counts)) * self.weight[columns]
        return columns, (values / (np.linalg.norm(values) or 1.0)).astype(np.float32)


def learn_vocabulary(messages: Iterable[Sequence[str]]) -> Vocabulary:
    """Terms that occur in three messages or more, with smoothed inverse document frequency."""
    seen: Counter[str] = Counter()
    n = 0
    for found in messages:
        seen.update(set(found))
        n += 1
    known = [term for term, count in seen.items() if count > 2]
    lexicon = Lexicon.of(known)
    counts = np.zeros(len(lexicon), dtype=np.float32)
    np.maximum.at(counts, lexicon.places(known), np.array([seen[term] for term in known], dtype=np.float32))
    return Vocabulary(lexicon, (np.log((1 + n) / (1 + counts)) + 1).astype(np.float32))
