"""Cuts a document into sentences that know their headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from shared.adapters.knowledge.documents import Document
from shared.adapters.knowledge.folding import fold

_END = re.compile(r"(?<=[.!?])[\"»”)]*\s+(?=[\"«“(¿¡]*[A-ZÀ-Ý0-9])")
_ABBREVIATED = re.compile(r"(?:\b[A-Za-z]|\b(?:e\.g|i\.e|[ap]\.m|etc|approx|max|min|no|nr|env|art))\.$")
# "Ember 20 Sleeping Bag", "Ferro Pan 28": a number that is part of a name counts nothing.
_MODEL = re.compile(
    r"(?<![.!?:;] )(?<!^)\b([A-Z][\w'-]*) (\d+[A-Z]?)(?= [A-Z][a-z]| [a-z]{2,} )"
    r"|^([A-Z][\w'-]*) (\d+[A-Z]?)(?= [A-Z][a-z])"
)

_IS_UNIT = re.compile(
    r"""(?:business|working|calendar|days?|weeks?|months?|years?|hours?|minutes?|nights?|points?
    |jours?|semaines?|mois|ans?|heures?|dias?|semanas?|mes|meses|anos?|horas?|puntos?|dollars?|euros?|dolares
    |percent|pour|por|kg|g|cm|mm|ml|l|to|a|y|and|et|or|o|ou)\b""",
    re.VERBOSE,
)
# Written with a capital at the head of a line or as a month: no name of a product.
_NO_NAME = re.compile(
    r"""january|february|march|april|may|june|july|august|september|october|november|december
    |janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre
    |enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre
    |within|after|before|from|up|over|under|the|only|every|add|count|wait
    |sous|des|apres|avant|les|dans|tous|desde|tras|hasta""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Sentence:
    """A sentence, its place, and how it reads folded, with numbers of names joined to the name."""

    text: str
    plain: str
    path: tuple[str, ...]
    section: int
    n: int


@lru_cache(maxsize=4_000)
def sentences_of(document: Document) -> tuple[Sentence, ...]:
    """Every sentence of `document`; table rows and list items count as sentences."""
    return tuple(
        Sentence(text, fold(_joined(text)), section.path, s, n)
        for s, section in enumerate(document.sections)
        for n, text in enumerate(_split(section.text))
    )


def _split(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        pending = ""
        for part in _END.split(line.replace("\u00a0", " ").replace("\u202f", " ")):
            pending = f"{pending} {part}".strip()
            if not _ABBREVIATED.search(pending):
                yield pending
                pending = ""
        if pending:
            yield pending


def _joined(text: str) -> str:
    def join(match: re.Match[str]) -> str:
        word, number = match[1] or match[3], match[2] or match[4]
        rest = text[match.end() :].lstrip().split(" ", 1)[0]
        return (
            match[0] if _IS_UNIT.match(fold(rest)) or _NO_NAME.fullmatch(fold(word)) else f"{word}-{number}"
        )

    return _MODEL.sub(join, text)
