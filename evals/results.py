"""What a run of the measures found, as it is kept in a JSON file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from evals.calibration import Bin
from shared.errors import SettingsError


class Row(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One judged row: the digest of what was asked, never its text. `sure` is the confidence, if any.

    `tags` say which groups it belongs to, as `kind:name` (`lang:fr`, `family:direct`).
    """

    id: str
    right: bool
    wanted: str = ""
    said: str = ""
    sure: float | None = None
    tags: tuple[str, ...] = ()


class Figure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number with its 95 % interval; `n` is what it was counted over.

    `tags` name the rows it rests on (a row with any of them; empty: all rows), None when no row stands for
    it. Where less is better it counts the rows that are wrong.
    """

    name: str
    value: float
    n: int = 0
    low: float | None = None
    high: float | None = None
    unit: Literal["share", "ms", "number"] = "share"
    better: Literal["higher", "lower"] = "higher"
    tags: tuple[str, ...] | None = None

    def rests_on(self, row: Row) -> bool:
        """Whether `row` is one of those counted here."""
        return self.tags is not None and (not self.tags or not set(self.tags).isdisjoint(row.tags))


class Chart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares side by side."""

    title: str
    bars: tuple[Figure, ...]


class Cell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often `said` was said where `wanted` was right."""

    wanted: str
    said: str
    n: int


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One measure over one data set by one engine (`local`: a part that every engine shares)."""

    measure: str
    data: str
    engine: str
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...] = ()
    reliability: tuple[Bin, ...] = ()
    confusion: tuple[Cell, ...] = ()
    rows: tuple[Row, ...] = ()
    seconds: float = 0.0

    @property
    def title(self) -> str:
        """Its name for people."""
        data = self.data.removeprefix(self.measure).removeprefix("_")
        return f"{self.measure} · {data}" if data else self.measure


class Missing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure that could not be taken, and why."""

    measure: str
    data: str
    why: str


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything one `python -m evals all` found. `digests` tell which seeds, prompts and articles it was."""

    name: str
    began: str
    seconds: float
    engines: tuple[str, ...]
    machine: dict[str, str]
    digests: dict[str, str]
    measured: tuple[Measured, ...]
    missing: tuple[Missing, ...] = ()
    format: Literal["answerdesk-evals-1"] = "answerdesk-evals-1"


@dataclass(frozen=True)
class Found:
    """What a measure hands back: `plain` is printed when it runs alone, `texts` by row id are not kept."""

    plain: dict[str, object]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...] = ()
    reliability: tuple[Bin, ...] = ()
    confusion: tuple[Cell, ...] = ()
    rows: tuple[Row, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


def save(run: Run, path: Path) -> None:
    """Write the run where `--against` will read it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(run))
    except OSError as error:
        raise SettingsError(f"{path}: {error}; name a file that can be written") from error


def load(path: Path) -> Run:
    """Read a run.

    Raises:
        SettingsError: the file cannot be read, is no JSON, or was written by something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except OSError as error:
        raise SettingsError(f"{path}: {error}; name a run written by `python -m evals all`") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: not a run of these evals ({error}); name a file written by `python -m evals all`"
        ) from error
