"""Finds which products of a shop a question is about: by their own names, or all of a kind."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from shared.adapters.embedded.product_units import Unit, singular, units_of
from shared.adapters.knowledge.folding import fold
from shared.contracts import Product

_WORD = re.compile(r"[a-z0-9]+")
# "It", "elle", "ese": the product spoken of before, unless another is named first.
_POINTS = frozenset(
    """
    it its they them this that these those il elle ils elles celui celle ceux celles ca cela
    ese esa esos esas este esta estos estas
    """.split()  # noqa: SIM905 a list of words
)
# More products of one name than these are its kind.
_MOST_RIVALS = 2
# How likely a name is what the question is about.
_OWN, _SPOKEN_OF, _KIND, _SPOKEN, _A_KIND, _MARK = 3.0, 2.5, 2.0, 1.5, 1.0, 0.5


@dataclass(frozen=True)
class Subject:
    """What a question is about; `units` are the words that say so, none for what was spoken of before."""

    products: tuple[Product, ...] = ()
    name: str = ""
    own_name: bool = False
    units: tuple[Unit, ...] = ()
    weight: float = 0.0


@dataclass(frozen=True)
class _Named:
    """The words by which a product may be called."""

    product: Product
    title: tuple[str, ...]
    kind: frozenset[str]
    tags: frozenset[str]

    @cached_property
    def all(self) -> frozenset[str]:
        return self.kind | self.tags | frozenset(self.title)

    @cached_property
    def head(self) -> str:
        """What the product is: the last word of its name."""
        return next((word for word in reversed(self.title) if word.isalpha()), "")


def subject_of(units: Sequence[Unit], products: Sequence[Product], spoken_of: str) -> Subject:
    """The products a question is about, of all that the shop found for it."""
    shelf = [_named(product) for product in products]
    pointing = min((unit.start for unit in units if unit.text in _POINTS), default=None)
    found = _joined([_weighed(run, shelf) for run in _runs(units, shelf)])
    earlier = _spoken_of(spoken_of, shelf)
    if earlier.products:
        first = found[0].units[0].start if found else None
        points = pointing is not None and (first is None or pointing < first)
        found.append(
            Subject(earlier.products, own_name=earlier.own_name, weight=_SPOKEN_OF if points else _SPOKEN)
        )
    return max(found, key=lambda subject: subject.weight, default=Subject())


def rivals_in(units: Sequence[Unit], products: Sequence[Product]) -> tuple[Product, ...]:
    """The products that a question names by their own names, in its order: those it may weigh.

    A number by itself is another one of the name before: "the Longshore 45 or the 65".
    """
    shelf = [_named(product) for product in products]
    runs = [_weighed(run, shelf) for run in _runs(units, shelf)]
    found: list[tuple[int, Product]] = []
    for subject in runs:
        if subject.own_name and len(subject.products) <= _MOST_RIVALS:
            found += [(subject.units[0].start, product) for product in subject.products]
    used = {unit.start for subject in runs for unit in subject.units}
    for unit in units:
        if unit.english.isdigit() and unit.start not in used:
            names = {_title(product.title)[0] for start, product in found if start < unit.start}
            same = (each for each in shelf if each.title[0] in names and unit.english in each.title)
            found += [(unit.start, each.product) for each in same]
    return tuple(dict.fromkeys(product for _, product in sorted(found, key=lambda each: each[0])))


def _named(product: Product) -> _Named:
    return _Named(product, _title(product.title), _names(product.category), _names(" ".join(product.tags)))


@lru_cache(maxsize=1_000)
def _title(text: str) -> tuple[str, ...]:
    return tuple(singular(word) for word in _WORD.findall(fold(text)))


@lru_cache(maxsize=1_000)
def _names(text: str) -> frozenset[str]:
    """The same pages are looked at again and again."""
    return frozenset(singular(word) for word in _WORD.findall(fold(text)))


def _runs(units: Sequence[Unit], shelf: Sequence[_Named]) -> Iterator[list[Unit]]:
    """The words side by side that one product has all of: "heron", "down jackets", "sleeping bags"."""
    at = 0
    while at < len(units):
        run: list[Unit] = []
        while at + len(run) < len(units):
            unit = units[at + len(run)]
            wanted = {each.name for each in (*run, unit)}
            fitting = [named for named in shelf if unit.telling and wanted <= named.all]
            # "Boots waterproof": after what it is, a mark is what is asked.
            whole = any(named.head in wanted - {unit.name} for named in fitting)
            if not fitting or (whole and not any(unit.name in (*n.title, *n.kind) for n in fitting)):
                break
            run.append(unit)
        if run and not all(unit.english.isdigit() for unit in run):
            yield run
        at += len(run) or 1


def _joined(found: Sequence[Subject]) -> list[Subject]:
    """What stands right before an own name belongs to it: "la mochila Drift 22"."""
    joined: list[Subject] = []
    for subject in found:
        before = joined[-1] if joined else None
        if (
            before
            and subject.own_name
            and not before.own_name
            and before.units[-1].end + 1 == subject.units[0].start
        ):
            joined[-1] = replace(subject, units=(*before.units, *subject.units))
        else:
            joined.append(subject)
    return joined


def _weighed(run: Sequence[Unit], shelf: Sequence[_Named]) -> Subject:
    wanted = {unit.name for unit in run}
    called = [named for named in shelf if wanted <= named.all]
    own = [
        named for named in called if named.title[:1] and named.title[0] in wanted and _is_own(named, shelf)
    ]
    heads = any(named.head in wanted for named in called)
    # The 3 of a Tern 3 is no "3-season" of the Tern 2.
    own = [named for named in own if wanted <= {*named.title, *named.kind}] or own
    meant = own or sorted(called, key=lambda named: -len(wanted & set(named.title)))
    if own:
        weight = _OWN
    elif heads or run[0].definite:
        weight = _A_KIND if run[0].indefinite else _KIND
    else:
        weight = _MARK
    return Subject(
        products=tuple(named.product for named in meant),
        name=" ".join(unit.english for unit in run),
        own_name=bool(own),
        units=tuple(run),
        weight=weight,
    )


def _is_own(named: _Named, shelf: Sequence[_Named]) -> bool:
    """Whether a name's first word is a name: no other product's page uses it as a word."""
    first = named.title[0]
    others = (other for other in shelf if first not in other.title)
    return (
        len(named.title) > 1
        and first not in named.kind | named.tags
        and not any(first in other.all or first in _names(other.product.description) for other in others)
    )


def _spoken_of(name: str, shelf: Sequence[_Named]) -> Subject:
    """The products of a name that was remembered: a title, or what a kind was called."""
    same = tuple(named.product for named in shelf if fold(named.product.title) == fold(name))
    if same or not name:
        return Subject(same, own_name=True)
    wanted = {unit.name for unit in units_of(name, "en")[1] if unit.telling}
    return Subject(tuple(named.product for named in shelf if wanted and wanted <= named.all))
