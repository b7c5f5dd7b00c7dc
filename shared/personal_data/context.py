"""Recognizes names, birth dates and account names by the words around them (en, fr, es)."""

import re
from collections.abc import Iterator
from functools import cache

from shared.personal_data import cues
from shared.personal_data.names import particles
from shared.personal_data.view import View
from shared.personal_data.words import (
    also_surnames,
    any_names,
    common_words,
    first_names,
    vocabulary,
)

Found = tuple[int, int, str]


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


@cache
def _strong() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{cues.STRONG})")


@cache
def _someone() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{cues.SOMEONE})")


@cache
def _weak() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{cues.WEAK})")


@cache
def _pattern_of_initials() -> re.Pattern[str]:
    return re.compile(r"(?<![\w.'])(?:[A-Z]\. ?){1,2}([A-Z][a-z]{3,})(?![\w@])")


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[\s\"(]{0,2}([^\W\d_](?:[^\W\d_]|['.-](?=[^\W\d_]))*\.?)(?![\d_@])")


def find_context(view: View) -> Iterator[Found]:
    """Spans of the view (start, end, kind) that their surroundings give away."""
    yield from _introduced(view)
    yield from _signed(view)
    yield from _accounts(view.lower)
    if view.numbered:
        yield from _births(view.lower)


def _births(lower: str) -> Iterator[Found]:
    for cue in _pattern(cues.BIRTH).finditer(lower):
        found = _pattern(cues.DATE).search(lower, cue.end(), cue.end() + 50)
        if found:
            yield found.start(), found.start() + len(found.group().rstrip()), "birth_date"


def _accounts(lower: str) -> Iterator[Found]:
    for source, form in (
        (cues.ACCOUNT, r"(?=[\w.-]*\d)[\w.-]{2,}(?: \d[\d.-]*)*"),
        (cues.LOGIN, r"[a-z\d]+(?:[._-][a-z\d]+)+"),
    ):
        for cue in _pattern(source).finditer(lower):
            found = re.compile(form).match(lower, cue.end())
            if found and len(found.group()) > 3:
                yield found.start(), found.start() + len(found.group().rstrip(".-")), "id"
    # Names of accounts are made of a person's: "ana_lund_3850", "ana.lund88".
    for found in _pattern(r"(?<![\w@.-])[a-z]{2,}(?:_[a-z]+_\d{3,}|[._][a-z]+\d{2,})(?![\w@])").finditer(
        lower
    ):
        yield found.start(), found.end(), "id"


def _introduced(view: View) -> Iterator[Found]:
    lower = view.lower
    for cue in _strong().finditer(lower):
        # "call me tomorow at 10" asks for a call; what stands before an hour is a slip of a day.
        if not (cue.group().startswith("call me") and _before_hour().match(view.text, cue.end())):
            yield from _name_at(view, cue.end(), strong=True)
    # Without an introduction, an unlisted name must have a capital that means something.
    if view.shouted or view.lower == view.text:
        return
    for cue in _pattern(cues.TITLE).finditer(lower):
        yield from _name_at(view, cue.end(), strong=False, titled=True)
    for cue in _someone().finditer(lower):
        yield from _name_at(view, cue.end(), strong=False, titled=True)
    for found in _pattern_of_initials().finditer(view.text):
        if found.group(1).lower() not in vocabulary():
            yield *found.span(), "name"
    for cue in _weak().finditer(lower):
        yield from _name_at(view, cue.end(), strong=False)


@cache
def _before_hour() -> re.Pattern[str]:
    """A small word, then a time of day."""
    return re.compile(
        r"\s+[a-z]+\s+(?:(?:at|around|about|after|before|by|from|until|@)\s*\d{1,2}(?![\d.-])"
        r"|\d{1,2}(?::\d\d|\s?[ap]\.?m\b))"
    )


def _name_at(view: View, at: int, *, strong: bool, titled: bool = False) -> Iterator[Found]:
    """The name that begins here: up to four words, as many as look like the first."""
    if re.match(r"-\w", view.text[at : at + 2]):
        return  # "s'appelle-t-il"
    lead = re.compile(r"[\s:=,\"'-]{0,3}").match(view.text, at)
    place = lead.end() if lead else at
    words: list[tuple[int, int]] = []
    while len(words) < 4:
        found = _word().match(view.text, place)
        if not found or (words and "\n" in view.text[place : found.start(1)]):
            break
        word = view.text[slice(*found.span(1))]
        plain = word.lower().strip(".").replace("'", "")
        if words:
            fits = _follows(view, words, found.span(1), plain, strong=strong)
        else:
            fits = _begins(view, found.span(1), plain, strong=strong, titled=titled)
        if not fits:
            break
        words.append(found.span(1))
        place = found.end(1)
        if word.endswith(".") and len(plain) > 2:
            break
    while words and view.lower[slice(*words[-1])].strip(".") in particles():
        words.pop()
    if words:
        end = words[-1][1]
        yield words[0][0], end - (view.text[end - 1] == "."), "name"


