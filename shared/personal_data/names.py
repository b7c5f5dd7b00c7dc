"""Recognizes names by the lists of names, however they are written and without any introduction."""

import re
from collections.abc import Iterator
from functools import cache

from shared.personal_data.view import View
from shared.personal_data.words import (
    also_surnames,
    any_names,
    common_words,
    first_names,
    makes,
    names_by_capital,
    nearly_a_name,
    surnames,
    vocabulary,
)

Found = tuple[int, int, str]
Place = tuple[int, int]

PARTICLES = frozenset(
    [
        "de",
        "la",
        "del",
        "van",
        "von",
        "der",
        "den",
        "le",
        "du",
        "da",
        "dos",
        "di",
        "el",
        "bin",
        "al",
        "ben",
        "ibn",
        "y",
        "o",
        "st",
        "mc",
        "san",
        "ter",
    ]
)
# What may stand between the words of one name.
_JOINTS = frozenset({" ", "-", ".", ". ", "_", "'", " '", "/"})
_LONGEST = 5
# So many letters one by one spell something, were it a name we don't know.
_SPELLED = 4
_SURE_LENGTH = 4
# Only a person follows these. "With", "for" and "pour" are as often followed by a town nobody has listed.
_BEFORE_SOMEONE = frozenset(
    {
        "whether",
        "tell",
        "told",
        "ask",
        "asked",
        "remind",
        "dile",
        "digan",
        "avisen",
        "dites",
        "dis",
        "demandez",
    }
)
_SAINTS = frozenset({"san", "santa", "santo", "saint", "sainte", "st", "ste", "sao"})
_SIZES = frozenset("smlx")
_ONE_LETTER_WORDS = frozenset("aeiouy")
# Ends of words that a name written small hardly ever has.
_ENDINGS = ("ing", "ed", "tion", "ment", "ly", "ness", "eur", "euse", "ado", "ada", "cion", "ando", "iendo")


def find_names(view: View) -> Iterator[Found]:
    """Spans of the view (start, end, kind) of names the lists know, with what belongs to them."""
    reader = _Reader(view)
    place = 0
    while place < len(reader.words):
        if len(reader.plain[place]) > 1 and reader.plain[place] in common_words():
            place += 1
            continue
        if reader.is_make(place) or reader.is_saint(place):
            place += 2
            continue
        stop = reader.letter_by_letter(place)
        if stop == place:
            stop = reader.name_from(place)
        if stop > place:
            yield reader.words[place][0], reader.words[stop - 1][1], "name"
            place = stop
        else:
            if reader.is_someone(place):
                yield *reader.words[place], "name"
            yield from reader.run_together(place)
            place += 1


