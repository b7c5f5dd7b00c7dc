"""Turns texts of our three languages into vectors with two small encoders side by side.

multilingual-e5-small reads all three; MiniLM reads English, better for a question put in other words. Their
joint vector beats either alone (docs/adr/0006): its cosine is a weighted mean of theirs.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shared.adapters.embedded.encoder import WIDTH, Tensor
from shared.adapters.embedded.sentences import Sentences
from shared.ports import TextKind

# How much of the joint vector is MiniLM's (of its length; its square is the share of the cosine).
ENGLISH = 0.7
INLINE_CHARACTERS = 400  # about 8 ms of work; more would hold up the event loop


class EmbeddedEmbedder:
    """768 dimensions, int8, about 3.5 ms for a chat message on one thread."""

    name = "e5-small+minilm-l6/int8"
    dimensions = 2 * WIDTH

    def __init__(self, multilingual: Sentences, english: Sentences) -> None:
        self._multilingual = multilingual
        self._english = english

    async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> list[list[float]]:
        """One unit-length vector per text; one short text runs inline, more run in a thread."""
        make = self.question if kind == "question" else self.passage
        if sum(map(len, texts)) <= INLINE_CHARACTERS:
            return [make(text).tolist() for text in texts]
        return await asyncio.to_thread(lambda: [make(text).tolist() for text in texts])

    def question(self, text: str, *, english: str | None = None) -> Tensor:
        """The vector of what a customer says; `english` is what MiniLM is to read instead of `text`."""
        return _joined(
            self._multilingual.question(text), self._english.question(text if english is None else english)
        )

    def passage(self, text: str) -> Tensor:
        """The vector of what may answer."""
        return _joined(self._multilingual.passage(text), self._english.passage(text))


def _joined(multilingual: Tensor, english: Tensor) -> Tensor:
    joined = np.concatenate([multilingual, ENGLISH * english]) / (1 + ENGLISH**2) ** 0.5
    return np.asarray(joined, dtype=np.float32)


def open_embedder(cache_dir: Path) -> EmbeddedEmbedder:
    """Load the models, building them into `cache_dir` the first time."""
    from shared.adapters.embedded.e5 import open_e5  # noqa: PLC0415 onnxruntime takes half a second
    from shared.adapters.embedded.minilm import open_minilm  # noqa: PLC0415

    multilingual = Sentences(open_e5(cache_dir), asked="query: ", said="passage: ")
    return EmbeddedEmbedder(multilingual, Sentences(open_minilm(cache_dir)))
