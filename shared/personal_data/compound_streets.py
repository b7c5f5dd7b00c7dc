"""Recognizes streets of one word with their number behind, as in Germany, Austria and the Netherlands."""

import re
from collections.abc import Iterator

from shared.personal_data.view import View

# The view has no accents and writes ß as s. Small, only these are sure; the others need a capital.
_SURE = "strass?e|straat|gracht"
_CAPITAL = rf"{_SURE}|str\.|gasse|allee|platz|weg|damm|ufer|laan|plein|kade|singel"
_APART = r"Strass?e|Str\.|Allee|Platz|Weg|Gasse|Damm|Ring|Ufer|Straat|Gracht|Plein"
_TOWN = (
    r"(?:,? (?:(?:D|A|CH|NL)-)?\d{4,5}(?: ?[A-Z]{2})? [A-Z][\w'-]+"
    r"(?: (?:am|an der|im|ob der) [A-Z][\w'-]+)?)?"
)
_STREET = re.compile(
    rf"\b(?:[a-z]\w{{2,}}(?:{_SURE})|[A-Z][\w-]{{2,}}(?:{_CAPITAL})|[A-Z][\w-]{{2,}} (?:{_APART}))"
    rf" ?\d{{1,4}}(?: ?[a-h])?\b{_TOWN}"
)


def compound_streets(view: View) -> Iterator[tuple[int, int]]:
    """Spans of the view."""
    for found in _STREET.finditer(view.text):
        yield found.span()
