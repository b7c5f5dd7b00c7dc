"""Reads what the encoder's last layers learned of the talk of shops.

`learned/encoder.npz` is made by `python -m tuning` from our own seeds:

- low-rank changes (LoRA, Hu et al. 2021, arXiv 2106.09685) of the matrices of the last layers: for each
  matrix `NAME`, `NAME.down` is [rank, inputs] and `NAME.up` [outputs, rank]; their product is added to the
  published weights;
- `middle`, [384], the mean of the seeds' vectors before, which is taken out of each vector;
- heads `intent` and `mood`: `.weight` [384, answers] and `.bias` [answers], over the unit vectors that
  remain.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from shared.adapters.embedded.arrays import Arrays, kept_arrays, shipped
from shared.adapters.embedded.encoder import Tensor
from shared.errors import SettingsError

TUNED = shipped("encoder")


def fingerprint() -> str:
    """Names this tuning: vectors of another one are not comparable."""
    return hashlib.sha256(TUNED.read_bytes()).hexdigest()[:8] if TUNED.exists() else "none"


def tuned_matrices(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The changed matrices by their BERT names, in fp32."""
    kept = _kept()
    names = [name.removesuffix(".down") for name in kept if name.endswith(".down")]
    strange = [name for name in names if name not in published]
    if strange:
        raise SettingsError(f"{TUNED.name} changes {strange[0]!r}, which the encoder does not have")
    return {name: published[name] + kept[f"{name}.up"] @ kept[f"{name}.down"] for name in names}


def middle() -> Tensor:
    """What is taken out of each tuned vector, [384]."""
    return _kept()["middle"]


def head(name: str) -> tuple[Tensor, Tensor]:
    """Weight and bias of `intent` or `mood`."""
    kept = _kept()
    return kept[f"{name}.weight"], kept[f"{name}.bias"]


@lru_cache(maxsize=1)
def _kept() -> Arrays:
    kept = kept_arrays(TUNED)
    if kept is None:
        raise SettingsError(f"{TUNED} is missing or damaged: restore it from the repository")
    return kept
