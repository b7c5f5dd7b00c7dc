"""The parts of the page, as the templates read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evals.calibration import Bin
from evals.comparing import Compared
from evals.results import Cell, Run


@dataclass(frozen=True)
class Line:
    """One promise in the table at the top."""

    what: str
    engine: str
    limit: str
    figure: str
    n: str
    interval: str
    verdict: str
    hint: str
    change: str
    mark: Markup
    anchor: str


@dataclass(frozen=True)
class FigureLine:
    """One figure of a section."""

    name: str
    value: str
    n: str
    interval: str
    change: str


@dataclass(frozen=True)
class Drawing:
    """A chart with the numbers it shows."""

    title: str
    svg: Markup
    lines: Sequence[FigureLine]
    shown: Sequence[FigureLine]


@dataclass(frozen=True)
class Quote:
    """A row, as it may be read outside git."""

    text: str
    wanted: str
    said: str
    sure: str
    before: str = ""


@dataclass(frozen=True)
class Section:
    """One measure."""

    anchor: str
    title: str
    engine: str
    seconds: float
    figures: Sequence[FigureLine]
    drawings: Sequence[Drawing]
    bins: Sequence[Bin]
    curve: Markup
    heat: Markup
    confusions: Sequence[Cell]
    wrong: int
    worst: Sequence[Quote]
    compared: Compared | None
    broke: Sequence[Quote]
    mended: Sequence[Quote]

    @property
    def moved(self) -> bool:
        """Whether there is anything to say about its rows beside the other run's."""
        both = self.compared
        return both is not None and bool(both.broke or both.mended or both.only_now or both.only_before)


@dataclass(frozen=True)
class Page:
    """Everything both templates show."""

    run: Run
    other: Run | None
    lines: Sequence[Line]
    tally: str
    changed: Sequence[str]
    languages: Sequence[tuple[str, Mapping[str, str]]]
    engines: Sequence[tuple[str, Mapping[str, str]]]
    sections: Sequence[Section]
    mocked: bool
