"""Compares a sentence with the source sentences it resembles, value by value and yes by yes."""

import math
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from shared.adapters.embedded.polarity import Word, denial_before, turns_of, words_of
from shared.adapters.embedded.quoting import sentences_of
from shared.adapters.embedded.values import Mark, Values, values_of
from shared.contracts import Finding, Language

Features = dict[str, float]
# Each word further away says this much less about a value's role; so does a comma or a value between.
_FADE, _ACROSS = 0.88, 0.6
_HEADING, _BEFORE = 0.15, 0.15
# Another place of the source must fit a value or a word by so much better than every place that agrees.
_BETTER, _FITS = 0.05, 0.2
# A sentence of so many words has at least this share of them in its sources.
_SUPPORTED, _ENOUGH_TO_TELL = 0.5, 3
# Two statements that share this much are the same one, so that a lost "only" is a change.
_SAME, _ENOUGH = 0.8, 2
# Units of one family can be mistaken for each other.
_FAMILY = {
    unit: family
    for family, units in {
        "duration": ("business day", "day", "week", "month", "year", "hour", "minute"),
        "weight": ("kg", "g", "lb", "oz"),
        "length": ("mm", "cm", "km", "ft"),
    }.items()
    for unit in units
}


@dataclass(frozen=True)
class Statement:
    """One sentence: its values, its words, and the words that stand around it."""

    values: Values
    words: tuple[Word, ...]
    around: tuple[tuple[str, float], ...]
    turns: tuple[int, int]


@dataclass(frozen=True)
class Source:
    """A text that a sentence may rest on; `heading` says what its sentences are about."""

    text: str
    heading: str
    language: Language


@lru_cache(maxsize=1_000)
def statements_of(source: Source) -> tuple[Statement, ...]:
    """The sentences of a source, each with the heading and the sentence before as its background."""
    heading = {
        word.stem: _HEADING
        for word in words_of(values_of(source.heading, source.language).plain, source.language)
    }
    found: list[Statement] = []
    before: tuple[Word, ...] = ()
    for text in sentences_of(source.text):
        values = values_of(text, source.language)
        words = words_of(values.plain, source.language)
        around = heading | {word.stem: _BEFORE for word in before}
        found.append(Statement(values, words, tuple(around.items()), turns_of(values.plain, source.language)))
        before = words
    return tuple(found)


def support(words: Sequence[Word], told: Sequence[Statement], also: AbstractSet[str] = frozenset()) -> float:
    """Which share of the words the sources (or `also`) speak of; 1 when there are no words."""
    known = {word.stem for statement in told for word in statement.words} | also
    known |= {stem for statement in told for stem, _ in statement.around}
    return sum(word.stem in known for word in words) / len(words) if words else 1.0


def disagreements(
    text: str, language: Language, sources: Sequence[Source], asked: str = ""
) -> Iterator[Finding]:
    """Where the sentence leaves its sources, takes one value for another, or turns a yes or no round."""
    values = values_of(text, language)
    said = Statement(values, words_of(values.plain, language), (), turns_of(values.plain, language))
    told = [statement for source in sources for statement in statements_of(source)]
    yield from _foreign_to(said, language, sources, told, asked)
    yield from _roles(said, told)
    yield from _turned(said, told, language)


def _foreign_to(
    said: Statement, language: Language, sources: Sequence[Source], told: Sequence[Statement], asked: str
) -> Iterator[Finding]:
    """A sentence speaks of what its sources or the customer speak of; a translation cannot be compared."""
    plain = said.values.plain
    if not told or len(said.words) < _ENOUGH_TO_TELL or plain.endswith("?"):
        return
    if any(source.language != language for source in sources):
        return
    echoed = {word.stem for word in words_of(values_of(asked, language).plain, language)}
    if support(said.words, told, echoed) < _SUPPORTED:
        yield Finding(
            rule="output.unsupported",
            span=plain,
            remedy="the sources of this sentence speak of something else: say what they say, or cite nothing",
        )


def _roles(said: Statement, told: Sequence[Statement]) -> Iterator[Finding]:
    for mark in said.values.marks:
        rivals = [
            (other, statement)
            for statement in told
            for other in statement.values.marks
            if _comparable(mark, other)
        ]
        if all(_agrees(mark, other) for other, _ in rivals):
            continue
        around = [_surroundings(other.start, other.end, statement, other.kind) for other, statement in rivals]
        fits = _fits(_surroundings(mark.start, mark.end, said, mark.kind), around)
        agreeing = max(
            (fit for fit, (other, _) in zip(fits, rivals, strict=True) if _agrees(mark, other)), default=None
        )
        if agreeing is None:
            continue  # it stands nowhere, or in a form without a place: the plain comparison speaks
        best, (rival, statement) = max(zip(fits, rivals, strict=True), key=lambda pair: pair[0])
        if best >= _FITS and best > agreeing + _BETTER:
            yield Finding(
                rule="output.value",
                span=mark.span,
                remedy=f"the sources say {_shown(rival, statement)} here: leave each value where it belongs",
            )


def _comparable(one: Mark, other: Mark) -> bool:
    """Values of one kind can be mistaken for each other; so can one number's units."""
    counted = not {"date", "time"} & {one.kind, other.kind}
    return _family(one.kind) == _family(other.kind) or (counted and bool(one.readings & other.readings))


def _family(kind: str) -> str:
    return _FAMILY.get(kind, kind)


def _agrees(one: Mark, other: Mark) -> bool:
    return bool(one.readings & other.readings) and (one.kind == other.kind or not one.kind or not other.kind)


