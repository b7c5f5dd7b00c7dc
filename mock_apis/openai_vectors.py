"""Embeds texts without a model, so that similar spelling gives similar vectors."""

import base64
import hashlib
import math
import struct
import unicodedata
from functools import lru_cache

WIDTHS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
_PER_FEATURE = 8


def embed(text: str, width: int) -> list[float]:
    """A unit-length vector from the words and letter trigrams of `text`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split()
    vector = [0.0] * width
    for word in words or [""]:
        padded = f" {word} "
        _add(vector, f"w:{word}", 2.0)
        for n in range(len(padded) - 2):
            _add(vector, padded[n : n + 3], 1.0)
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    return [x / length for x in vector]


def packed(vector: list[float]) -> str:
    """The `base64` encoding: little-endian 32-bit floats."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _add(vector: list[float], feature: str, weight: float) -> None:
    for n in _places(feature):
        vector[abs(n) % len(vector)] += weight if n >= 0 else -weight


@lru_cache(maxsize=20_000)
def _places(feature: str) -> tuple[int, ...]:
    digest = hashlib.blake2b(feature.encode(), digest_size=4 * _PER_FEATURE).digest()
    return struct.unpack(f"<{_PER_FEATURE}i", digest)
