"""Tells that a message is in a language the shop does not answer in, by the words of `tongues.toml`."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from shared.contracts import Language

FILE = Path(__file__).with_suffix(".toml")
_VALUE = re.compile(r"TOKEN_[0-9a-fA-F-]{36}|https?://\S+|(?<!\S)\S+@\S+|(?<!\w)\w*\d\w*")
_WORD = re.compile(r"[^\W\d_]+")
_FEW_WORDS = 3
"""Up to so many, one word that is plainly of a language tells it."""

Said = Literal["yes", "no", "thanks"]


@dataclass(frozen=True)
class Tongue:
    """Another language than ours, and which of ours its speakers most likely read."""

    name: str
    nearest: Language
    words: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Known:
    """What tongues.toml says. `common` are words that tell nothing: ours, or theirs and ours."""

    tongues: tuple[Tongue, ...]
    ours: frozenset[str]
    common: frozenset[str]
    says: dict[Said, frozenset[str]]
    person: frozenset[str]
    scripts: dict[str, str]


@lru_cache(maxsize=64)  # asked several times in a turn, and no longer a memory of what was written
def other_tongue(text: str) -> Tongue | None:
    """The language of `text` where it is none of ours and plainly another; None in doubt."""
    known, said = _known(), _VALUE.sub(" ", text)
    letters = [char for char in said if char.isalpha()]
    strange = [char for char in letters if unicodedata.normalize("NFKD", char) > "\u036f"]
    if letters and 2 * len(strange) > len(letters):
        return _of_script(strange, known)
    words = _words(said)
    whole = " ".join(words)
    for tongue in known.tongues:
        if whole in tongue.alone:
            return tongue
    best = max(known.tongues, key=lambda tongue: _weight(tongue, words, known))
    return best if _plainly(best, words, known) else None


def says(text: str) -> Said | None:
    """What a message in one of them says that is no more than a yes, a no or thanks."""
    said = " ".join(_words(text))
    return next((kind for kind, phrases in _known().says.items() if said in phrases), None)


def wants_person(text: str) -> bool:
    """Whether a message in one of them asks for a human being."""
    said = " ".join(_words(text))
    return other_tongue(text) is not None and any(phrase in said for phrase in _known().person)


def _plainly(tongue: Tongue, words: list[str], known: _Known) -> bool:
    its = [word for word in words if word in tongue.words]
    telling = set(its) - known.common
    ours = [word for word in words if word in known.ours and word not in tongue.words]
    sure = len(telling) > 1 or len(words) <= _FEW_WORDS or (len(its) > 1 and not ours)
    return bool(telling) and sure and len(its) > len(ours) and 4 * len(its) >= len(words)


def _weight(tongue: Tongue, words: list[str], known: _Known) -> int:
    return sum(1 if word in known.common else 3 for word in words if word in tongue.words)


def _of_script(letters: list[str], known: _Known) -> Tongue:
    names = [unicodedata.name(char, "") for char in letters]
    found = (
        tongue for script, tongue in known.scripts.items() if any(name.startswith(script) for name in names)
    )
    return Tongue(next(found, "another"), "en")


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("ß", "ss").replace("ł", "l")
    return _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))


@lru_cache(maxsize=1)
def _known() -> _Known:
    data = tomllib.loads(FILE.read_text("utf-8"))
    tongues = tuple(
        Tongue(each["name"], each["nearest"], frozenset(each["words"].split()), _phrases(each["alone"]))
        for each in data["tongue"]
    )
    ours = frozenset(data["tells_nothing"]["ours"].split())
    common = ours | frozenset(data["tells_nothing"]["shared"].split())
    spoken: dict[Said, frozenset[str]] = {kind: _phrases(data["says"][kind]) for kind in get_args(Said)}
    return _Known(tongues, ours, common, spoken, _phrases(data["person"]["phrases"]), data["scripts"])


def _phrases(listed: str) -> frozenset[str]:
    return frozenset(" ".join(_words(phrase)) for phrase in listed.split(","))
