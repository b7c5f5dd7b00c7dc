"""Holds a run against what was promised."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from evals.engine import MOCK
from evals.results import Figure, Measured, Run
from shared.errors import SettingsError

FILE = Path(__file__).with_name("targets.toml")
Verdict = Literal["met", "within interval", "not met", "not measured"]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One promise: the figure is at least, or at most, so much.

    It binds every engine but the mock, whose answers are rules; with `engine`, that one alone.
    """

    what: str
    measure: str
    figure: str
    data: str = ""
    engine: str = ""
    at_least: _Share | None = None
    at_most: _Share | None = None

    def __post_init__(self) -> None:
        """Exactly one limit."""
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"target {self.what!r}: give one of at_least and at_most")

    @property
    def limit(self) -> float:
        """The number that is promised."""
        return self.at_most if self.at_least is None else self.at_least  # type: ignore[return-value]  # one is set

    def binds(self, engine: str) -> bool:
        """Whether this engine promised it."""
        return engine == self.engine if self.engine else engine != MOCK

    def reached(self, value: float) -> bool:
        """Whether `value` keeps the promise."""
        return value >= self.limit if self.at_least is not None else value <= self.limit


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    target: tuple[Target, ...]


@dataclass(frozen=True)
class Outcome:
    """A promise and what was measured; `figure` is None where nothing was."""

    target: Target
    measured: Measured | None = None
    figure: Figure | None = None

    @property
    def reached(self) -> bool:
        """Whether the figure itself keeps the promise, whatever its interval."""
        return self.figure is not None and self.target.reached(self.figure.value)

    @property
    def verdict(self) -> Verdict:
        """`within interval` when the promise lies inside it: too few rows to say either."""
        if self.figure is None:
            return "not measured"
        low, high = self.figure.low, self.figure.high
        # No interval clears 0 or 1: there the figure decides.
        if (
            low is not None
            and high is not None
            and 0 < self.target.limit < 1
            and low <= self.target.limit <= high
        ):
            return "within interval"
        return "met" if self.reached else "not met"


def load_targets(path: Path = FILE) -> tuple[Target, ...]:
    """The promises.

    Raises:
        SettingsError: the file cannot be read or says something else.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File).target
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{path}: {error}; see evals/targets.toml for the shape") from error


def outcomes(run: Run, targets: Sequence[Target]) -> list[Outcome]:
    """Each promise with what every engine it binds measured for it."""
    found = []
    for target in targets:
        taken = [
            Outcome(target, measured, figure)
            for measured in run.measured
            if (measured.measure, measured.data) == (target.measure, target.data)
            and target.binds(measured.engine)
            for figure in measured.figures
            if figure.name == target.figure
        ]
        found += taken or [Outcome(target)]
    return found
