"""Recognizes personal data by its own form: e-mail, phone, card, IBAN, national id, IP address."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import cache

from shared.personal_data.numbers import chain_kind, is_card, is_iban, is_national_id
from shared.personal_data.view import View
from shared.personal_data.words import common_words

Found = tuple[int, int, str]

_MAILERS = (
    "gmail|googlemail|hotmail|outlook|yahoo|icloud|aol|proton(?:mail)?|live|msn|gmx|orange|free|laposte"
)
_TLD = (
    "c[o0]m|n[e3]t|[o0]rg|edu|gov|io|co|uk|us|ca|fr|es|de|eu|info|biz|me|mx|be|ch|it|mail|shop|app|dev|ie|au"
)
_PAPERS = (
    r"\b(?:passports?|passeport|pasaporte|driver'?s? licen[cs]e|licen[cs]e|permis|licencia|national id"
    r"|id card|curp"
    r"|rfc|nss|ssn|sin|nif|nino|carte d'identite|cedula|ine|dl)\b(?: number| numero)?"
)
_PAPER = (
    rf"{_PAPERS}[\s:#]{{1,3}}(?:is|es|est|no|n|num"
    rf"|number)?\.?\s?:?\s?((?=[\w-]*\d\d)[A-Z\d][\w-]{{5,}})"
)
_INSURED = (
    r"\b(?:ni|nino|national insurance)(?: number| no)?[\s:]{1,2}(?:is )?"
    r"([a-z]{2} ?(?:\d{2} ?){3}[a-z])\b"
)
_AT = (
    r"(?:\s?[\[({<*|]\s?(?:@|at|arr?obase|arr?oba|a)\s?[\])}>*|]\s?|\s?@\s?"
    r"|\s(?:at|arr?obas?e?|chez)\s|_at_|-at-)"
)
_SIGN = r"\s(?:underscore|dash|hyphen|tiret(?: bas)?|guion(?: bajo)?|subrayado|plus|mas)\s"
_DOT = (
    r"(?:\s?[\[({<]\s?(?:\.|dot|point|punto)\s?[\])}>]\s?|\s(?:dot|point|punto)\s|\s?\.\s?"
    r"|_dot_|-dot-)"
)


@cache
def _pattern(source: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(source, flags)


def find_formats(view: View) -> Iterator[Found]:
    """Spans of the view (start, end, kind); order references must be blanked before."""
    text = view.text
    lower = view.lower
    if "@" in text or "at" in lower or "ar" in lower or "mail" in lower:
        yield from _emails(text, lower)
    if view.numbered:
        yield from _mixed(text)
        yield from _chains(text, lower)
    if ":" in text or text.count(".") > 2:
        yield from _addresses_of_machines(text)


def _emails(text: str, lower: str) -> Iterator[Found]:
    if "@" in text:
        # The plain form, then one whose dots are spaced or whose ending is missing.
        plain = rf"(?<![\w.+'%-])[\w.+'%-]{{0,64}}\w\s?@\s?[\w-]{{1,64}}(?:\s?[.,]\s?(?:{_TLD})\b|\.[\w-]+)*"
        for found in _pattern(plain).finditer(text):
            if any(char.isalpha() for char in found.group().partition("@")[2]):
                yield _single_letters(text, found.start()), found.end(), "email"
    if not _pattern(r"\bat\b|arr?obas?e?|chez|[\[({]\s?a\s?[\])}]|_at_|@").search(lower):
        if "mail" in lower:
            yield from _run_together(text)
        return
    local = rf"(?<![\w.])\w[\w+'-]{{0,63}}(?:(?:{_DOT}|\s?[_-]\s?|{_SIGN})[\w+'-]+){{0,8}}"
    mailer = rf"(?:{_MAILERS})(?:\s(?:{_TLD}))?\b"
    domain = rf"[\w-]{{1,64}}(?:{_DOT}[\w-]+){{0,5}}?{_DOT}(?:{_TLD})\b(?:{_DOT}(?:{_TLD})\b)?"
    for found in _pattern(rf"({local})({_AT})({domain}|{mailer})").finditer(text):
        at, after = found.group(2), found.group(3)
        # "I ordered at example.com" is a shop; an address spells its signs, or has a digit or dot before.
        spelled = not at.strip().isalpha() or _pattern(rf"\s(?:dot|point|punto)\s|^(?:{_MAILERS})\b").search(
            after
        )
        if spelled or _pattern(r"[\d._]").search(found.group(1)):
            yield _single_letters(text, found.start()), found.end(), "email"


def _single_letters(text: str, start: int) -> int:
    """Where an address written "j o h n @" begins."""
    found = _pattern(r"(?:(?<!\S)\w ){2,}$").search(text[:start])
    return found.start() if found else start


def _run_together(text: str) -> Iterator[Found]:
    """An address without its signs: "anna 41 gmailcom"."""
    for found in _pattern(
        rf"(?:[\w.+-]{{1,64}}\s){{0,2}}[\w.+-]{{0,64}}\s?(?:{_MAILERS})\s?[.,]?\s?com\b"
    ).finditer(text):
        start = found.start()
        for word in found.group().split()[:2]:
            if word.lower() not in common_words():
                break
            start = text.index(word, start) + len(word) + 1
        if len(text[start : found.end()].split()) > 1 or found.end() - start > 12:
            yield start, found.end(), "email"


def _mixed(text: str) -> Iterator[Found]:
    """Codes of letters and digits."""
    for found in _pattern(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}(?:[ -]?[A-Z0-9]{1,3})?\b").finditer(
        text
    ):
        for end in _ends(found):
            if is_iban(text[found.start() : end]):
                yield found.start(), end, "iban"
                break
        else:
            digits = sum(char.isdigit() for char in found.group())
            if digits >= 12:
                yield found.start(), found.end(), "iban"
    forms: tuple[tuple[str, str, Callable[[str], bool] | None], ...] = (
        (r"\b\d{8}[ -]?[A-Z]\b|\b[XYZ][ -]?\d{7}[ -]?[A-Z]\b", "national_id", is_national_id),
        (
            r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
            "national_id",
            None,
        ),
        (
            r"\b[12]\s?\d{2}\s?(?:0[1-9]|1[0-2])\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}(?:\s?\d{2})?\b",
            "national_id",
            None,
        ),
        (
            r"\b1Z[ ]?(?:[0-9A-Z][ ]?){16}\b|\b[A-Z]{2}[ ]?(?:\d[ ]?){9}[A-Z]{2}\b|\b(?:TBA|JD|JJD)\d{10,}\b",
            "number",
            None,
        ),
        (r"(?<![\w-])(?=[A-Z]*\d)(?=(?:[A-Z]*\d){6})[A-Z0-9]{10,34}(?![\w-])", "number", None),
        (r"(?<![\w-])#?[A-Z]{1,3}-?\d(?:[ .-]?\d){5,}(?![\w-])", "number", None),
        (_PAPER, "national_id", None),
        (_INSURED, "national_id", None),
    )
    for source, kind, check in forms:
        for found in _pattern(source).finditer(text):
            if check is None or check(found.group()):
                yield *found.span(found.re.groups), kind


def _ends(found: re.Match[str]) -> Iterator[int]:
    """The places where a code may end: at each group, longest first."""
    whole = found.group()
    yield found.end()
    for place in range(len(whole) - 1, 14, -1):
        if whole[place] in " -":
            yield found.start() + place


def _chains(text: str, lower: str) -> Iterator[Found]:
    """Digits in groups: cards, phones and long numbers."""
    for found in _pattern(r"(?<![\w$€£])[+(]{0,2}\d(?:(?:[\s().\-/_·|]{0,3}|, )\d)*", 0).finditer(text):
        if len(found.group()) < 7 or text[found.end() : found.end() + 1].isalpha():
            groups = _pattern(r"\d+").findall(found.group())
            if sum(map(len, groups)) < 7 or len(groups) < 2:
                continue
        kind = chain_kind(found.group(), lower[max(0, found.start() - 40) : found.start()])
        if kind:
            yield found.start(), found.end(), kind
            continue
        # A card may stand among other numbers: "4111 1111 1111 1111 12/27".
        for inner in _pattern(r"(?<!\d)\d{4}[ -]?\d{4,6}[ -]?\d{4,5}[ -]?\d{0,4}(?!\d)").finditer(
            found.group()
        ):
            if is_card(inner.group()):
                yield found.start() + inner.start(), found.start() + inner.end(), "card"


def _addresses_of_machines(text: str) -> Iterator[Found]:
    for found in _pattern(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)").finditer(text):
        if all(int(part) < 256 for part in found.group().split(".")):
            yield found.start(), found.end(), "ip"
    for found in _pattern(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])").finditer(text):
        try:
            ipaddress.IPv6Address(found.group())
        except ValueError:
            continue
        if any(char.isdigit() for char in found.group()):
            yield found.start(), found.end(), "ip"
