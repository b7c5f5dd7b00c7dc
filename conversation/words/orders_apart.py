"""Reads which of several orders a message wants what of: "cancel 1012 and tell me where 1001 is"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from conversation.words.agreeing import names_deed
from conversation.words.replies import folded
from conversation.words.verbs import any_form

_CLAUSES = re.compile(
    r"[.,;:!?\n]+|\b(?:and|or|but|also|then|et|ou(?! (?:est|en|sont|se))|mais|puis|y|e|o|pero|luego"
    r"|también)\b"
    r"|(?=\b(?:instead of|rather than|plutôt que|au lieu de|en vez de|en lugar de)\b)"
    r"|\bet (?=où\b)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w-])#?(\d{3,12})(?![\w-])")
# Over folded words.
_NEGATED = re.compile(
    r"\b(?:not|don t|do not|dont|ne|n|pas|no(?! \d)|instead of|rather than|plutot que|au lieu de|en vez de"
    rf"|en lugar de|{any_form('keep', 'leave')})\b"
)
_WHERE = re.compile(
    r"\b(?:where|status|updates?|track\w*|arriv\w+|ship\w*|when|news|deliver\w+|ou (?:est|en|sont|se)"
    r"|est ou|quand"
    r"|statut"
    r"|suivi|nouvelles?|livr\w+|donde|estado|cuando|lleg\w+|salid\w+|noticias|check|look)\b"
)
_SENDS_BACK = re.compile(rf"\b{any_form('a_return')}\b")
_KINDS = ("cancel", "return", "refund", "exchange", "address")


@dataclass(frozen=True)
class Wished:
    """What is wanted of one order: a kind of action, "status", or empty for what the message is about."""

    number: str
    kind: str
    text: str


def orders_apart(text: str, numbers: Sequence[str]) -> list[Wished]:
    """One for each of `numbers` in the order they are named; those that are only ruled out are left away."""
    found: dict[tuple[str, str], Wished] = {}
    ruled_out: set[tuple[str, str]] = set()
    kind, words, number_of_words = "", "", ""
    clauses = [clause.strip() for clause in _CLAUSES.split(text) if clause and folded(clause)]
    later = next((each for each in map(_kind, clauses) if each), "")
    for clause in clauses:
        own = _kind(clause)
        named = [number for number in _NUMBER.findall(clause) if number in numbers]
        if own:
            kind, words, number_of_words = own, clause, named[0] if named else ""
        denied = _NEGATED.search(folded(clause)) is not None and kind != "status"
        for number in named:
            told = own or kind or later
            if denied:
                ruled_out.add((number, told))
                continue
            goes_on = words.replace(number_of_words, number) if number_of_words else f"{words} {number}"
            found[number, told] = Wished(number, told, clause if own or not words else goes_on)
    return [wished for key, wished in found.items() if key not in ruled_out]


def _kind(clause: str) -> str:
    said = folded(clause)
    if deed := next((kind for kind in _KINDS if names_deed(kind, clause)), ""):
        return deed
    return "return" if _SENDS_BACK.search(said) else "status" if _WHERE.search(said) else ""
