"""Recognizes names that are written without a space, or with one after each letter."""

import re
from functools import cache

from shared.personal_data.reading import Reading
from shared.personal_data.words import any_names, common_words, first_names, sure_names, surnames, vocabulary

# So many letters one by one spell something, were it a name we don't know.
_SPELLED = 4
_SIZES = frozenset("smlx")
_ONE_LETTER_WORDS = frozenset("aeiouy")
_SHORTEST = 7


def letter_by_letter(reading: Reading, place: int) -> int:
    """The word after a name spelled "A n a"; `place` itself when none is."""
    plain, stop = reading.plain, place
    while stop < len(plain) and len(plain[stop]) == 1 and plain[stop].isalpha():
        if stop > place and reading.joint(stop) not in {" ", ".", "-", "_"}:
            break
        stop += 1
    if stop - place > _SPELLED and stop < len(plain) and plain[stop - 1] in _ONE_LETTER_WORDS:
        stop -= 1  # "es A n a o no"
    word = "".join(plain[place:stop])
    long = stop - place > _SPELLED and not set(word) <= _SIZES
    return stop if long or (stop - place > 2 and word in any_names()) else place


def is_run_together(reading: Reading, place: int) -> bool:
    """Whether first and last name stand here without a space: "AnaGarcia", "anagarcia"."""
    start, end = reading.words[place]
    word = reading.plain[place]
    if len(word) < _SHORTEST or not word.isalpha() or word in vocabulary():
        return False
    camel = _camel().fullmatch(reading.view.text[start:end])
    if camel and not reading.view.shouted:
        parts = {camel.group(1).lower(), camel.group(2).lower()}
        return not parts.isdisjoint(sure_names()) and parts.isdisjoint(common_words())
    cuts = ((word[:cut], word[cut:]) for cut in range(3, len(word) - 2))
    return any(
        head in first_names() and (tail in surnames() or (len(tail) > 3 and tail in any_names()))
        for head, tail in cuts
    )


@cache
def _camel() -> re.Pattern[str]:
    return re.compile(r"([A-Z][a-z]+)([A-Z][a-z]+)+")
