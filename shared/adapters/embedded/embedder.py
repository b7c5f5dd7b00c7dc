"""Turns texts into vectors with MiniLM on one thread of this machine."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from shared.adapters.embedded.minilm import MAX_TOKENS, WIDTH, built_model, wheel_files

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

_REMEMBERED = 128
INLINE_CHARACTERS = 400  # about 4 ms of work; more would hold up the event loop


class EmbeddedEmbedder:
    """MiniLM-L6-v2 in int8: English only, 384 dimensions, about 2 ms for a chat message."""

    name = "minilm-l6-v2-int8"
    dimensions = WIDTH

    def __init__(self, session: "onnxruntime.InferenceSession", tokenizer: "Tokenizer") -> None:
        self._session = session
        self._tokenizer = tokenizer
        # In one process the intent and the knowledge agent ask for the same message's vector at once.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._computed)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit-length vector per text; one short text runs inline, more run in a thread."""
        if sum(map(len, texts)) <= INLINE_CHARACTERS:
            return [self.vector(text).tolist() for text in texts]
        return await asyncio.to_thread(lambda: [self.vector(text).tolist() for text in texts])

    def vector(self, text: str) -> NDArray[np.float32]:
        """The same for one text, without asyncio; texts beyond 256 tokens are cut."""
        return self._remembered(text)

    def _computed(self, text: str) -> NDArray[np.float32]:
        ids = np.array(self._tokenizer.encode(text).ids, dtype=np.int64)
        (vector,) = self._session.run(["vector"], {"ids": ids})
        found = np.asarray(vector, dtype=np.float32)
        found.flags.writeable = False
        return found


def open_embedder(cache_dir: Path) -> EmbeddedEmbedder:
    """Load the model, building it into `cache_dir` the first time."""
    import onnxruntime  # noqa: PLC0415 importing these two takes half a second
    from threadpoolctl import threadpool_limits  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    # Products of one message are too small to share out: several BLAS threads made a turn's p95 50 ms for 20.
    threadpool_limits(limits=1, user_api="blas")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # messages come many at a time: threads belong to them, not to one
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(built_model(cache_dir)), options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(wheel_files()[1]))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=MAX_TOKENS)
    return EmbeddedEmbedder(session, tokenizer)
