"""Tells which wordings of a template a reply used, whatever its slots held."""

import re
from collections.abc import Iterable
from functools import lru_cache

from shared.adapters.embedded.reply_templates import Variant

_SLOT = re.compile(r"\{[a-z_]+\}")
# Shorter pieces between two slots stand in any sentence.
_TELLING = 4


def says(reply: str, text: str) -> bool:
    """True when `reply` holds the fixed words of the template sentence `text`, in order."""
    pieces, at = _pieces(text), 0
    for piece in pieces:
        at = reply.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return bool(pieces)


def used(variant: Variant, replies: Iterable[str]) -> bool:
    """True when one of `replies` opens this variant in any of its alternatives."""
    return any(says(reply, text) for reply in replies for text in variant[0])


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[str, ...]:
    pieces = (piece.strip(" ,.;:!?\u00a0") for piece in _SLOT.split(text))
    return tuple(piece for piece in pieces if len(piece) >= _TELLING)
