"""Searches bytes for every spelling and encoding of many values at once."""

import base64
import html
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import numpy as np

_KEY = 6
"""Bytes of a needle's beginning that a table is asked for; what is shorter is not searched."""
_MASK = np.uint64((1 << (8 * _KEY)) - 1)
_ODD = np.uint64(0x9E3779B97F4A7C15)
_BITS = 22
_CHUNK = 1 << 23


@dataclass(frozen=True)
class Needle:
    """A value in one encoding: whose, of which kind, written how."""

    owner: int
    kind: str
    text: str
    encoding: str


@dataclass(frozen=True)
class Hit:
    """A needle that was found, with some bytes around it."""

    needle: Needle
    place: str
    around: bytes

    def __str__(self) -> str:
        found = self.needle
        return f"{self.place}: {found.kind} {found.text!r} as {found.encoding}: {self.around!r}"


def encodings(text: str) -> Iterator[tuple[str, bytes]]:
    """The value in every form in which a program may write it, named; some of them coincide."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    written = {
        "": text,
        "NFC ": unicodedata.normalize("NFC", text),
        "NFD ": unicodedata.normalize("NFD", text),
        "case-folded ": text.casefold(),
        "upper ": text.upper(),
        "without accents ": bare,
    }
    for form, value in written.items():
        yield f"{form}utf-8", value.encode()
        yield f"{form}utf-16-le", value.encode("utf-16-le")
        yield f"{form}utf-16-be", value.encode("utf-16-be")
        yield f"{form}latin-1", value.encode("latin-1", "backslashreplace")
        yield f"{form}JSON", json.dumps(value)[1:-1].encode()
        yield f"{form}Python", ascii(value)[1:-1].encode()
        yield f"{form}Python bytes", repr(value.encode())[2:-1].encode()
        yield f"{form}URL", quote(value, safe="").encode()
        yield f"{form}form", quote_plus(value).encode()
        yield f"{form}HTML", html.escape(value).encode()
        yield f"{form}HTML numbers", value.encode("ascii", "xmlcharrefreplace")
        yield f"{form}hex", value.encode().hex().encode()
        for shift in range(3):
            # Only the letters that no neighbour has a part in.
            coded = base64.b64encode(b"\0" * shift + value.encode())
            whole = coded[
                (0, 2, 3)[shift] : len(coded) // 4 * 4 - (4 if (shift + len(value.encode())) % 3 else 0)
            ]
            yield f"{form}base64+{shift}", whole
            yield f"{form}base64url+{shift}", whole.translate(bytes.maketrans(b"+/", b"-_"))  # fmt: skip


class Search:
    """Needles ready to be looked for. Case of ASCII letters never matters."""

    def __init__(self, values: Iterable[tuple[int, str, str]]) -> None:
        """`values` are (owner, kind, text); parts under six bytes in an encoding are left out."""
        self._by_key: dict[int, list[tuple[bytes, Needle]]] = {}
        self._table = np.zeros(1 << _BITS, bool)
        seen: set[tuple[int, bytes]] = set()
        for owner, kind, text in values:
            for encoding, coded in encodings(text):
                needle = coded.lower()
                if len(needle) < _KEY or (owner, needle) in seen:
                    continue
                seen.add((owner, needle))
                key = int.from_bytes(needle[:_KEY], "little")
                self._by_key.setdefault(key, []).append((needle, Needle(owner, kind, text, encoding)))
        keys = np.array(list(self._by_key), np.uint64)
        self._table[_hashed(keys)] = True
        self.size = len(seen)

    def find(self, data: bytes, place: str) -> Iterator[Hit]:
        """Every needle in these bytes."""
        lowered = data.lower()
        for begin in range(0, len(lowered), _CHUNK):
            # A window more than the chunk: what begins in it is compared with the whole.
            for at in self._candidates(lowered[begin : begin + _CHUNK + 8]):
                yield from self._at(lowered, begin + at, place)

    def _candidates(self, chunk: bytes) -> Iterator[int]:
        """Where the first bytes of some needle may stand: eight views, one for each alignment."""
        padded = chunk + b"\0" * 16
        for shift in range(8):
            count = (len(padded) - shift) // 8
            windows = np.frombuffer(padded, "<u8", count, shift) & _MASK
            for index in np.nonzero(self._table[_hashed(windows)])[0]:
                if int(windows[index]) in self._by_key and (at := int(index) * 8 + shift) < _CHUNK:
                    yield at

    def _at(self, data: bytes, at: int, place: str) -> Iterator[Hit]:
        for needle, what in self._by_key[int.from_bytes(data[at : at + _KEY], "little")]:
            end = at + len(needle)
            if data.startswith(needle, at) and not _inside_number(data, at, end, needle):
                yield Hit(what, place, data[max(0, at - 60) : end + 40])


def _hashed(
    keys: "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]",
) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]":
    return (keys * _ODD) >> np.uint64(64 - _BITS)


def _inside_number(data: bytes, start: int, end: int, needle: bytes) -> bool:
    """Digits within longer digits are a time stamp or another number, by chance."""
    if not needle.isdigit():
        return False
    return data[start - 1 : start].isdigit() or data[end : end + 1].isdigit()
