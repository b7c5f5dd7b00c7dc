"""Recognizes numbers that are written out in words: "six one seven, five five five, oh one four two"."""

import re
from collections.abc import Iterator
from functools import cache

from shared.personal_data.view import View

Found = tuple[int, int, str]

# How many digits a word says; "double" and "triple" repeat the next one and stand for one or two more.
_ONE = (
    "zero oh nought one two three four five six seven eight nine"
    " un deux trois quatre cinq six sept huit neuf"
    " cero uno dos tres cuatro cinco seis siete ocho nueve"
)
_TWO = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    " twenty thirty forty fifty sixty seventy eighty ninety"
    " dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante"
    " diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno"
    " veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve"
    " treinta cuarenta cincuenta sesenta setenta ochenta noventa"
)
# What a single digit may follow and still be one number with it.
_TENS = (
    "twenty thirty forty fifty sixty seventy eighty ninety vingt trente quarante cinquante soixante"
    " treinta cuarenta cincuenta sesenta setenta ochenta noventa"
)
_REPEATS = {"double": 1, "triple": 2}
# Fill the places after a number: "nine hundred" is 900.
_FILLS = {"hundred": 2, "cent": 2, "cents": 2, "cien": 3, "ciento": 1, "thousand": 3, "mille": 3, "mil": 3}
_SIGNS = frozenset({"at", "dot", "point", "punto", "arobase", "arroba", "chez", "underscore", "dash"})
_BETWEEN = re.compile(r"[\s,.\-–]{1,3}")
# A telephone number or more; fewer digits are a postcode where one is spoken of.
_ENOUGH = 7
_POSTCODE = 5


@cache
def _digits() -> dict[str, int]:
    return {**dict.fromkeys(_TWO.split(), 2), **dict.fromkeys(_ONE.split(), 1), **_REPEATS, **_FILLS}


@cache
def spelling_words() -> frozenset[str]:
    """Words that say a digit or a sign of an address."""
    return frozenset(_digits()) | _SIGNS


@cache
def _postcode_words() -> re.Pattern[str]:
    return re.compile(r"\bzip|post(?:al)? ?code|code postal|codigo postal|\bc\.?p\.?\b")


def find_spelled(view: View) -> Iterator[Found]:
    """Spans of the view (start, end, kind) that say five digits or more."""
    if _digits().keys().isdisjoint(view.plain):
        return
    words, text = view.words, view.lower
    place = 0
    while place < len(words):
        first = text[slice(*words[place])]
        if first not in _digits() and not first.isdigit():
            place += 1
            continue
        stop, digits = _run(text, words, place)
        start, end = words[place][0], words[max(stop - 1, place)][1]
        said = stop - place
        if digits >= _ENOUGH and said > 3:
            yield start, end, "card" if digits > 12 else "phone"
        elif digits >= _POSTCODE and said > 2 and _postcode_words().search(text[max(0, start - 30) : start]):
            yield start, end, "address"
        place = max(stop, place + 1)


def _run(text: str, words: list[tuple[int, int]], place: int) -> tuple[int, int]:
    """The word after the run of number words that begins at `place`, and how many digits it says."""
    digits, stop, tens = 0, place, False
    while stop < len(words):
        word = text[slice(*words[stop])]
        if stop > place and not _BETWEEN.fullmatch(text[words[stop - 1][1] : words[stop][0]]):
            break
        if word in {"y", "et", "and"} and tens and stop > place:  # "treinta y cuatro"
            stop += 1
            continue
        size = _digits().get(word, len(word) if word.isdigit() and len(word) < 3 else 0)
        if not size:
            break
        # "thirty four" says two digits, as "thirty" alone does; "quatre-vingt-dix" too.
        digits += 0 if tens and size == 1 else size
        tens = size == 2 and word not in _FILLS and word in _tens()
        stop += 1
    if stop > place and text[slice(*words[stop - 1])] in {"y", "et", "and"}:
        stop -= 1
    if all(text[slice(*words[n])].isdigit() for n in range(place, stop)):
        return stop, 0
    return stop, digits


@cache
def _tens() -> frozenset[str]:
    return frozenset(_TENS.split())
