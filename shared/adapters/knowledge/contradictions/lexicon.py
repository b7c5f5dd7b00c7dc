"""Names what the words of a sentence mean, alike in English, French and Spanish."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shared.adapters.knowledge.folding import fold, stem, stop_words
from shared.contracts import LANGUAGES, Language

_FILE = Path(__file__).with_name("lexicon.toml")
_SHORT = 4
_WORD = re.compile(r"[a-z0-9][a-z0-9&-]*[a-z0-9]|[a-z0-9]")
# Endings of adverbs: they say how, not what.
_ADVERB = {
    "en": re.compile(r"\w{3,}ly$"),
    "fr": re.compile(r"\w{3,}ment$"),
    "es": re.compile(r"\w{3,}mente$"),
}


@dataclass(frozen=True)
class Words:
    """One language's phrases and stems with the concepts they mean."""

    phrases: re.Pattern[str]
    by_phrase: dict[str, str]
    by_stem: dict[str, str]
    light: frozenset[str]


@dataclass(frozen=True)
class Term:
    """A meaning and where its words stand in the folded sentence."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Lexicon:
    """What is the same in all languages, and each language's words."""

    places: frozenset[str]
    beside: dict[str, frozenset[str]]
    concepts: frozenset[str]
    conditions: frozenset[str]
    generic: frozenset[str]
    words: dict[Language, Words]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The word list beside this module, read once."""
    data = tomllib.loads(_FILE.read_text("utf-8"))
    concepts: dict[str, list[str]] = data["concepts"] | data["places"]
    return Lexicon(
        places=frozenset(data["places"]),
        beside={name: frozenset(words) for name, words in data["beside"].items()},
        concepts=frozenset(concepts),
        conditions=frozenset(data["conditions"]["words"]),
        generic=frozenset(data["generic"]["words"]),
        words={
            language: _words(n, language, concepts, data["light"]) for n, language in enumerate(LANGUAGES)
        },
    )


def _words(n: int, language: Language, concepts: dict[str, list[str]], light: dict[str, str]) -> Words:
    by_phrase: dict[str, str] = dict.fromkeys(light["phrases"], "")
    by_stem: dict[str, str] = {}
    for name, columns in concepts.items():
        for entry in (fold(part.strip()) for part in columns[n].split(",")):
            if " " in entry or "-" in entry or "'" in entry or "." in entry:
                by_phrase[entry] = name
            else:
                by_phrase.setdefault(entry, name)
                # The stem of a short word is that of many: `off` would be an offer.
                if len(entry) > _SHORT:
                    by_stem.setdefault(stem(entry, language), name)
    longest_first = sorted(by_phrase, key=len, reverse=True)
    pattern = "|".join(re.escape(entry) for entry in longest_first)
    stems = frozenset(stem(word, language) for word in fold(light[language]).split())
    return Words(re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])"), by_phrase, by_stem, stems)


def terms_of(text: str, language: Language) -> list[Term]:
    """The meanings in a folded text, in order, without words that tell no fact from another."""
    words = lexicon().words[language]
    found = [
        Term(words.by_phrase[match[0]], match.start(), match.end()) for match in words.phrases.finditer(text)
    ]
    rest = words.phrases.sub(lambda match: " " * len(match[0]), text)
    found.extend(_single(rest, language, words))
    return sorted((term for term in found if term.name), key=lambda term: term.start)


def _single(text: str, language: Language, words: Words) -> Iterator[Term]:
    stop = stop_words(language)
    for match in _WORD.finditer(text):
        word = match[0]
        if word in stop or len(word) < 2 or word.isdigit():
            continue
        root = stem(word, language)
        name = words.by_stem.get(root)
        if name is None:
            if root in words.light or _ADVERB[language].match(word):
                continue
            name = root
        yield Term(name, match.start(), match.end())
