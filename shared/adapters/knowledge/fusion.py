"""Ranks the passages of one locale by words fused with meaning."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.adapters.knowledge.chunks import Chunk
from shared.adapters.knowledge.lexical import LexicalIndex, Scores, Text
from shared.contracts import Language

Vectors = NDArray[np.float32]

# Score fusion, not rank fusion: how far ahead the best passage is carries information.
VECTOR_SHARE = 0.5
# A question is answered by a document as a whole more often than by one sentence of it: this share of a
# passage's score comes from the best passage of its document.
DOCUMENT_SHARE = 0.0
# Below these nothing is returned, and the reply says "I do not know".
FUSED_FLOOR = 0.2
LEXICAL_FLOOR = 0.2


class Shelf:
    """The passages of one locale, held in memory. `vectors` is one row per chunk, or None: words only."""

    def __init__(self, chunks: Sequence[Chunk], language: Language, vectors: Vectors | None) -> None:
        self.chunks = tuple(chunks)
        self._vectors = vectors
        texts = [Text(heading=f"{chunk.title} {chunk.section}", body=chunk.text) for chunk in chunks]
        self._lexical = LexicalIndex(texts, language)
        self._floor = LEXICAL_FLOOR if vectors is None else FUSED_FLOOR

    def best(self, question: str, vector: Vectors | None, k: int) -> list[tuple[Chunk, float]]:
        """Up to `k` passages over the floor with scores 0 to 1, best first; ties in reading order."""
        if not self.chunks:
            return []
        scores = self.scores(question, vector)
        order = np.argsort(-scores, kind="stable")[:k]
        return [(self.chunks[n], float(scores[n])) for n in order if scores[n] >= self._floor]

    def scores(self, question: str, vector: Vectors | None) -> Scores:
        """One score per passage."""
        by_words = self._lexical.scores(question)
        if self._vectors is None or vector is None:
            return by_words
        by_meaning = np.clip(self._vectors @ vector, 0.0, 1.0)
        return np.asarray((1 - VECTOR_SHARE) * by_words + VECTOR_SHARE * by_meaning, dtype=np.float32)
