"""Mends one-letter slips in the words that matter: "laywer" is a lawyer, a "layer" is none."""

from collections.abc import Callable, Collection
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein


def mender(words: Collection[str], neighbors: Collection[str], *, shortest: int = 1) -> Callable[[str], str]:
    """What gives the word of `words` that a word is meant to be, or that word itself.

    `neighbors` lie one letter from one of `words` and are words of their own. Below `shortest` letters a word
    has too many neighbours to be mended.
    """
    right = frozenset(words) | frozenset(neighbors)
    meant = tuple(words)

    @lru_cache(maxsize=20_000)
    def mend(word: str) -> str:
        if len(word) < shortest or word in right:
            return word
        near = (
            each
            for each in meant
            # The first letter is rarely wrong.
            if word[0] == each[0] and DamerauLevenshtein.distance(word, each, score_cutoff=1) <= 1
        )
        return next(near, word)

    return mend
