"""Writes and reads a line of the audit log: JSON that ends in a keyed hash of itself and of its precursor."""

import hashlib
import hmac
import re
from dataclasses import dataclass

import msgspec

from shared.ports import AuditAction, AuditLine, Deed

NOTHING = "0" * 64
"""The hash before the first line of a log that begins empty."""
_MARK = b',"hash":"'
_END = b'"}'
_HEX = 64
_TAIL = len(_MARK) + _HEX + len(_END)
_ANCHOR = re.compile(rb"(\d{20}) ([0-9a-f]{64}) ([0-9a-f]{64})\n")


@dataclass(frozen=True)
class Link:
    """Where a chain stands: the sequence of a line and its hash; sequence 0 is before the first line."""

    sequence: int
    hash: str


class _Body(msgspec.Struct, frozen=True):
    """The fields in the order they stand in a line; the hash follows."""

    seq: int
    at: float
    actor: str
    action: AuditAction
    conversation_id: str
    purpose: str
    tokens: tuple[str, ...]
    counts: dict[str, int]
    prev: str


@dataclass(frozen=True)
class Read:
    """A line whose hash is right: what it says, its link, and the hash it says was before it."""

    line: AuditLine
    link: Link
    prev: str


_DECODER = msgspec.json.Decoder(_Body)
_ENCODER = msgspec.json.Encoder()


class Seal:
    """The key of the chain. Who can write the files but lacks it cannot make a line or an anchor."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hash(self, *parts: bytes) -> str:
        """The keyed hash of these bytes, as 64 hex digits."""
        return hmac.digest(self._key, b"".join(parts), hashlib.sha256).hex()

    def digest(self) -> "hmac.HMAC":
        """A keyed hash to be fed piece by piece: of what stood in the log before it was chained."""
        return hmac.new(self._key, b"unchained ", hashlib.sha256)

    def write(self, deed: Deed, after: Link, *, at: float, actor: str) -> tuple[bytes, Link]:
        """The line that follows `after`, and where the chain stands then; `actor` if the deed names none."""
        body = _ENCODER.encode(
            _Body(
                after.sequence + 1,
                round(at, 3),
                deed.actor or actor,
                deed.action,
                deed.conversation_id,
                deed.purpose,
                deed.tokens,
                dict(deed.counts),
                after.hash,
            )
        ).removesuffix(b"}")
        mac = self.hash(body)
        return b"".join((body, _MARK, mac.encode(), _END, b"\n")), Link(after.sequence + 1, mac)

    def read(self, data: bytes) -> Read | None:
        """What a line (without its line break) says, or None when it is not one of this chain as written."""
        body, mark, rest = data[:-_TAIL], data[-_TAIL : -_TAIL + len(_MARK)], data[-_HEX - len(_END) :]
        mac = rest[:_HEX]
        if mark != _MARK or rest[_HEX:] != _END:
            return None
        if not hmac.compare_digest(self.hash(body).encode(), mac):
            return None
        said = _DECODER.decode(body + b"}")
        deed = Deed(
            action=said.action,
            purpose=said.purpose,
            conversation_id=said.conversation_id,
            actor=said.actor,
            tokens=said.tokens,
            counts=said.counts,
        )
        return Read(
            AuditLine(sequence=said.seq, at=said.at, deed=deed), Link(said.seq, mac.decode()), said.prev
        )

    def write_anchor(self, link: Link) -> bytes:
        """What the anchor's file holds; always of one size, so that it is overwritten in place."""
        said = f"{link.sequence:020d} {link.hash}"
        return f"{said} {self.hash(b'anchor ', said.encode())}\n".encode()

    def read_anchor(self, data: bytes) -> Link | None:
        """Where the chain stood, or None when this is no anchor of this key."""
        found = _ANCHOR.fullmatch(data)
        if found is None:
            return None
        said, mac = found[1] + b" " + found[2], found[3]
        if not hmac.compare_digest(self.hash(b"anchor ", said).encode(), mac):
            return None
        return Link(int(found[1]), found[2].decode())


def looks_chained(data: bytes) -> bool:
    """Whether a line has the form of a chained one, whatever its hash."""
    return _MARK in data
