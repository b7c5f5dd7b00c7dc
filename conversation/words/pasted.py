"""Finds the customer's own words in a message that was pasted from an e-mail."""

import re
from collections.abc import Iterable

from shared.contracts import TurnAccepted

_WHEN_WHO = r"(?=[^\n]*\d)[^\n]{8,120}(?:\n[^\n]{0,80})??\b"
# From here on somebody else speaks, in the three languages of mail programs.
_THREAD = re.compile(
    r"^(?:[ \t]*-{2,} ?(?:original message|forwarded message|message d'origine|message transf[eé]r[eé]"
    r"|mensaje original|mensaje reenviado) ?-{2,}"
    rf"|on {_WHEN_WHO}wrote ?:|le {_WHEN_WHO}a [eé]crit ?:|el {_WHEN_WHO}escribi[oó] ?:"
    r"|(?:from|de) ?:[^\n]{1,200}\n(?:[^\n]{0,200}\n){0,8}?(?:subject|objet|asunto) ?:)[\s\S]*",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = re.compile(r"^[ \t]*>.*$\n?", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- ?$.*", re.MULTILINE | re.DOTALL)
_SENT_FROM = re.compile(
    r"^(?:sent from my|get outlook for|envoy[eé] (?:de|depuis) mon|enviado desde mi) .{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)


def own_words(text: str) -> str:
    """`text` without the thread it answers, its signature and its quotes; all of it where nothing else is.

    What the shop wrote once ("ask customer service to return it") is no wish of who quotes it.
    """
    if "\n" not in text:
        return text
    own = text
    for pattern in (_THREAD, _QUOTED, _SIGNATURE, _SENT_FROM):
        own = pattern.sub("", own)
    return own.strip() or text


def said(turns: Iterable[TurnAccepted]) -> str:
    """What a burst of messages says in the customer's own words."""
    return "\n".join(own_words(turn.text) for turn in turns)
