"""Turns one text into a vector with an encoder on one thread of this machine."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shared.adapters.embedded.encoder import Tensor, Weights, write_onnx
from shared.errors import SettingsError

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

_CENTER = Path(__file__).parent / "center.txt"
_REMEMBERED = 256


@dataclass(frozen=True)
class Model:
    """Where an encoder comes from, and what is put before each text."""

    name: str
    stamp: Callable[[], str]
    weights: Callable[[], Weights]
    tokenizer: "Callable[[], Tokenizer]"
    question: str = ""
    passage: str = ""


class Sentences:
    """Vectors of unit length with the model's common direction taken out.

    The vectors of e5 all lie within a narrow cone (cosines from 0.7 up); without the mean of everyday
    sentences the rest tells texts apart as clearly as the cosines of other encoders do.
    """

    def __init__(self, session: "onnxruntime.InferenceSession", tokenizer: "Tokenizer", model: Model) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._centers = {prefix: self._center(prefix) for prefix in {model.question, model.passage}}
        self._model = model
        # In one process the intent and the knowledge agent ask for the same message's vector at once.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._computed)

    def question(self, text: str) -> Tensor:
        """The vector of what a customer says; read-only, texts beyond the model's length are cut."""
        return self._remembered(self._model.question, text)

    def passage(self, text: str) -> Tensor:
        """The vector of what may answer a question."""
        return self._computed(self._model.passage, text)

    def uncentered(self, text: str) -> Tensor:
        """The vector as the published model gives it."""
        return self._raw(text)

    def _computed(self, prefix: str, text: str) -> Tensor:
        vector = self._raw(prefix + text) - self._centers[prefix]
        vector /= np.linalg.norm(vector) or 1.0
        vector.flags.writeable = False
        return vector

    def _raw(self, text: str) -> Tensor:
        ids = np.array(self._tokenizer.encode(text).ids, dtype=np.int64)
        (vector,) = self._session.run(["vector"], {"ids": ids})
        return np.asarray(vector, dtype=np.float32)

    def _center(self, prefix: str) -> Tensor:
        lines = _CENTER.read_text(encoding="utf-8").splitlines()
        rows = np.stack([self._raw(prefix + line) for line in lines])
        return np.asarray(rows.mean(axis=0), dtype=np.float32)


def open_sentences(model: Model, cache_dir: Path) -> Sentences:
    """Load the model, building its files into `cache_dir` the first time (about 10 seconds)."""
    import onnxruntime  # noqa: PLC0415 importing these two takes half a second
    from threadpoolctl import threadpool_limits  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    # Products of one message are too small to share out: several BLAS threads made a turn's p95 50 ms for 20.
    threadpool_limits(limits=1, user_api="blas")
    key = hashlib.sha256(f"{model.stamp()}:{onnxruntime.__version__}".encode()).hexdigest()[:16]
    graph, words = cache_dir / f"{model.name}-{key}.onnx", cache_dir / f"{model.name}-{key}.json"
    if not graph.exists():
        write_onnx(model.weights(), graph)
    if not words.exists():
        _keep(model.tokenizer().to_str(), words)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # messages come many at a time: threads belong to them, not to one
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session: Any = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    return Sentences(session, Tokenizer.from_file(str(words)), model)


def _keep(text: str, target: Path) -> None:
    try:
        part = target.with_suffix(f".{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        raise SettingsError(
            f"cannot keep the model in {target.parent}: {error.strerror}; free space or set DATA_DIR"
        ) from error
