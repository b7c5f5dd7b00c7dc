"""Finds personal data in a message by what is known, by form and by surroundings."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from shared.personal_data.addresses import find_addresses
from shared.personal_data.answers import find_answer
from shared.personal_data.card_details import find_card_details
from shared.personal_data.context import find_context
from shared.personal_data.formats import find_formats
from shared.personal_data.known import find_known
from shared.personal_data.names import find_names
from shared.personal_data.small_names import find_small_names
from shared.personal_data.spelled import find_spelled, spelling_words
from shared.personal_data.view import View, look
from shared.personal_data.words import common_words

_ORDER_WORDS = r"orders?|commandes?|pedidos?|purchase|invoice|po|rma|ord|encargo|achat|compra"


@dataclass(frozen=True)
class Span:
    """A piece `text[start:end]` that is personal.

    `kind` is name, email, phone, card, iban, national_id, ip, birth_date, address, id or number (a long
    one, of a parcel or ticket).
    """

    start: int
    end: int
    kind: str


# Without one of these there is no e-mail address, however it is spelled.
_MAIL_SIGNS = ("@", "mail", " dot ", "dot)", "at]", "at)", "at}", "_at_", "robase", "roba", " at ")
_ORDER_LEAD = (
    rf"\b(?:{_ORDER_WORDS})\b[\s:=]*"
    r"(?:(?:number|numero|num|no|nr|id|ref|reference|is|es|est|was|n)\b[.:o°º]*\s*)*[(\"']?"
)


@cache
def _kept() -> tuple[re.Pattern[str], ...]:
    """The shop's order numbers: tools need to read them."""
    number = r"#?\s?[#-]?\d{4,6}(?![\w]|[-.]\d|\s\d{3,}\s\d)"
    return (
        re.compile(r"(?<![\w#])#\s?\d{4,6}(?!\w|[-.]\d)"),
        re.compile(
            rf"{_ORDER_LEAD}{number}(?:(?:\s?[,&/]|\s(?:and|or|et|y|ou|o))+\s?{number})*", re.IGNORECASE
        ),
    )


@cache
def _plain_numbers() -> tuple[re.Pattern[str], ...]:
    """Long order numbers nobody's record knows; dates, times, prices and amounts."""
    date = r"(?:0?[1-9]|1[0-2])[-/.](?:[12]\d|3[01]|0?[1-9])"
    day = r"(?:[12]\d|3[01]|0?[1-9])"
    return (
        re.compile(
            rf"{_ORDER_LEAD}#?(?:\d{{4,12}}|[A-Z]{{1,3}}-?\d{{3,5}})(?!\w|[-.]\d|\s\d{{3,}}\s?\d)",
            re.IGNORECASE,
        ),
        re.compile(r"(?<![\w#])#\s?(?:[A-Z]{1,3}-?\d{3,5}|\d{4,10})(?!\w|[-.]\d)", re.IGNORECASE),
        re.compile(rf"(?<!\d)(?:19|20)\d\d[-/.]{date}(?:[T ]\d{{1,2}}:\d\d(?::\d\d)?)?(?!\d)"),
        re.compile(rf"(?<![\d.-]){day}([-/.]){day}\1(?:(?:19|20)\d\d|\d\d)(?![\d-]|\.\d)"),
        re.compile(r"(?:[$€£]|\b(?:usd|eur|gbp|cad))\s?\d{1,6}(?:[.,]\d{2,3})*(?!\d)", re.IGNORECASE),
        re.compile(
            # Not the end of a British postcode: "ec1v 9lb".
            r"(?<![\d-])(?<![a-z]\d )(?<![a-z]\d\w )\d{1,6}(?:[.,]\d{1,3})?\s?"
            r"(?:[$€£%]|(?:usd|eur|euros?|dollars?|pounds?|percent|cm|mm|kg|lbs?|ml)\b)",
            re.IGNORECASE,
        ),
    )


def find(text: str, *, known: Sequence[str] = (), asked: str = "") -> list[Span]:
    """The personal data of a message, in order, without overlap; pure.

    `known` are values of the customer's own record (name, e-mail, phone, address), found in any spelling.
    `asked` is what the customer was last told: "ana" answers "Your name?".
    Order numbers of four to six digits, prices, dates and tokens are left alone.
    """
    whole = look(text)
    if not whole.words:
        return []
    view = whole.blank(_ranges(_kept(), whole.text))
    found = [*find_known(view, known)] if known else []
    if asked:
        found += find_answer(view, asked)
    if not _is_everyday(view):
        found += _unknown(view)
    return _merged((Span(*whole.original(start, end), kind) for start, end, kind in _trimmed(whole, found)))


def _is_everyday(view: View) -> bool:
    """Whether all words are everybody's: only a name that is known or asked for can be among them."""
    return (
        not view.numbered
        and "@" not in view.text
        and common_words().issuperset(view.plain)
        and spelling_words().isdisjoint(view.plain)
    )


def _unknown(view: View) -> list[tuple[int, int, str]]:
    """What form and surroundings give away."""
    found = [*find_context(view)]
    found += find_names(view)
    found += find_small_names(view)
    found += find_spelled(view)
    if view.numbered or any(sign in view.lower for sign in _MAIL_SIGNS):
        bare = view.blank(_ranges(_plain_numbers(), view.text))
        numbers = [*find_formats(bare)]
        found += numbers
        found += find_card_details(bare.text, numbers)
    found += find_addresses(view)
    return found


def _ranges(patterns: Iterable[re.Pattern[str]], text: str) -> list[tuple[int, int]]:
    return [hit.span() for pattern in patterns for hit in pattern.finditer(text)]


def _trimmed(view: View, found: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The spans without space or blanked characters at their ends."""
    for first, last, kind in found:
        start, end = first, last
        while start < end and view.text[start] in " \t\r\n\x00,;":
            start += 1
        while end > start and view.text[end - 1] in " \t\r\n\x00,;-.":
            end -= 1
        if start < end and "\x00" not in view.text[start:end]:
            yield start, end, kind


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans as one, of the kind of the longest."""
    merged: list[Span] = []
    longest = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            kind = span.kind if span.end - span.start > longest else last.kind
            longest = max(longest, span.end - span.start)
            merged.append(Span(last.start, max(last.end, span.end), kind))
        else:
            longest = span.end - span.start
            merged.append(span)
    return merged
