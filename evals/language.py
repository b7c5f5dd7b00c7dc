"""Measures how often the language of a message is told right, by its length."""

import argparse
from pathlib import Path

from evals.engine import opened_understanding
from evals.figures import read_rows, share, wilson
from evals.results import Found
from evals.tally import Tally, count, printed
from shared.adapters.embedded.understanding import EmbeddedUnderstanding
from shared.contracts import LANGUAGES, ClassifyIntent, Language
from shared.errors import SettingsError
from shared.ports import Understanding

_BUCKETS = ((2, "1-2"), (5, "3-5"), (10, "6-10"), (10_000, "11+"))
_LONG = ("words:3-5", "words:6-10", "words:11+")


async def run(args: argparse.Namespace) -> dict[str, object]:
    """The figures alone."""
    return (await measure(args)).plain


async def measure(args: argparse.Namespace) -> Found:
    """Accuracy alone, in a session that spoke the same language, and in one that spoke another."""
    rows = read_rows(Path(args.data), text=str, lang=str)
    foreign = sorted({str(row["lang"]) for row in rows} - set(LANGUAGES))
    if foreign:
        raise SettingsError(f"{args.data}: language {foreign[0]!r} is not one of {', '.join(LANGUAGES)}")
    tally = Tally()
    same: dict[bool, list[bool]] = {True: [], False: []}  # by whether the message is 1 or 2 words
    changed: list[bool] = []
    async with opened_understanding(args) as engine:
        for row in rows:
            text = str(row["text"])
            lang = next(known for known in LANGUAGES if known == row["lang"])
            length = next(name for most, name in _BUCKETS if len(text.split()) <= most)
            told = await _told(engine, text, None)
            tally.add(
                text,
                right=told == lang,
                wanted=lang,
                said=told,
                tags=(f"words:{length}", f"lang:{lang}"),
            )
            same[length == "1-2"].append(await _told(engine, text, lang) == lang)
            if length != "1-2":
                changed.append(await _told(engine, text, _other(lang)) == lang)
    return _found(tally, same, changed)


def _found(tally: Tally, same: dict[bool, list[bool]], changed: list[bool]) -> Found:
    accuracy, long = tally.figure("accuracy"), tally.figure("accuracy_from_3_words", *_LONG)
    with_prior = count("accuracy_with_prior", same[True] + same[False])
    short = count("accuracy_1_2_words_with_prior", same[True])
    switched = count("accuracy_after_switching", changed)
    lengths = tally.groups("words")
    return Found(
        plain={
            "n": len(tally.rows),
            **printed(accuracy, long, with_prior, short, switched),
            "by_length": {name: _group(lengths[name]) for _, name in _BUCKETS if name in lengths},
            "by_language": {name: _group(group) for name, group in tally.groups("lang").items()},
        },
        figures=(long, with_prior, short, switched, accuracy),
        charts=(*tally.chart("by number of words", "words"), *tally.chart("by language", "lang")),
        confusion=tally.confusion(),
        rows=tuple(tally.rows),
        texts=tally.texts,
    )


async def _told(engine: Understanding, text: str, prior: Language | None) -> Language:
    if isinstance(engine, EmbeddedUnderstanding):
        return engine.language(text, prior)  # what `classify` asks, without the rest
    ask = ClassifyIntent(
        conversation_id="eval", turn_id="t1", step_id="t1.intent", text=text, language_prior=prior
    )
    return (await engine.classify(ask)).language


def _other(lang: Language) -> Language:
    return LANGUAGES[(LANGUAGES.index(lang) + 1) % len(LANGUAGES)]


def _group(hits: list[bool]) -> dict[str, object]:
    return {"n": len(hits), "accuracy": share(hits), "interval": wilson(hits)}
