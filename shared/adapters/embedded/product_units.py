"""Cuts a question about products into its telling words, each with what it is called in English."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shared.adapters.embedded.gloss import FOLDER as SHOP_TALK
from shared.adapters.embedded.gloss import Gloss
from shared.adapters.knowledge.folding import fold, question_text, stem, stop_words
from shared.contracts import Language
from shared.errors import SettingsError

FOLDER = Path(__file__).parent / "product_words"
_WORD = re.compile(r"[a-z0-9]+")
_ACRONYM = re.compile(r"\b[A-Z]{3,6}s?\b")
_SHORT = 3
_ARTICLES = {"a", "an", "un", "une", "una", "unos", "unas"}
_DETERMINERS = {
    "the", "your", "my", "this", "these", "le", "la", "les", "vos", "votre", "mon", "ma", "mes", "ce",
    "cette", "ces", "el", "los", "las", "su", "sus", "mi", "mis", "este", "esta", "estos", "estas",
}  # fmt: skip
# Words around a property that are none: verbs of having and using, degrees, things in general, and what
# begins a question. In English and, where the glossary does not know them, in French and Spanish.
_EMPTY = frozenset(
    """
    contain contains containing contained come comes coming use used uses using work works make made
    makes put get gets sell sells sold offer keep keeps take takes go goes off possible allowed okay ok
    fine suitable good best great nice enough quite exactly else really actually also still kind type
    sort brand model own one ones thing things stuff many much number both free without fully completely
    totally sure wondering wonder question quick product products item items article articles anyone hi
    hello hey know find see tell say look looking want like need there buy bought order other more detail
    details information info show describe about interested check maybe all every each should shall contient
    contiennent comporte comportent possede possedent utilise utilisent passe passent fait faits faite
    faites fabrique fabriques fabriquee fabriquees sans bien livre livree livres livrees vendu vendue
    vendus vendues contiene contienen lleva llevan trae traen viene vienen usa usan hecho hecha hechos
    hechas sirve sirven puede pueden poder va van apto apta aptos aptas libre libres bien meter poner
    """.split()  # noqa: SIM905 a list of words
)
# "Contains", "free of": what comes with one of these has to be told itself.
_HOLDS = frozenset(
    """
    contain contains containing free without contient contiennent sans exempt exempte exempts exemptes
    contiene contienen sin libre libres
    """.split()  # noqa: SIM905 a list of words
)


@dataclass(frozen=True)
class Unit:
    """A word of a question: as it stands (folded, at [start, end)), in English, and what to make of it.

    `telling` is false for function words and small talk. `must` marks what no answer can leave out: what is
    contained or is free of, and abbreviations. `indefinite` follows "a", "une", "un"; `definite` "the",
    "vos". `phrase` is true for a word of several that mean one thing.
    """

    text: str
    english: str
    start: int
    end: int
    telling: bool
    must: bool
    indefinite: bool
    definite: bool
    phrase: bool

    @property
    def name(self) -> str:
        """The English word as names are compared."""
        return singular(self.english)

    @property
    def root(self) -> str:
        """The English stem."""
        return stem(self.english, "en")


def singular(word: str) -> str:
    """A word without a plural's s: a stem would take backpacking for a backpack."""
    return word[:-1] if len(word) > _SHORT and word.endswith("s") and not word.endswith("ss") else word


class _Words(Gloss):
    """A word list that keeps together what stands in the text and what it means."""

    def pairs(self, words: list[str]) -> Iterator[tuple[int, str]]:
        """For each word or phrase in order, how many of `words` it takes and its English."""
        at = 0
        while at < len(words):
            size, english = self._phrase(words, at)
            if not size:
                size, english = 1, " ".join(self._word(words[at]))
            yield size, english
            at += size


def units_of(question: str, language: Language) -> tuple[str, list[Unit]]:
    """The folded question, and its words in order; a word with two in English is there twice."""
    question = question_text(question)
    plain = fold(question)
    found = list(_WORD.finditer(plain))
    words = [match.group() for match in found]
    pairs = _words(language).pairs(words) if language != "en" else ((1, word) for word in words)
    loud = (
        {fold(name).removesuffix("s") for name in _ACRONYM.findall(question)}
        if not question.isupper()
        else set()
    )
    units: list[Unit] = []
    at, held = 0, False
    for size, english in pairs:
        text = " ".join(words[at : at + size])
        for word in english.split():
            telling = _tells(text, word, language)
            units.append(
                Unit(
                    text=text,
                    english=word,
                    start=found[at].start(),
                    end=found[at + size - 1].end(),
                    telling=telling,
                    must=telling and (held or text.removesuffix("s") in loud),
                    indefinite=at > 0 and words[at - 1] in _ARTICLES,
                    definite=at > 0 and words[at - 1] in _DETERMINERS,
                    phrase=size > 1,
                )
            )
        # "Free of BPA", and only what comes right after it.
        telling = any(unit.telling for unit in units[-len(english.split()) :])
        held = text in _HOLDS or (held and not telling)
        at += size
    return plain, units


def _tells(text: str, english: str, language: Language) -> bool:
    if text in stop_words(language) or english in stop_words("en"):
        return False
    return text not in _EMPTY and english not in _EMPTY and (len(english) > 1 or english.isdigit())


@lru_cache(maxsize=3)
def _words(language: Language) -> _Words:
    """Words for products come before the shop talk; an apostrophe parts two words."""
    groups: dict[str, dict[str, list[str]]] = {}
    for folder in (FOLDER, SHOP_TALK):
        file = folder / f"{language}.toml"
        try:
            read = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(
                f"cannot read the word list {file}: {error}; restore it from the repository"
            ) from error
        for name, listed in read.items():
            groups[f"{folder.name}/{name}"] = {
                english: [" ".join(entry.replace("'", " ").replace("-", " ").split()) for entry in foreign]
                for english, foreign in listed.items()
            }
    return _Words(groups)
