"""Makes the vectors of many texts, once each."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from shared.adapters.embedded.arrays import keep_arrays, kept_arrays
from shared.adapters.embedded.embedder import EmbeddedEmbedder
from shared.adapters.embedded.features import Vector


def vectors_of(texts: Sequence[str], embedder: EmbeddedEmbedder, cache_dir: Path) -> Vector:
    """One vector per text; what was made before is kept: a new seed costs one.

    The encoder lets go of Python's lock while it works, so two threads are twice as fast.
    """
    file = cache_dir / "vectors.npz"
    marks = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
    kept = _kept(file, embedder.name)
    missing = [n for n, mark in enumerate(marks) if mark not in kept]
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        made = pool.map(lambda n: embedder.question(texts[n]), missing)
        kept |= {marks[n]: vector for n, vector in zip(missing, made, strict=True)}
    if missing:
        rows = np.frombuffer(b"".join(kept), dtype=np.uint8).reshape(len(kept), -1)
        keep_arrays(file, key=embedder.name, marks=rows, vectors=np.stack(list(kept.values())))
    return np.stack([kept[mark] for mark in marks]).astype(np.float32)


def _kept(file: Path, key: str) -> dict[bytes, Vector]:
    found = kept_arrays(file)
    if found is None or found["key"].tobytes().decode() != key:
        return {}
    return {mark.tobytes(): vector for mark, vector in zip(found["marks"], found["vectors"], strict=True)}
