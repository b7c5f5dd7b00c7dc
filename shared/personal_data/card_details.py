"""Recognizes what is written beside a payment card: when it expires and its check code."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from shared.personal_data.cues import MONTHS
from shared.personal_data.numbers import is_card

Found = tuple[int, int, str]

_WHEN = rf"(?:(?:0?[1-9]|1[0-2]) ?[/.-] ?(?:20)?[2-4]\d|{MONTHS} (?:20|')?[2-4]\d)(?![\d/-]|\.\d)"
_EXPIRES = (
    r"\b(?:exp(?:ir(?:y|es?|ation|ing))?|valid[ea]?|good(?= thru| until)|caduca|caducidad|vence|vencimiento"
    r"|venc|cad|validite)\b(?: (?:date|thru|through|until|till|jusqu'(?:au|en)|hasta))?[\s:.]{0,3}"
    rf"(?:(?:is|on|in|est|es|le|en|el) ?:? ?)?({_WHEN}|(?:0[1-9]|1[0-2])[2-4]\d\b)"
)
_BESIDE = rf"[\s,;|-]{{1,3}}({_WHEN})(?:[\s,;|/-]{{1,3}}\d{{3,4}}\b)?"
_CHECK = (
    r"\b(?:cvv2?|cvc2?|csc|cryptogramme(?: visuel)?|codigo de seguridad|code de securite|security code)\b"
    r"[\s:=-]{0,3}(?:(?:is|est|es) ?:? ?)?(\d{3,4})\b"
)


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


def find_card_details(text: str, found: Iterable[Found]) -> Iterator[Found]:
    """Spans of the text; `found` are the numbers in it. A month is an expiry date only beside a card."""
    for check in _pattern(_CHECK).finditer(text):
        yield *check.span(1), "card"
    ends = [end for start, end, _ in found if is_card(text[start:end])]
    for end in ends:
        if beside := _pattern(_BESIDE).match(text, end):
            yield beside.start(1), beside.end(), "card"
    if ends:
        for expires in _pattern(_EXPIRES).finditer(text):
            yield *expires.span(1), "card"