class _Reader:
    """A view's words, each known as a name, a word or neither."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.words = view.words
        self.plain = [view.lower[start:end] for start, end in view.words]

    def name_from(self, place: int) -> int:
        """The word after the name that begins at `place`; `place` itself when none does."""
        first = self.plain[place]
        if first.isdigit() or self._in_a_code(place):
            return place
        sure = (
            first in first_names()
            or (first in surnames() and self._stands_alone(place))
            or (first in names_by_capital() and self._capital(place))
        )
        # Cheaper than finding out whether the first word is nearly a name: without one after it, no matter.
        if not sure and any_names().isdisjoint(self.plain[place + 1 : place + _LONGEST]):
            return place
        stop = self._goes_on(place, sure=sure)
        if sure:
            return max(stop, place + 1)
        if stop > place + 1 and self._may_begin(place) and self._holds_a_name(place, stop):
            return stop
        return place

    def _stands_alone(self, place: int) -> bool:
        """Whether a surname needs no first name: it has a capital, or is long enough to be nothing else."""
        return self._capital(place) or len(self.plain[place]) > 5

    def _may_begin(self, place: int) -> bool:
        """Whether a word that is no sure name is the first of one: "Rose Lindqvist", "Elizbeth Harmon"."""
        word = self.plain[place]
        if len(word) < 2 or word in common_words():
            return False
        if self._capital(place):
            return word in any_names() or (word.isalpha() and word not in vocabulary())
        if self._capital(place + 1):  # "busquen Kowalski": who writes a surname large writes both so
            return False
        if word in any_names() or nearly_a_name(word):
            return True
        return len(word) > _SPELLED and word not in vocabulary() and not word.endswith(_ENDINGS)

    def _holds_a_name(self, start: int, stop: int) -> bool:
        """Whether a word after the first is a sure name, or the first nearly is and others may be."""
        later = self.plain[start + 1 : stop]
        if any(word in first_names() or word in surnames() for word in later):
            return True
        return nearly_a_name(self.plain[start]) and any(word in any_names() for word in later)

    def _goes_on(self, place: int, *, sure: bool) -> int:
        """The word after the last one that belongs to a name beginning at `place`."""
        stop = place + 1
        while stop < len(self.words) and stop - place < _LONGEST:
            joint = self._joint(stop)
            if joint == ", " and stop == place + 1 and self._is_given(stop):
                stop += 1  # "Lund, Ana"
                continue
            if joint not in _JOINTS and not (joint == "\n" and self.plain[stop] in surnames()):
                break
            if self.plain[stop] in PARTICLES and self._leads_on(stop):
                stop += 1
                continue
            if not self._belongs(stop, sure=sure):
                break
            stop += 1
        while stop > place + 1 and self.plain[stop - 1] in PARTICLES:
            stop -= 1
        return stop

    def _is_given(self, place: int) -> bool:
        word = self.plain[place]
        if not (word in first_names() or (word in any_names() and self._capital(place))):
            return False
        before = self.plain[place - 1]
        return before not in vocabulary() or before in surnames()

    def _leads_on(self, place: int) -> bool:
        """Whether a particle ("de", "van") leads on to another part of the name."""
        following = place + 1
        while following < len(self.plain) and self.plain[following] in PARTICLES:
            following += 1
        if following >= len(self.plain) or following - place > 2:
            return False
        if self._joint(place + 1) not in _JOINTS:
            return False
        word = self.plain[following]
        return (self._capital(following) and word not in common_words()) or word in surnames()

    def _belongs(self, place: int, *, sure: bool) -> bool:
        """Whether the word goes on with a name."""
        word = self.plain[place]
        if not word.isalpha() or self._in_a_code(place):
            return False
        if word in first_names() or word in surnames():
            return True
        return (
            self._follows_large(place, sure=sure)
            if self._capital(place)
            else sure and self._follows_small(place)
        )

    def _follows_large(self, place: int, *, sure: bool) -> bool:
        word = self.plain[place]
        if word in common_words():
            return word in also_surnames()
        if len(word) == 1:  # an initial, not "I"
            return word != "i"
        return sure or nearly_a_name(word) or (word in any_names() and nearly_a_name(self.plain[place - 1]))

    def _follows_small(self, place: int) -> bool:
        word = self.plain[place]
        if len(word) < 3:
            return False
        if word in vocabulary():
            return word in any_names() and self._ends_a_phrase(place)
        return nearly_a_name(word) or (not word.endswith(_ENDINGS) and self._ends_a_phrase(place))

    def _ends_a_phrase(self, place: int) -> bool:
        """Whether nothing follows the word, or only words everybody uses."""
        if place + 1 >= len(self.words):
            return True
        joint = self._joint(place + 1)
        return joint.strip(" ") != "" or self.plain[place + 1] in common_words()

    def _capital(self, place: int) -> bool:
        in_text = place < len(self.words)
        return in_text and self.view.text[self.words[place][0]].isupper() and not self.view.shouted

    def _in_a_code(self, place: int) -> bool:
        """Whether the word belongs to an e-mail address or an account name."""
        start, end = self.words[place]
        return self.view.text[max(0, start - 1) : start] in {"@", "#"} or self.view.text[end : end + 1] == "@"

    def is_someone(self, place: int) -> bool:
        """Whether an unknown word must be a person: a capital where the sentence goes on and needs none."""
        word = self.plain[place]
        if not self._capital(place) or len(word) < _SURE_LENGTH or not word.isalpha() or word in vocabulary():
            return False
        return (
            self._joint(place) == " "
            and self.plain[place - 1] in _BEFORE_SOMEONE
            and not self._capital(place - 1)
            and (place + 1 == len(self.words) or not self._capital(place + 1))
            and self._goes_on_without(place + 1)
        )

    def _goes_on_without(self, place: int) -> bool:
        if place >= len(self.words):
            return True
        return (
            self._joint(place)[:1] in {",", ".", "'", "?", "!", ":", "\n"}
            or self.plain[place] in common_words()
        )

    def is_saint(self, place: int) -> bool:
        """Whether a town begins here: "San Antonio", "Saint-Malo"."""
        return self.plain[place] in _SAINTS and self._joint(place + 1) in {" ", "-", ". "}

    def _joint(self, place: int) -> str:
        """What stands before a word; nothing where there is no such word."""
        if not 0 < place < len(self.words):
            return ""
        return self.view.text[self.words[place - 1][1] : self.words[place][0]]

    def is_make(self, place: int) -> bool:
        """Whether a brand that is called like a person stands here."""
        return place + 1 < len(self.plain) and (self.plain[place], self.plain[place + 1]) in makes()

    def letter_by_letter(self, place: int) -> int:
        """The word after a name spelled "A n a"; `place` itself when none is."""
        stop = place
        while stop < len(self.plain) and len(self.plain[stop]) == 1 and self.plain[stop].isalpha():
            joint = self._joint(stop)
            if stop > place and joint not in {" ", ".", "-", "_"}:
                break
            stop += 1
        if stop - place > _SPELLED and stop < len(self.plain) and self.plain[stop - 1] in _ONE_LETTER_WORDS:
            stop -= 1  # "es A n a o no"
        word = "".join(self.plain[place:stop])
        long = stop - place > _SPELLED and not set(word) <= _SIZES
        return stop if long or (stop - place > 2 and word in any_names()) else place

    def run_together(self, place: int) -> Iterator[Found]:
        """First and last name without a space: "AnaGarcia", "anagarcia"."""
        start, end = self.words[place]
        word = self.plain[place]
        if len(word) < 7 or not word.isalpha() or word in vocabulary():
            return
        camel = _camel().fullmatch(self.view.text[start:end])
        if camel and not self.view.shouted:
            head, tail = camel.group(1).lower(), camel.group(2).lower()
            names = first_names() | surnames()
            listed = head in names or tail in names
            if listed and head not in common_words() and tail not in common_words():
                yield start, end, "name"
            return
        for cut in range(3, len(word) - 2):
            head, tail = word[:cut], word[cut:]
            if head in first_names() and (tail in surnames() or (len(tail) > 3 and tail in any_names())):
                yield start, end, "name"
                return


@cache
def _camel() -> re.Pattern[str]:
    return re.compile(r"([A-Z][a-z]+)([A-Z][a-z]+)+")
