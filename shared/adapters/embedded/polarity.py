"""Tells for each word of a sentence whether the sentence affirms or denies it."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from shared.adapters.knowledge.folding import stem
from shared.contracts import LANGUAGES, Language

_FILE = Path(__file__).parent / "rules" / "opposites.toml"
_PIECE = re.compile(r"token_[0-9a-f-]+|[a-z]+n't\b|[^\W\d_]+|\d+(?:[.,]\d+)*|[,;:.!?()]")
# "and" goes on with what is denied, unless a new clause begins after it.
_AND = frozenset({"and", "et", "y"})
_PREFIX = re.compile(r"(?:un|non)(?=[a-z]{4})(?!d[eo]|til|it|iq|iv|less|io)")
# How many words after a "not" it denies for sure; what follows up to the next mark may be denied or not.
_REACH = 1
_FRENCH_NE = frozenset({"ne", "n"})
_NOR = frozenset({"nor", "ni"})


@dataclass(frozen=True)
class Word:
    """A word with a meaning: its stem, its place, and whether it is affirmed (1), denied (-1) or either (0).

    `side` is 1 or -1 for a word of a pair of opposites, whose stem is the pair's; else 0. `excepted` is
    true for what follows an "unless".
    """

    stem: str
    said: str
    start: int
    end: int
    sign: int
    side: int = 0
    excepted: bool = False


@dataclass(frozen=True)
class _Terms:
    empty: frozenset[str]
    courtesy: frozenset[str]
    joins: frozenset[str]
    conditions: frozenset[str]
    begins: frozenset[str]
    forward: frozenset[str]
    denies: frozenset[str]
    excepts: frozenset[str]
    limits: frozenset[str]
    weak: frozenset[str]
    idle: re.Pattern[str]
    sides: dict[str, tuple[str, int]]


@lru_cache(maxsize=1)
def _terms() -> dict[Language, _Terms]:
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {language: _read({**tables["any"], **tables[language]}) for language in LANGUAGES}


def _read(table: dict[str, str]) -> _Terms:
    sides: dict[str, tuple[str, int]] = {}
    for line in table["opposites"].strip().splitlines():
        one, two = line.split("|")
        name = f"={one.split()[0]}"
        sides |= dict.fromkeys(one.split(), (name, 1)) | dict.fromkeys(two.split(), (name, -1))
    idle = "|".join(re.escape(phrase.strip()) for phrase in table["idle"].split("|"))
    return _Terms(
        **{
            name: frozenset(table[name].split())
            for name in ("empty", "courtesy", "joins", "conditions", "begins", "forward")
        },
        denies=frozenset(table["not"].split()),
        excepts=frozenset(table["unless"].split()),
        limits=frozenset(table["only"].split()),
        weak=frozenset(table["weak"].split()),
        idle=re.compile(rf"(?<!\w)(?:{idle})(?!\w)"),
        sides=sides,
    )


@lru_cache(maxsize=4_000)
def words_of(plain: str, language: Language) -> tuple[Word, ...]:
    """The words of a folded sentence that carry meaning, in order."""
    terms = _terms()[language]
    text = terms.idle.sub(lambda match: "_" * len(match[0]), plain)
    pieces = [(match[0], match.start(), match.end()) for match in _PIECE.finditer(text)]
    return tuple(_words(pieces, terms, language))


@lru_cache(maxsize=4_000)
def turns_of(plain: str, language: Language) -> tuple[int, int]:
    """How often the sentence denies or excepts, and how often it says "only"."""
    terms = _terms()[language]
    said = _PIECE.findall(terms.idle.sub("", plain))
    denied = limited = 0
    for n, word in enumerate(said):
        before = said[max(0, n - 5) : n]
        if _denies(word, before, terms, language) or word in terms.excepts:
            denied += 1
        # "ne ... que" says only, "ne ... pas que" does not.
        elif word in terms.limits or (
            language == "fr"
            and word in {"que", "qu"}
            and not _FRENCH_NE.isdisjoint(before)
            and terms.denies.isdisjoint(before)
        ):
            limited += 1
    return denied, limited


def denial_before(plain: str, at: int, language: Language) -> int:
    """Where the "not" that leads up to the place begins; the place itself when there is none near it."""
    terms = _terms()[language]
    pieces = list(_PIECE.finditer(plain, 0, at))[-4:]
    denials = [match.start() for match in pieces if _denies(match[0], (), terms, language)]
    return denials[-1] if denials else at


def _words(pieces: list[tuple[str, int, int]], terms: _Terms, language: Language) -> Iterator[Word]:
    sign, reach, denied, excepted = 1, 0, False, False
    clause: list[Word] = []
    said_words = [word for word, _, _ in pieces]
    for n, (word, start, end) in enumerate(pieces):
        excepts = word in terms.excepts
        if excepts or _denies(word, said_words[max(0, n - 4) : n], terms, language):
            # What "pas" denies may stand before it ("ne couvre pas"); "nor" goes on with what is denied.
            held = language == "fr" and not excepts and _denied_before(pieces, n, terms)
            sign, reach = -1, _REACH if held or (word in _NOR and denied) else 0
            denied, excepted = denied or word not in _NOR, excepts
            if word not in terms.forward and not excepts:
                # "Knocks are not covered" denies its subject as much as its verb.
                clause = [
                    replace(said, sign=0) if said.sign == 1 and not said.side else said for said in clause
                ]
            continue
        begins = word in _AND and n + 1 < len(pieces) and pieces[n + 1][0] in terms.begins
        if not word[0].isalnum() or word in terms.joins or begins:
            if sign == -1 and reach == 0 and word in terms.joins:
                continue  # "unless it", "sauf si": the condition is what is excepted
            # "Only when faulty" excepts the faulty as "not unless faulty" does.
            excepted = word in terms.conditions and _limited_before(pieces, n, terms)
            sign, reach = -1 if excepted else 1, 0
            yield from clause
            clause = []
            continue
        side = terms.sides.get(word) or terms.sides.get(word.removesuffix("s"))
        if side is None and (word in terms.weak or word in terms.empty or word in terms.courtesy):
            continue
        bare, own = word, 1
        if side is None and language == "en" and (bare := _PREFIX.sub("", word)) != word:
            own, side = -1, terms.sides.get(bare)
        held_sign = sign if reach < _REACH else (0 if sign == -1 else 1)
        if held_sign == 1 and language == "fr" and _denied_later(pieces, n, terms):
            held_sign = -1
        root, way = side or (stem(bare, language), 1)
        clause.append(
            Word(
                root,
                pieces[n][0],
                start,
                end,
                held_sign * own * way,
                own * way if side else 0,
                excepted and sign == -1,
            )
        )
        reach += 1
    yield from clause


def _denies(word: str, before: Sequence[str], terms: _Terms, language: Language) -> bool:
    if language == "fr" and word == "plus":
        return not _FRENCH_NE.isdisjoint(before)
    return word in terms.denies or word.endswith("n't")


def _limited_before(pieces: list[tuple[str, int, int]], n: int, terms: _Terms) -> bool:
    """Whether the sentence has said "only", or "ne ... que", on its way to the piece `n`."""
    said = [word for word, _, _ in pieces[:n]]
    return bool(terms.limits.intersection(said)) or (
        said[-1:] == ["que"] and bool(_FRENCH_NE.intersection(said))
    )


def _denied_before(pieces: list[tuple[str, int, int]], n: int, terms: _Terms) -> bool:
    """Whether a word with a meaning stands between "ne" and the piece `n`."""
    said = [word for word, _, _ in pieces[max(0, n - 3) : n]]
    at = next((place for place, word in enumerate(said) if word in _FRENCH_NE), None)
    return at is not None and any(word not in terms.empty for word in said[at + 1 :])


def _denied_later(pieces: list[tuple[str, int, int]], n: int, terms: _Terms) -> bool:
    """The verb of "ne couvre pas" stands between the two halves of its "not"."""
    return any(word in _FRENCH_NE for word, _, _ in pieces[max(0, n - 3) : n]) and any(
        word in terms.denies or word == "plus" for word, _, _ in pieces[n + 1 : n + 3]
    )