def _begins(view: View, at: tuple[int, int], plain: str, *, strong: bool, titled: bool) -> bool:
    """Whether a word after an introduction is the first of a name."""
    capital = view.text[at[0]].isupper() and not view.shouted
    if plain in first_names():
        return len(plain) > 2 or capital or strong
    if strong:
        small = not capital and plain in vocabulary() and plain not in any_names()
        return plain not in common_words() and len(plain) > 1 and not small
    if titled:
        word = plain in vocabulary() and plain not in any_names()
        return capital and len(plain) > 1 and plain not in common_words() and not word
    return capital and len(plain) > 1 and plain not in vocabulary() and _named_fully(view, at)


def _follows(
    view: View, words: list[tuple[int, int]], at: tuple[int, int], plain: str, *, strong: bool
) -> bool:
    """Whether a word goes on with a name that has begun."""
    capital = view.text[at[0]].isupper()
    if plain in particles():
        return _joins(view, at[1])
    if plain in common_words():
        return capital and not view.shouted and plain in also_surnames()
    if view.text[words[0][0]].isupper() and not view.shouted:
        return capital
    # Written small: one surname, which is no verb form.
    listed = strong or view.lower[slice(*words[0])] in first_names()
    return plain.isalpha() and listed and len(words) < 3 and not plain.endswith(("ing", "ed", "tion"))


def _joins(view: View, at: int) -> bool:
    """Whether a particle ("de", "van") leads on to another part of the name."""
    found = _word().match(view.text, at)
    return found is not None and (found.group(1)[0].isupper() or found.group(1).lower() in particles())


def _named_fully(view: View, at: tuple[int, int]) -> bool:
    """A capitalized unknown word after "I'm" is a name when another follows or the phrase ends with it."""
    word, after = view.text[slice(*at)], view.text[at[1] :]
    surname = re.match(r" ([A-Z][a-z']+)", after)
    if surname:
        return surname.group(1).lower() not in common_words()
    ends = re.match(r"\s*(?:$|[,.;!\n(]|'s\b)", after)
    if not ends:
        following = re.match(r" ([^\W\d_]+)", after)
        ends = following if following and following.group(1).lower() in common_words() else None
    endings = ("ing", "ed", "ous", "ful", "able", "ish", "ian", "ese", "ly")
    return ends is not None and not word.lower().endswith(endings)


def _signed(view: View) -> Iterator[Found]:
    """The last line of a letter, "Ana here", and "- Ana"."""
    text, lower = view.text, view.lower
    for cue in _pattern(rf"(?:^|[\n.!?,] ?){cues.SIGN_OFF}\s?(?:[,.!-]|\n)\s*").finditer(lower):
        tail = text[cue.end() :].strip()
        found = re.fullmatch(r"([A-Z][\w'-]+(?:\s+[A-Z][\w'.-]*){0,3})[.!]?", tail.partition("\n")[0].strip())
        if found and not view.shouted and tail.split()[0].lower().strip(".,!") not in common_words():
            start = text.index(found.group(1), cue.end())
            yield start, start + len(found.group(1)), "name"
        small = re.fullmatch(r"([a-z]{3,})\W*", tail)
        if small and small.group(1) not in vocabulary():
            yield cue.end(), cue.end() + len(tail.rstrip(" .!")), "name"
    dash = re.search(r"(?:\n|[.!?] )[-~] ?([A-Z][a-z]+(?: [A-Z][a-z]+)?)\s*$", text)
    if dash and dash.group(1).split()[0].lower() not in common_words():
        yield dash.start(1), dash.end(1), "name"
    here = re.match(
        r"\W*(?:(?:hi|hello|hey|hola|bonjour)\W+)?([A-Z][a-z]+(?: [A-Z][a-z]+)?)"
        r" (?:here|speaking|ici|al habla|a l'appareil|por aqui)\b",
        text,
    )
    if here and here.group(1).split()[0].lower() not in vocabulary() - any_names():
        yield here.start(1), here.end(1), "name"
