"""Pairs the rows of two runs, to tell a change from chance."""

from collections.abc import Mapping
from dataclasses import dataclass

from evals.figures import mcnemar
from evals.results import Figure, Measured, Row, Run

BEYOND_CHANCE = 0.05


@dataclass(frozen=True)
class Flip:
    """A row that is judged otherwise than before."""

    before: Row
    now: Row


@dataclass(frozen=True)
class Change:
    """One figure beside the same figure of the other run; `p` is 1 where no row changed or none is paired."""

    before: float
    difference: float
    broke: int = 0
    mended: int = 0
    p: float = 1.0

    @property
    def beyond_chance(self) -> bool:
        """Whether rows changed more to one side than chance would explain."""
        return self.p < BEYOND_CHANCE


@dataclass(frozen=True)
class Compared:
    """One measure in both runs. `only_now` and `only_before` count rows that have no partner."""

    before: Measured
    changes: Mapping[str, Change]
    broke: tuple[Flip, ...]
    mended: tuple[Flip, ...]
    only_now: int
    only_before: int


def compare(now: Measured, other: Run) -> Compared | None:
    """`now` beside the same measure of `other`; None where `other` has none."""
    before = _partner(now, other)
    if before is None:
        return None
    old = {row.id: row for row in before.rows}
    pairs = [Flip(old[row.id], row) for row in now.rows if row.id in old]
    return Compared(
        before=before,
        changes=_changes(now, before, pairs),
        broke=tuple(pair for pair in pairs if pair.before.right and not pair.now.right),
        mended=tuple(pair for pair in pairs if pair.now.right and not pair.before.right),
        only_now=len(now.rows) - len(pairs),
        only_before=len(before.rows) - len(pairs),
    )


def _partner(now: Measured, other: Run) -> Measured | None:
    """The same engine's, or the only one there is: two engines may be compared too."""
    same = [each for each in other.measured if (each.measure, each.data) == (now.measure, now.data)]
    exact = [each for each in same if each.engine == now.engine]
    return exact[0] if exact else same[0] if len(same) == 1 else None


def _changes(now: Measured, before: Measured, pairs: list[Flip]) -> dict[str, Change]:
    old = {figure.name: figure for figure in before.figures}
    return {
        figure.name: _change(figure, old[figure.name], pairs) for figure in now.figures if figure.name in old
    }


def _change(figure: Figure, old: Figure, pairs: list[Flip]) -> Change:
    difference = round(figure.value - old.value, 6)
    mine = [pair for pair in pairs if figure.rests_on(pair.now)]
    broke = sum(pair.before.right and not pair.now.right for pair in mine)
    mended = sum(pair.now.right and not pair.before.right for pair in mine)
    return Change(
        before=old.value, difference=difference, broke=broke, mended=mended, p=mcnemar(broke, mended)
    )
