"""Turns texts of our three languages into vectors with a small encoder that has two ends.

multilingual-e5-small as published places texts by all they speak of; its last layers tuned to our seeds
(`tuned.py`) place them by what a customer wants. Side by side they find intents and passages better than
either does alone, in one pass (docs/adr/0018).
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from shared.adapters.embedded.arrays import as_lines, keep_arrays, kept_arrays, key_of_files, shipped
from shared.adapters.embedded.encoder import WIDTH, Tensor
from shared.adapters.embedded.features import plain
from shared.adapters.embedded.tuned import fingerprint, middle
from shared.ports import TextKind

# How much of the joint vector is the tuned end's (of its length; its square is the share of the cosine).
TUNED_LENGTH = 0.7
INLINE_CHARACTERS = 400  # more would hold up the event loop
_PREFIXES: dict[TextKind, str] = {"question": "query: ", "passage": "passage: "}  # as e5 was trained
_HERE = Path(__file__).parent
_REMEMBERED = 256


class EmbeddedEmbedder:
    """768 dimensions, int8; 7.6 ms of CPU for a message of twenty word pieces on one thread.

    The vectors of e5 all lie within a narrow cone (cosines from 0.7 up); without their mean (of everyday
    sentences; for the tuned end of the seeds) the rest tells texts apart as clearly as other encoders' do.
    """

    dimensions = 2 * WIDTH

    def __init__(self, encode: Callable[[str], Tensor]) -> None:
        self.name = f"e5-small+shop-{fingerprint()}/int8"
        self._encode = encode
        centers = _shipped_centers() or learn_centers(encode)
        self._centers = {kind: np.stack([centers[kind], middle()]) for kind in _PREFIXES}
        # The critic, the intent and the knowledge agent ask for the same message's vector at once.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._question)

    async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> list[list[float]]:
        """One unit-length vector per text; one short text runs inline, more run in a thread."""
        make = self.question if kind == "question" else self.passage
        if sum(map(len, texts)) <= INLINE_CHARACTERS:
            return [make(text).tolist() for text in texts]
        return await asyncio.to_thread(lambda: [make(text).tolist() for text in texts])

    def question(self, text: str) -> Tensor:
        """The vector of what a customer says; read-only, texts beyond the model's length are cut."""
        return self._remembered(plain(text))

    def passage(self, text: str) -> Tensor:
        """The vector of what may answer a question; texts beyond the model's length are cut."""
        return self._vector("passage", text)

    def _question(self, text: str) -> Tensor:
        vector = self._vector("question", text)
        vector.flags.writeable = False
        return vector

    def _vector(self, kind: TextKind, text: str) -> Tensor:
        ends = self._encode(_PREFIXES[kind] + text) - self._centers[kind]
        lengths = np.linalg.norm(ends, axis=1, keepdims=True)
        ends /= np.where(lengths > 0, lengths, 1.0)
        ends[1] *= TUNED_LENGTH
        return np.asarray(ends.reshape(-1) / (1 + TUNED_LENGTH**2) ** 0.5, dtype=np.float32)


def learn_centers(encode: Callable[[str], Tensor]) -> dict[TextKind, Tensor]:
    """The mean of everyday sentences' vectors [384], by kind."""
    lines = (_HERE / "center.txt").read_text(encoding="utf-8").splitlines()
    return {
        kind: np.asarray(np.mean([encode(prefix + line)[0] for line in lines], axis=0))
        for kind, prefix in _PREFIXES.items()
    }


def ship_centers(cache_dir: Path) -> None:
    """Put the centers beside the code: half a second less at each start."""
    from shared.adapters.embedded.e5 import open_e5  # noqa: PLC0415

    centers = learn_centers(open_e5(cache_dir))
    keep_arrays(shipped("center"), key=centers_key(), **{str(kind): made for kind, made in centers.items()})


def centers_key() -> str:
    """What the centers depend on."""
    return key_of_files("center.txt", folder=_HERE, beside=fingerprint())


def _shipped_centers() -> dict[TextKind, Tensor] | None:
    kept = kept_arrays(shipped("center"))
    if kept is None or as_lines(kept["key"]) != [centers_key()]:
        return None
    return {kind: kept[kind] for kind in _PREFIXES}


def tuned_end(vector: Tensor) -> Tensor:
    """The tuned half of a joint vector, of unit length: what the heads of the tuning read."""
    return np.asarray(vector[WIDTH:] * ((1 + TUNED_LENGTH**2) ** 0.5 / TUNED_LENGTH), dtype=np.float32)


def open_embedder(cache_dir: Path) -> EmbeddedEmbedder:
    """Load the model, building it into `cache_dir` the first time."""
    from shared.adapters.embedded.e5 import open_e5  # noqa: PLC0415 onnxruntime takes half a second

    return EmbeddedEmbedder(open_e5(cache_dir))
