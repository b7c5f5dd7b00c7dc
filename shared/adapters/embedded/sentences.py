"""Turns one text into a vector with an encoder on one thread of this machine."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from shared.adapters.embedded.encoder import Tensor, Weights, write_onnx

if TYPE_CHECKING:
    import onnxruntime

_CENTER = Path(__file__).parent / "center.txt"
_REMEMBERED = 256
Encode = Callable[[str], Tensor]
"""The vector of a text as the published model gives it."""


class Sentences:
    """Vectors of unit length with the model's common direction taken out.

    The vectors of e5 all lie within a narrow cone (cosines from 0.7 up); without the mean of everyday
    sentences the rest tells texts apart as clearly as the cosines of other encoders do. `asked` and `said`
    are what the model wants put before a question and before what may answer it.
    """

    def __init__(self, encode: Encode, *, asked: str = "", said: str = "") -> None:
        self._encode = encode
        self._asked, self._said = asked, said
        self._centers = {prefix: self._center(prefix) for prefix in {asked, said}}
        # In one process the intent and the knowledge agent ask for the same message's vector at once.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._computed)

    def question(self, text: str) -> Tensor:
        """The vector of what a customer says; read-only, texts beyond the model's length are cut."""
        return self._remembered(self._asked, text)

    def passage(self, text: str) -> Tensor:
        """The vector of what may answer a question."""
        return self._computed(self._said, text)

    def _computed(self, prefix: str, text: str) -> Tensor:
        vector = self._encode(prefix + text) - self._centers[prefix]
        vector /= np.linalg.norm(vector) or 1.0
        vector.flags.writeable = False
        return vector

    def _center(self, prefix: str) -> Tensor:
        lines = _CENTER.read_text(encoding="utf-8").splitlines()
        rows = np.stack([self._encode(prefix + line) for line in lines])
        return np.asarray(rows.mean(axis=0), dtype=np.float32)


def cache_key(stamp: str) -> str:
    """Names the built files of a model; another version of the runtime builds its own."""
    import onnxruntime  # noqa: PLC0415

    return hashlib.sha256(f"{stamp}:{onnxruntime.__version__}".encode()).hexdigest()[:16]


def open_session(graph: Path, weights: Callable[[], Weights]) -> "onnxruntime.InferenceSession":
    """The encoder of this file, which is built when it is not there yet (about 5 seconds)."""
    import onnxruntime  # noqa: PLC0415 importing these two takes half a second
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    # Products of one message are too small to share out: several BLAS threads made a turn's p95 50 ms for 20.
    threadpool_limits(limits=1, user_api="blas")
    if not graph.exists():
        write_onnx(weights(), graph)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # messages come many at a time: threads belong to them, not to one
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
