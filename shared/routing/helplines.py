"""Reads whom somebody in need can call, and puts it as a reply says it."""

import tomllib
from functools import lru_cache
from pathlib import Path

import msgspec

from shared.contracts import LANGUAGES, Language
from shared.errors import SettingsError

FILE = Path(__file__).with_name("helplines.toml")


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number, where it is reached, and who says so."""

    call: str
    where: dict[Language, str]
    source: str
    first: Language | None = None


class Helplines(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Lines for who is in despair, and the numbers for a danger to life."""

    crisis: list[Line]
    emergency: list[Line]

    def slots(self, language: Language) -> dict[str, str]:
        """`helplines` and `emergency` of a reply in this language."""
        return {"helplines": _told(self.crisis, language), "emergency": _told(self.emergency, language)}


def load(file: Path = FILE) -> Helplines:
    """The lines of a file; raises `SettingsError` naming the file and what is wrong."""
    try:
        found = msgspec.convert(tomllib.loads(file.read_text("utf-8")), Helplines)
        for language in LANGUAGES:
            found.slots(language)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{file.name}: {error}; see the comment on top of the file") from error
    except KeyError as error:
        raise SettingsError(f"{file.name}: a line has no `where` in {error}; add it") from error
    return found


@lru_cache(maxsize=1)
def helplines() -> Helplines:
    """The lines of the shop."""
    return load()


def slots_for(reason: str, language: Language) -> dict[str, str]:
    """What a reply to this reason says of them: nothing but to who speaks of wanting to die."""
    return helplines().slots(language) if reason == "self_harm" else {}


def _told(lines: list[Line], language: Language) -> str:
    ordered = sorted(lines, key=lambda line: line.first != language)
    return ", ".join(f"{line.call} {line.where[language]}" for line in ordered)
