"""Says what contradicts what, in words for the person who publishes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

_MOST_QUOTES = 6


@dataclass(frozen=True)
class Quote:
    """One document's sentence about the fact; `section` is the heading path, `file` empty when unknown."""

    document: str
    section: str
    sentence: str
    value: str
    file: str = ""


@dataclass(frozen=True)
class Contradiction:
    """A fact with two or more quotes that cannot all be true."""

    fact: str
    quotes: tuple[Quote, ...]

    @property
    def documents(self) -> frozenset[str]:
        """The ids of the documents that are quoted."""
        return frozenset(quote.document for quote in self.quotes)


def refused(contradictions: Sequence[Contradiction], changed_ids: Collection[str]) -> frozenset[str]:
    """The changed documents that may not be published.

    A changed document that says what every unchanged one says is right until told otherwise; when only
    changed documents contradict each other, none of them is known to be right.
    """
    changed = frozenset(changed_ids)
    found: set[str] = set()
    for contradiction in contradictions:
        serving = {quote.value for quote in contradiction.quotes if quote.document not in changed}
        found |= {
            quote.document
            for quote in contradiction.quotes
            if quote.document in changed and serving != {quote.value}
        }
    return frozenset(found)


def render(contradiction: Contradiction) -> str:
    """The fact, then each value with the sentence and the place that state it."""
    shown, rest = _one_of_each_value(contradiction.quotes)
    lines = [f"{contradiction.fact}: {' against '.join(quote.value for quote in shown)}"]
    lines += [f'  {_place(quote)}: "{quote.sentence}"' for quote in shown]
    if rest:
        lines.append(f"  also stated in {', '.join(_place(quote) for quote in rest)}")
    return "\n".join(lines)


def _one_of_each_value(quotes: Sequence[Quote]) -> tuple[list[Quote], list[Quote]]:
    shown: dict[str, Quote] = {}
    for quote in quotes:
        shown.setdefault(quote.value, quote)
    rest = [quote for quote in quotes if quote not in shown.values()]
    return list(shown.values())[:_MOST_QUOTES], rest[:_MOST_QUOTES]


def _place(quote: Quote) -> str:
    where = quote.file or quote.document
    return f"{where} ({quote.section})" if quote.section else where
