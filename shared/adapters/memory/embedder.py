"""A fake embedder for tests: hashed words, no model.

Texts that share words are near each other, others are not; the same text is the same vector in every
process. It understands nothing: "refund" and "money back" are strangers.
"""

import hashlib
import math
import re
from collections.abc import Sequence

from shared.ports import TextKind

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Each word falls into one of `dimensions` boxes; `texts` counts what was embedded."""

    def __init__(self, *, name: str = "hashing-64", dimensions: int = 64) -> None:
        self.name = name
        self.dimensions = dimensions
        self.texts = 0

    async def embed(
        self,
        texts: Sequence[str],
        *,
        kind: TextKind = "question",  # noqa: ARG002 the same to this model
    ) -> list[list[float]]:
        """One unit-length vector per text."""
        self.texts += len(texts)
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        boxes = [0.0] * self.dimensions
        for word in _WORD.findall(text.casefold()):
            digest = hashlib.sha256(word.encode()).digest()
            boxes[int.from_bytes(digest[:4], "big") % self.dimensions] += 1.0
        length = math.sqrt(sum(box * box for box in boxes))
        return [box / length for box in boxes] if length else boxes
