"""Recognizes a full name in no list and written small, where somebody says who they are."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from shared.personal_data.names import particles
from shared.personal_data.view import View
from shared.personal_data.words import (
    any_names,
    common_words,
    names_by_capital,
    one_slip_from,
    vocabulary,
)

Found = tuple[int, int, str]

# "It's" and "c'est" speak of things; they introduce somebody where a message begins or a telephone is meant.
_SOMEBODY = r"this is|i'?m|i am|soy|je suis|moi c'est|ici|aqui(?: habla)?|(?:le )?habla|le saluda"
_GREETED = (
    r"(?:^|[\n.!,]\s*)(?:(?:hi|hello|hey|hiya|bonjour|bonsoir|salut|allo|hola|buenas|oui|yes|si)[\s,!]+)?"
)
_WORD = r"(?:o')?[a-z](?:[a-z]|-(?=[a-z]))+(?!')"
_CALLS = r"speaking|a l'appareil|au telephone|al habla|al telefono|al aparato"
# What ends the name: the phrase, an order's number, or a word everybody uses ("and", "from", "with").
_ENDS = re.compile(rf"\s*(?:$|[\x00#]|\d{{4}}|[,.;:!?()\n-]|(?:{_CALLS}|calling)\b|([a-z']+))")
_THRICE = re.compile(r"(.)\1\1")
# Ends of words that say how somebody is or what they do; few names have them.
_NO_NAMES = (
    "ing", "ed", "tion", "ment", "ly", "ness", "ful", "ous", "less", "able", "ible", "ive", "ists", "ist",
    "mente", "ado", "ada", "ido", "idas", "ando", "iendo", "oso", "osa", "cion", "logo", "loga",
    "eux", "euse", "iste", "ista", "ique", "tif", "tive", "tivo", "tiva", "ismo", "isme", "ism",
)  # fmt: skip
_MOST = 4


@cache
def _cue() -> re.Pattern[str]:
    return re.compile(
        rf"(?:\b(?:{_SOMEBODY})|{_GREETED}(?:it'?s|c'est|es))[\s:]+(?={_WORD}\s)", re.IGNORECASE
    )


@cache
def _name() -> re.Pattern[str]:
    return re.compile(rf"{_WORD}(?: {_WORD}){{1,{_MOST}}}")


@cache
def _caller() -> re.Pattern[str]:
    return re.compile(rf"({_WORD}) (?:{_CALLS})\b")


def find_small_names(view: View) -> Iterator[Found]:
    """Spans of the view (start, end, kind): two words that are no words, after "this is" and its like.

    Who is at the telephone gives one: "c'est maelenn a l'appareil".
    """
    for cue in _cue().finditer(view.lower):
        caller = _caller().match(view.text, cue.end())
        if caller and _may_be(caller.group(1)):
            yield *caller.span(1), "name"
            continue
        words = _name().match(view.text, cue.end())
        if words and (stop := _stop(view.text, words)):
            yield cue.end(), stop, "name"


def _stop(text: str, words: re.Match[str]) -> int:
    """Where the name ends that begins these words; 0 when none does."""
    end, unknown, count = words.start(), 0, 0
    for word in words.group().split(" "):
        small = word in particles() and count > 0
        if not small and not _may_be(word):
            break
        if not small:
            count += 1
            unknown += _is_no_word(word)
            stop = end + len(word)
        end += len(word) + 1
    if count < 2 or not unknown or unknown < count - 1:
        return 0
    after = _ENDS.match(text, stop)
    return stop if after and (after.group(1) is None or after.group(1) in common_words()) else 0


def _may_be(word: str) -> bool:
    """Whether the word can be a part of a name: it is nobody's word, or somebody's name as well."""
    if len(word) < 3 or word in common_words():
        return False
    return word in any_names() or word in names_by_capital() or _is_no_word(word)


@lru_cache(maxsize=4096)
def _is_no_word(word: str) -> bool:
    """Whether no list knows the word, nor one a slip away, nor the way it ends."""
    if word in vocabulary() or (len(word) > 3 and word.endswith(_NO_NAMES)):
        return False
    return not _THRICE.search(word) and not one_slip_from(word, vocabulary())
