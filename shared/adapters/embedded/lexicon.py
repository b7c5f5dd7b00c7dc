"""Says where known terms stand: four bytes a term, where a dictionary of texts takes 150."""

import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


class Lexicon:
    """Known terms by their CRC-32, ascending; the place of a term there is the row of what is known of it.

    Of 100,000 terms about one shares its row with another, and one unknown term in 40,000 is taken for a
    known one: noise far below what the terms themselves carry.
    """

    def __init__(self, sums: NDArray[np.uint32]) -> None:
        self.sums = sums

    @classmethod
    def of(cls, terms: Iterable[str]) -> "Lexicon":
        """The lexicon that knows these terms."""
        return cls(np.unique(_sums(list(terms))))

    def __len__(self) -> int:
        return len(self.sums)

    def places(self, terms: Sequence[str]) -> NDArray[np.intp]:
        """The row of each known term, in their order; unknown terms have none."""
        asked = _sums(terms)
        found = np.minimum(np.searchsorted(self.sums, asked), max(len(self.sums) - 1, 0))
        return found[self.sums[found] == asked] if len(self.sums) else found[:0]


def _sums(terms: Sequence[str]) -> NDArray[np.uint32]:
    return np.fromiter((zlib.crc32(term.encode()) for term in terms), np.uint32, len(terms))
