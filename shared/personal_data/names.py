"""Recognizes names by the lists of names, however they are written and without any introduction."""

from collections.abc import Iterator
from functools import cache

from shared.personal_data.joined_names import is_run_together, letter_by_letter
from shared.personal_data.quiz import is_quiz
from shared.personal_data.reading import Reading
from shared.personal_data.view import View
from shared.personal_data.words import (
    also_surnames,
    any_names,
    common_words,
    first_names,
    names_by_capital,
    nearly_a_name,
    surnames,
    vocabulary,
    well_known,
)

Found = tuple[int, int, str]

_PARTICLES = "de la del van von der den le du da dos di el bin al ben ibn y o st mc san ter"
# What may stand between the words of one name.
_JOINTS = frozenset({" ", "-", ".", ". ", "_", "'", " '", "/"})
_LONGEST = 5
# A word of so many letters is a name for its surroundings alone.
_SURE_LENGTH = 4
# Only a person follows these. "With", "for" and "pour" are as often followed by a town nobody has listed.
_BEFORE_SOMEONE = "ask asked avisen demandez digan dile dis dites remind tell told whether"
_SAINTS = frozenset({"san", "santa", "santo", "saint", "sainte", "st", "ste", "sao"})
# Ends of words that a name written small hardly ever has.
_ENDINGS = ("ing", "ed", "tion", "ment", "ly", "ness", "eur", "euse", "ado", "ada", "cion", "ando", "iendo")


@cache
def particles() -> frozenset[str]:
    """Small words inside names: "van der"."""
    return frozenset(_PARTICLES.split())


@cache
def _before_someone() -> frozenset[str]:
    return frozenset(_BEFORE_SOMEONE.split())


def find_names(view: View) -> Iterator[Found]:
    """Spans of the view (start, end, kind) of names the lists know, with what belongs to them."""
    reader = _Reader(view)
    if is_quiz(view):
        return
    place = 0
    while place < len(reader.words):
        if len(reader.plain[place]) > 1 and reader.plain[place] in common_words():
            place += 1
            continue
        if reader.is_well_known(place) or reader.is_saint(place):
            place += 2
            continue
        stop = letter_by_letter(reader, place)
        if stop == place:
            stop = reader.name_from(place)
        if stop > place:
            yield reader.words[place][0], reader.words[stop - 1][1], "name"
            place = stop
        else:
            if reader.is_someone(place) or is_run_together(reader, place):
                yield *reader.words[place], "name"
            place += 1


class _Reader(Reading):
    """A view's words, each known as a name, a word or neither."""

    def name_from(self, place: int) -> int:
        """The word after the name that begins at `place`; `place` itself when none does."""
        first = self.plain[place]
        if first.isdigit() or self._in_a_code(place):
            return place
        sure = (
            first in first_names()
            or (first in surnames() and self._stands_alone(place))
            or (first in names_by_capital() and self.capital(place))
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
        return self.capital(place) or len(self.plain[place]) > 5

    def _may_begin(self, place: int) -> bool:
        """Whether a word that is no sure name is the first of one: "Rose Lindqvist", "Elizbeth Harmon"."""
        word = self.plain[place]
        if len(word) < 2 or word in common_words():
            return False
        if self.capital(place):
            return word in any_names() or (word.isalpha() and word not in vocabulary())
        if self.capital(place + 1):  # "busquen Kowalski": who writes a surname large writes both so
            return False
        if word in any_names() or nearly_a_name(word):
            return True
        return len(word) > _SURE_LENGTH and word not in vocabulary() and not word.endswith(_ENDINGS)

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
            joint = self.joint(stop)
            if joint == ", " and stop == place + 1 and self._is_given(stop):
                stop += 1  # "Lund, Ana"
                continue
            if joint not in _JOINTS and not (joint == "\n" and self.plain[stop] in surnames()):
                break
            if self.plain[stop] in particles() and self._leads_on(stop):
                stop += 1
                continue
            if not self._belongs(stop, sure=sure):
                break
            stop += 1
        while stop > place + 1 and self.plain[stop - 1] in particles():
            stop -= 1
        return stop

    def _is_given(self, place: int) -> bool:
        word = self.plain[place]
        before = self.plain[place - 1]
        alone = len(self.words) == 2 and before in surnames() and word not in common_words()
        if not (word in first_names() or (self.capital(place) and (word in any_names() or alone))):
            return False
        return before not in vocabulary() or before in surnames()

    def _leads_on(self, place: int) -> bool:
        """Whether a particle ("de", "van") leads on to another part of the name."""
        following = place + 1
        while following < len(self.plain) and self.plain[following] in particles():
            following += 1
        if following >= len(self.plain) or following - place > 2:
            return False
        if self.joint(place + 1) not in _JOINTS:
            return False
        word = self.plain[following]
        return (self.capital(following) and word not in common_words()) or word in surnames()

    def _belongs(self, place: int, *, sure: bool) -> bool:
        """Whether the word goes on with a name."""
        word = self.plain[place]
        if not word.isalpha() or self._in_a_code(place):
            return False
        if word in first_names() or word in surnames():
            return True
        return (
            self._follows_large(place, sure=sure)
            if self.capital(place)
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
        joint = self.joint(place + 1)
        return joint.strip(" ") != "" or self.plain[place + 1] in common_words()

    def _in_a_code(self, place: int) -> bool:
        """Whether the word belongs to an e-mail address or an account name."""
        start, end = self.words[place]
        return self.view.text[max(0, start - 1) : start] in {"@", "#"} or self.view.text[end : end + 1] == "@"

    def is_someone(self, place: int) -> bool:
        """Whether an unknown word must be a person: a capital where the sentence goes on and needs none."""
        word = self.plain[place]
        if not self.capital(place) or len(word) < _SURE_LENGTH or not word.isalpha() or word in vocabulary():
            return False
        return (
            self.joint(place) == " "
            and self.plain[place - 1] in _before_someone()
            and not self.capital(place - 1)
            and (place + 1 == len(self.words) or not self.capital(place + 1))
            and self._goes_on_without(place + 1)
        )

    def _goes_on_without(self, place: int) -> bool:
        if place >= len(self.words):
            return True
        return (
            self.joint(place)[:1] in {",", ".", "'", "?", "!", ":", "\n"}
            or self.plain[place] in common_words()
        )

    def is_saint(self, place: int) -> bool:
        """Whether a town begins here: "San Antonio", "Saint-Malo"."""
        return self.plain[place] in _SAINTS and self.joint(place + 1) in {" ", "-", ". "}

    def is_well_known(self, place: int) -> bool:
        """Whether a brand or a celebrity stands here."""
        return place + 1 < len(self.plain) and (self.plain[place], self.plain[place + 1]) in well_known()
