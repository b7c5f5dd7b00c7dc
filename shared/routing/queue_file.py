"""Reads `queues.toml`, refusing what cannot be meant: every error names the file, the key and the remedy."""

import tomllib
from collections.abc import Iterable
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from shared.contracts import Language, Priority
from shared.errors import SettingsError
from shared.routing.calendar import Calendar, Shift, minutes_of, without

FILE = Path(__file__).with_name("queues.toml")
Assignment = Literal["manual", "least_busy", "round_robin"]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a reason leads. `raises`: told later, while a case is open, it raises that case."""

    queue: str
    priority: Priority
    raises: bool = False


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What waiting so long, in minutes of working time, leads to."""

    after_minutes: _Count
    priority: Priority | None = None
    queue: str = ""


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hours of a week; a shift is `08:00-20:00`, up to `24:00`."""

    zone: str
    monday: tuple[str, ...] = ()
    tuesday: tuple[str, ...] = ()
    wednesday: tuple[str, ...] = ()
    thursday: tuple[str, ...] = ()
    friday: tuple[str, ...] = ()
    saturday: tuple[str, ...] = ()
    sunday: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    holidays: tuple[date, ...] = ()

    def calendar(self, file: "QueuesFile", key: str) -> Calendar:
        """As a calendar. Raises `SettingsError`."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise wrong(file, f"{key}.zone", f"= {self.zone!r} is no time zone; e.g. Europe/Paris") from None
        breaks = _shifts(file, f"{key}.breaks", self.breaks)
        week = tuple(without(_shifts(file, f"{key}.{day}", getattr(self, day)), breaks) for day in _DAYS)
        if not any(week):
            raise wrong(file, key, 'is never open; give a day hours, e.g. monday = ["08:00-20:00"]')
        return Calendar(self.zone, week, frozenset(self.holidays))


class Every(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What queues do that do not say otherwise."""

    assignment: Assignment
    most: _Count
    silent_minutes: _Count
    offer_contact_minutes: _Count
    handling_minutes: tuple[float, float]
    languages: tuple[Language, ...] = ()
    skills: tuple[str, ...] = ()
    escalate: tuple[Step, ...] = ()


class QueueRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One queue; what it leaves out is as in `every`."""

    assignment: Assignment | None = None
    most: _Count | None = None
    silent_minutes: _Count | None = None
    offer_contact_minutes: _Count | None = None
    handling_minutes: tuple[float, float] | None = None
    languages: tuple[Language, ...] | None = None
    other_languages: str = ""
    skills: tuple[str, ...] | None = None
    escalate: tuple[Step, ...] | None = None
    hours: Hours | None = None
    first_answer_minutes: dict[Priority, int] = {}


class QueuesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `path` is where it lies."""

    first_answer_minutes: dict[Priority, int]
    hours: Hours
    every: Every
    queues: dict[str, QueueRow]
    reasons: dict[str, Route]
    path: Path = FILE


def read_file(path: Path = FILE) -> QueuesFile:
    """The file as it is written; `queues.load` checks what its parts say of each other.

    Raises:
        SettingsError: names the file, the key and what to do.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: the file is missing; restore it from the repository") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}; fix that line") from error
    if "path" in raw:
        raise SettingsError(f"{path}: path is no key of this file; take it out")
    for section, kind in (("queues", QueueRow), ("reasons", Route)):
        for name, row in dict(raw.get(section, {})).items():
            _converted(path, f"{section}.{name}: ", row, kind)
    return msgspec.structs.replace(_converted(path, "", raw, QueuesFile), path=path)


_Part = TypeVar("_Part", bound=msgspec.Struct)
_INNER: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    (".escalate", Step),
    (".hours", Hours),
    (".every", Every),
)


def _converted(path: Path, key: str, raw: object, kind: type[_Part]) -> _Part:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        of: type[msgspec.Struct] = next((inner for mark, inner in _INNER if mark in str(error)), kind)
        known = ", ".join(name for name in of.__struct_fields__ if name != "path")
        raise SettingsError(f"{path}: {key}{error}; the keys it knows there are {known}") from error


def wrong(file: QueuesFile, key: str, what: str) -> SettingsError:
    """The error that names this key of this file."""
    return SettingsError(f"{file.path}: {key} {what}")


def _shifts(file: QueuesFile, key: str, given: Iterable[str]) -> tuple[Shift, ...]:
    """In order, and apart from each other."""
    shifts = sorted(_shift(file, key, text) for text in given)
    for (_, end), (start, _) in pairwise(shifts):
        if minutes_of(start) < (minutes_of(end) or 24 * 60):
            raise wrong(file, key, f"has two shifts at {start:%H:%M}; make one of them")
    return tuple(shifts)


def _shift(file: QueuesFile, key: str, text: str) -> Shift:
    begins, _, ends = text.partition("-")
    try:
        start, end = time.fromisoformat(begins), time.fromisoformat("00:00" if ends == "24:00" else ends)
    except ValueError:
        start = end = time(0, 0, 1)
    if start.second or end.second or minutes_of(start) >= (minutes_of(end) or 24 * 60):
        raise wrong(file, key, f"= {text!r} is no shift; write it as 08:00-20:00, up to 24:00")
    return start, end
