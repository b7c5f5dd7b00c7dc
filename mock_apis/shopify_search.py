"""Reads the vendor's search syntax: `key:value` terms side by side (and) or joined with OR."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Doc = dict[str, Any]
_TERM = re.compile(r'(?:(?P<key>[a-z_]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')
_WORD = re.compile(r"[\w&'-]+")

# What the default search of each kind looks into, and the keys it knows.
Reader = Callable[[Doc], str]


@dataclass(frozen=True)
class Term:
    """One condition; an empty key searches the default fields."""

    key: str
    value: str


def parse(query: str) -> list[list[Term]]:
    """Groups joined by OR, each a list of terms that must all hold."""
    groups: list[list[Term]] = [[]]
    for found in _TERM.finditer(query):
        value = found["quoted"] if found["quoted"] is not None else found["plain"]
        if found["key"] is None and value == "OR":
            groups.append([])
        elif found["key"] is not None or value != "AND":
            groups[-1].append(Term(found["key"] or "", value.casefold()))
    return [group for group in groups if group]


def only(groups: list[list[Term]], key: str) -> str | None:
    """The value when the query's single group names this key, for an index to start from."""
    if len(groups) != 1:
        return None
    return next((term.value for term in groups[0] if term.key == key), None)


def score(doc: Doc, groups: list[list[Term]], keys: dict[str, Reader], text: Reader) -> int:
    """How many terms of all groups hold, 0 when no group holds as a whole.

    A key the vendor does not know is ignored, as the vendor does.
    """
    words = _WORD.findall(text(doc).casefold())
    held = 0
    matches = False
    for group in groups:
        known = [term for term in group if not term.key or term.key in keys]
        hits = sum(_holds(doc, term, keys, words) for term in known)
        held += hits
        matches = matches or hits == len(known)
    return max(held, 1) if matches else 0


def _holds(doc: Doc, term: Term, keys: dict[str, Reader], words: list[str]) -> bool:
    if not term.key:
        return any(word.startswith(term.value) for word in words)
    found = keys[term.key](doc).casefold()
    if term.key in {"name", "email", "id", "customer_id", "sku"}:
        return found.removeprefix("#") == term.value.removeprefix("#")
    return term.value in found
