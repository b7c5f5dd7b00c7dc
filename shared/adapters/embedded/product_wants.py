"""Tells what a question asks of the products it is about, and whether a text speaks to that."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from shared.adapters.embedded.entity_words import COLORS, NUMBER_PATTERN, NUMBERS
from shared.adapters.embedded.product_questions import Attribute, attributes_of, compares, prices, variants
from shared.adapters.embedded.product_units import Unit
from shared.adapters.knowledge.folding import fold, stems
from shared.adapters.knowledge.synonyms import concepts
from shared.contracts import Language

# Up to so many telling words all have to be told; of more, two thirds: people wrap a question in words.
_FEW = 2
_NUMBER = re.compile(rf"(?<![\w.,])(?:\d{{1,2}}|{NUMBER_PATTERN})(?![\w.,]\d|\w)")


@dataclass(frozen=True)
class Wants:
    """What is asked: attributes with known words, and words that have to be told as they are.

    `plain` is the folded question without the words that name products; `price` is true when a price, the
    stock or a variant is asked for, whatever else is; `numbers` are as `numbers_in` gives them.
    """

    words: tuple[Unit, ...]
    plain: str
    attributes: tuple[Attribute, ...]
    price: bool
    compares: bool
    language: Language
    numbers: frozenset[str] = frozenset()

    def answers(self, text: str, language: Language, *, beside: str = "") -> bool:
        """Whether `text`, read with its heading `beside`, tells it; the text itself says part of it."""
        said = self._roots(text, language)
        around = said | self._roots(beside, language)
        if any(unit.must and not self._in(unit, around, language) for unit in self.words):
            return False
        plain = _folded(text)
        by_attribute = any(attribute.told.search(plain) for attribute in self._attributes)
        words = self._open
        if not words or (self._attributes and not self._strict):
            return by_attribute
        told = [unit for unit in words if self._in(unit, around, language)]
        own = by_attribute or any(self._in(unit, said, language) for unit in told)
        parts = any(attribute.part for attribute in self._attributes)
        return len(told) >= _needed(len(words)) and own and (by_attribute or not parts)

    def weight(self, text: str, language: Language) -> int:
        """How much of the question a text speaks to; comparable within one question."""
        said, plain = self._roots(text, language), _folded(text)
        words = sum(self._in(unit, said, language) for unit in self.words)
        return 2 * sum(bool(each.told.search(plain)) for each in self._attributes) + words

    @cached_property
    def _includes(self) -> bool:
        """Whether it is asked what comes with the product: then the thing itself has to be named."""
        return any(each.includes for each in self.attributes)

    @cached_property
    def _attributes(self) -> tuple[Attribute, ...]:
        including = [each for each in self.attributes if each.includes]
        things = any(not self._taken(unit, including) for unit in self.words)
        return tuple(
            each for each in self.attributes if each.part or each.includes or not (self._includes and things)
        )

    @cached_property
    def _strict(self) -> bool:
        """Whether more than the attributes has to be told: they are loose, or name a part of the product."""
        return all(each.part or each.loose for each in self._attributes)

    @cached_property
    def _open(self) -> tuple[Unit, ...]:
        """The words that no attribute has taken."""
        return tuple(unit for unit in self.words if not self._taken(unit, self._attributes))

    def _taken(self, unit: Unit, attributes: Sequence[Attribute]) -> bool:
        spans = (match.span() for each in attributes for match in each.asked.finditer(self.plain))
        return any(start <= unit.start < end for start, end in spans)

    def _in(self, unit: Unit, said: Collection[str], language: Language) -> bool:
        own = language == self.language != "en"
        wanted = self._roots(unit.text, language) if own else self._roots(unit.english, "en")
        return bool(wanted) and not wanted.isdisjoint(said)

    def _roots(self, text: str, language: Language) -> frozenset[str]:
        return _said(text, language, exactly=self._includes)


def wants_of(
    plain: str,
    units: Sequence[Unit],
    subject: Sequence[Unit],
    language: Language,
    sold: Sequence[str],
    forms: Sequence[tuple[int, int]] = (),
) -> Wants:
    """What is asked of the products named by `subject`.

    `sold` are the names of their variants, `forms` where the question names such ones.
    """
    around = _without(plain, [(unit.start, unit.end) for unit in subject])
    offered = [*(match.span() for match in variants(around)), *forms]
    # "Housse de pluie" asks for no rain.
    things = [(unit.start, unit.end) for unit in units if unit.phrase and unit.telling]
    asking = _without(around, [*offered, *things])
    versions = {root for title in sold for root in stems(title, "en")}
    rest = [unit for unit in units if unit.telling and unit not in subject and not unit.english.isdigit()]
    words = [
        unit
        for unit in rest
        if unit.root not in versions and not any(a <= unit.start < b for a, b in offered)
    ]
    if all(unit.text in COLORS for unit in words):
        words = []  # in which colors it comes, its variants tell
    priced = [match.span() for match in prices(around)]
    price = bool(priced or offered) or (bool(rest) and not words)
    words = [unit for unit in words if not any(a <= unit.start < b for a, b in priced)]
    return Wants(
        tuple(words), asking, attributes_of(asking), price, compares(around), language, numbers_in(around)
    )


def numbers_in(plain: str) -> frozenset[str]:
    """The small numbers of a folded text, in digits: "four-person" and "para 4 personas" both hold 4.

    1 is left out: "one" and "une" mostly count nothing.
    """
    return frozenset(NUMBERS.get(word, word) for word in _NUMBER.findall(plain)) - {"1"}


def _without(plain: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with spaces at these places."""
    for start, end in spans:
        plain = plain[:start] + " " * (end - start) + plain[end:]
    return plain


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    """The same sentences are looked at again and again."""
    return fold(text)


@lru_cache(maxsize=8192)
def _said(text: str, language: Language, *, exactly: bool) -> frozenset[str]:
    """The stems of a text, and the concepts behind them unless it is taken exactly."""
    return frozenset((*stems(text, language), *(() if exactly else concepts(text, language))))


def _needed(words: int) -> int:
    return words if words <= _FEW else -(-2 * words // 3)
