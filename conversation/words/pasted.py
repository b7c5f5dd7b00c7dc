"""Finds the customer's own words in a message that was pasted from an e-mail."""

import re
from collections.abc import Iterable

from conversation.words.replies import folded, leans_back
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
_ORDER = re.compile(
    r"\b(?:order|commande|pedido)s?(?: (?:number|no\.?|num[eé]ro|n[uú]mero|n[°ºo]\.?))? ?#?(\d{3,12})\b"
    r"|(?<![\w#])#(\d{3,12})\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{3,}")
_OF_ONE = re.compile(
    r"\b(?:(?:my|the|this|that) (?:order|parcel|package)|(?:ma|la|cette) commande|(?:mon|le|ce) colis"
    r"|(?:mi|el|este) (?:pedido|paquete))\b"
)
"""Over folded words."""


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
    """What a burst of messages says in the customer's own words, with the order that they point at."""
    return "\n".join(f"{own_words(turn.text)}{_pointed_at(turn.text)}" for turn in turns)


def _pointed_at(text: str) -> str:
    """The one order of a quoted mail, for who writes no more above it than "where is it?"."""
    own = own_words(text)
    points = leans_back(own) or _OF_ONE.search(folded(own)) is not None
    if own == text or not points or _NUMBER.search(own):
        return ""
    quoted = {first or second for first, second in _ORDER.findall(text)}
    return f"\n#{quoted.pop()}" if len(quoted) == 1 else ""