def _shown(mark: Mark, statement: Statement) -> str:
    """The value with the word after it, which is its unit or what it counts."""
    after = statement.values.plain[mark.end :].split()
    return " ".join([mark.span.strip(), *after[:1]]).strip(".,;:")


def _turned(said: Statement, told: Sequence[Statement], language: Language) -> Iterator[Finding]:
    by_stem: dict[str, list[tuple[Word, Statement]]] = {}
    for statement in told:
        for other in statement.words:
            by_stem.setdefault(other.stem, []).append((other, statement))
    for word in said.words:
        places = by_stem.get(word.stem, [])
        if word.sign == 0 or not any(other.sign == -word.sign for other, _ in places):
            continue
        around = [_surroundings(other.start, other.end, statement) for other, statement in places]
        fits = _fits(_surroundings(word.start, word.end, said), around)
        against = [
            (fit, statement) for fit, (other, statement) in zip(fits, places, strict=True)
            if other.sign == -word.sign and _parity(said, statement)
        ]  # fmt: skip
        agreeing = max(
            (fit for fit, (other, statement) in zip(fits, places, strict=True)
             if other.sign != -word.sign or not _parity(said, statement)),
            default=0.0,
        )  # fmt: skip
        best = max((fit for fit, _ in against), default=0.0)
        if best >= _FITS and best > agreeing + _BETTER:
            start = denial_before(said.values.plain, word.start, language)
            yield _opposite(said.values.plain[start : word.end])
            return
    yield from _recounted(said, told)


def _recounted(said: Statement, told: Sequence[Statement]) -> Iterator[Finding]:
    """The same words with another number of "not" or "only" are another statement."""
    mine = {word.stem for word in said.words}
    sides = _sides(said)
    same = []
    for statement in told:
        theirs = {word.stem for word in statement.words}
        shared = len(mine & theirs)
        if shared >= _ENOUGH and shared >= _SAME * max(len(mine), len(theirs)):
            # "charged separately" for "not included": the other side of a pair is a "not" of its own.
            theirs_by = _sides(statement)
            crossed = sum(not sides[stem] & theirs_by[stem] for stem in sides.keys() & theirs_by.keys())
            same.append((statement.turns[0] + crossed, statement.turns[1]))
    if same and not any(_even(turns, said.turns) for turns in same):
        yield _opposite(said.values.plain)


def _sides(statement: Statement) -> dict[str, set[int]]:
    """Which sides of which pairs of opposites are said."""
    found: dict[str, set[int]] = {}
    for word in statement.words:
        if word.side:
            found.setdefault(word.stem, set()).add(word.side)
    return found


def _even(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[1] == other[1] and (one[0] - other[0]) % 2 == 0


def _opposite(span: str) -> Finding:
    return Finding(
        rule="output.negation",
        span=span,
        remedy="the source says the opposite: keep its yes and no, its before and after, its only",
    )


def _parity(said: Statement, told: Statement) -> bool:
    """False where two turns cancel out: "can if faulty" says the same as "cannot unless faulty"."""
    theirs: dict[str, Word] = {}
    for word in told.words:
        if word.sign:
            theirs.setdefault(word.stem, word)
    mine = {word.stem: word for word in reversed(said.words) if word.sign}
    turned = [
        (word, theirs[stem])
        for stem, word in mine.items()
        if stem in theirs and theirs[stem].sign != word.sign
    ]
    # Two words under plain denials ("neither taken back nor exchanged") turn once.
    by_other_means = any(word.excepted or word.side for pair in turned for word in pair)
    return not (turned and len(turned) % 2 == 0 and by_other_means)


def _surroundings(start: int, end: int, statement: Statement, kind: str = "") -> Features:
    """The words around a place, nearer ones weighing more, each once with and once without its side.

    Values of the same `kind` are left out: the 5 of "5-7 days" tells nothing about the 7, both may be wrong.
    """
    found: Features = {}
    marks = statement.values.marks
    alike = {mark.start for mark in marks if kind and _family(mark.kind) == _family(kind)}
    words = [word for word in statement.words if word.start not in alike]
    left = [word for word in words if word.end <= start][::-1]
    right = [word for word in words if word.start >= end]
    plain = statement.values.plain
    for side, aside in (("<", left), (">", right)):
        weight = 1.0
        last = start if side == "<" else end
        for word in aside:
            between = plain[word.end : last] if side == "<" else plain[last : word.start]
            if any(char in ",;:()" for char in between):
                weight *= _ACROSS
            if any(mark.start == word.start or mark.start < word.start < mark.end for mark in marks):
                weight *= _ACROSS
            found[word.stem] = max(found.get(word.stem, 0.0), weight)
            key = side + word.stem
            found[key] = max(found.get(key, 0.0), weight * 0.6)
            weight *= _FADE
            last = word.start if side == "<" else word.end
    for stem, weight in statement.around:
        found.setdefault(stem, weight)
    return found


def _fits(mine: Features, others: Sequence[Features]) -> list[float]:
    """How alike the surroundings are (0 to 1), where a word counts the more the fewer places have it."""
    spread: dict[str, int] = {}
    for other in others:
        for key in other:
            spread[key] = spread.get(key, 0) + 1
    rarity = {key: math.log(1 + (len(others) + 1) / spread[key]) for key in spread}
    unknown = math.log(2 + len(others))

    def length(features: Features) -> float:
        return math.sqrt(sum((weight * rarity.get(key, unknown)) ** 2 for key, weight in features.items()))

    own = length(mine) or 1.0
    return [
        sum(weight * other[key] * rarity[key] ** 2 for key, weight in mine.items() if key in other)
        / (own * (length(other) or 1.0))
        for other in others
    ]
