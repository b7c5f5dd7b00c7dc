"""Finds the commitments of one sentence: what somebody will do, no policy, condition, wish or question."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, get_args

from shared.contracts import Language, PromiseKind
from shared.promises.folding import fold
from shared.promises.money import amount_in
from shared.promises.when import Moment, moments_in
from shared.promises.words import Frame, Needs, Words, words_of

LONGEST = 1_000
"""Characters of a sentence that are read; nobody promises after that."""
# Blanks before a line's end are stripped: looked for here, each of them would look for that end anew.
_SENTENCE = re.compile(r"(?<![ap]\.m\.)(?<=[.!?])\s+|\n\s*")
_SEGMENT = re.compile(r"(?<=[;:!?]) +| +- +")
# "contiene Waxwing Care Kit": a capital within a clause begins a name, also where it ends like a verb of the
# future. Spanish writes those with an accent.
_NAME = re.compile(r"(?:(?<=[\w,] )|(?<=\())[A-ZÀ-Þ][a-zß-ÿ]+(?:re|ra|ran|rai|rons|ront)\b")
_KINDS: tuple[PromiseKind, ...] = get_args(PromiseKind)
# What was done is a promise when the customer has yet to see something of it.
_DEEDS = frozenset({"refund", "replacement", "return_label", "discount", "store_credit", "call_back"})
_ANSWERS = frozenset({"answer_by", "ticket_update"})
_INFORMS, _ESTIMATES = 0.2, 0.4
_DATED, _UNNAMED, _NOBODYS = 0.08, 0.1, 0.35
Who = Literal["speaker", "staff", "carrier", "shop"]


@dataclass(frozen=True)
class Commitment:
    """What a sentence commits to at [start, end), before the clock is asked.

    `done`: it was done already, or is under way. `follows`: when something was promised just before, it tells
    by when ("it arrives by Friday").
    """

    kind: PromiseKind
    start: int
    end: int
    confidence: float
    who: Who
    moment: Moment | None
    amount: str
    currency: str
    done: bool = False
    follows: bool = False


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, where it may hold several; a sentence is no longer than is read of it."""
    return [each[:LONGEST] for part in _SENTENCE.split(text) if (each := part.strip())]


@lru_cache(maxsize=2_000)
def commitments_in(text: str, language: Language) -> tuple[Commitment, ...]:
    """The commitments of one sentence, in order. Templates say the same all day: they are read once."""
    plain = fold(text)
    words = words_of(language)
    if words.cue.search(plain) is None:
        return ()
    nameless = fold(_NAME.sub(lambda found: "_" * len(found[0]), text))
    return tuple(_found(plain, nameless, language, words))


def _found(plain: str, nameless: str, language: Language, words: Words) -> Iterator[Commitment]:
    for start, end in _parts(plain, 0, len(plain), _SEGMENT):
        segment = plain[start:end]
        if segment.rstrip().endswith("?"):
            continue
        masked = words.harmless.sub(lambda found: "_" * len(found[0]), nameless[start:end])
        if words.reported.search(masked):
            continue
        most = _most(masked, words)
        pieces = [*_parts(masked, 0, len(masked), words.split)]
        framed = [_frame(masked[a:b], words) for a, b in pieces]
        moments = moments_in(segment, language) if any(framed) or words.later.search(masked) else []
        free = [
            m
            for m in moments
            if not any(f and a <= m.start < b for f, (a, b) in zip(framed, pieces, strict=True))
        ]
        before: tuple[Frame, re.Match[str]] | None = None
        for (a, b), frame in zip(pieces, framed, strict=True):
            own = [m for m in moments if a <= m.start < b] or (free if frame else [])
            piece = masked[a:b]
            used = frame or (before if before and words.joined.match(piece) else None)
            there = [replace(m, start=m.start + start, end=m.end + start) for m in own]
            one = _commitment(piece, used, there, most, words, at=start + a)
            before = used or before
            if one is not None:
                yield one


def _parts(plain: str, start: int, end: int, cut: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    for match in cut.finditer(plain, start, end):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < end:
        yield start, end


def _most(masked: str, words: Words) -> float:
    """How sure anything in this segment can be."""
    if words.condition.search(masked) or words.general.search(masked):
        return _INFORMS
    return 1.0


def _frame(piece: str, words: Words) -> tuple[Frame, re.Match[str]] | None:
    """The first form that stands in the clause and is not denied."""
    for frame in words.frames:
        match = frame.pattern.search(piece)
        if match is not None:
            if words.deny.search(piece, 0, match.end()) or words.deny.match(piece, match.end() + 1):
                return None
            return frame, match
    return None


def _commitment(
    piece: str,
    framed: tuple[Frame, re.Match[str]] | None,
    moments: Sequence[Moment],
    most: float,
    words: Words,
    *,
    at: int,
) -> Commitment | None:
    follows = bool(moments) and words.later.match(piece) is not None
    if framed is None and not follows:
        return None
    moment = moments[0] if moments else None
    kind = next((kind for kind, pattern in words.kinds if pattern.search(piece)), "other")
    alone = framed is not None and _has(framed[0].needs, kind, moment)
    if not alone and not follows:
        return None
    sure = _sure(piece, framed, kind, moment, most, words) if alone and framed else _INFORMS
    amount, currency = amount_in(piece)
    return Commitment(
        kind=next(each for each in _KINDS if each == kind),
        start=at,
        end=at + len(piece.rstrip(" .!;:")),
        confidence=round(min(most, sure), 2),
        who=_who(piece, framed, kind, words),
        moment=moment,
        amount=amount,
        currency=currency,
        done=alone and framed is not None and _is_done(framed[0].needs, moment),
        follows=follows,
    )


def _has(needs: Needs, kind: str, moment: Moment | None) -> bool:
    """Whether the clause has what its frame needs to be a promise; see words/en.toml."""
    dated, known, deed = moment is not None, kind != "other", kind in _DEEDS
    has: dict[Needs, bool] = {
        "": True,
        "kind": known,
        "known": known or dated,
        "deed": deed,
        "due": dated,
        "day": moment is not None and (moment.length is None or moment.is_short),
        "dueorkind": dated or deed or kind in _ANSWERS,
    }
    return has[needs]


def _is_done(needs: Needs, moment: Moment | None) -> bool:
    """Whether the frame says that it was done, or is on its way without a time to come."""
    return needs == "deed" or (needs == "dueorkind" and moment is None)


def _sure(
    piece: str,
    framed: tuple[Frame, re.Match[str]],
    kind: str,
    moment: Moment | None,
    most: float,
    words: Words,
) -> float:
    frame, match = framed
    sure = frame.confidence + (_DATED if moment else 0.0) - (_UNNAMED if kind == "other" else 0.0)
    if words.hedge.search(piece):
        return min(most, _ESTIMATES)
    nobodys = not words.self.search(match[0]) and words.yours.search(piece) is None
    if nobodys and moment is None and words.staff.search(piece) is None:
        sure -= _NOBODYS
    return sure


def _who(piece: str, framed: tuple[Frame, re.Match[str]] | None, kind: str, words: Words) -> Who:
    said = framed[1][0] if framed else piece
    if words.staff.search(said):
        return "staff"
    if words.self.search(said):
        return "speaker"
    return "carrier" if kind == "delivery_date" and words.carrier.search(piece) else "shop"
