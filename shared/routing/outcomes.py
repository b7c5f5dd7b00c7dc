"""How a case may end: the list from which staff choose when they close one."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shared.errors import SettingsError

FILE = Path(__file__).with_name("outcomes.toml")
OTHER = "other"
"""The one that says nothing without words of one's own."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
_LONGEST = 60


@cache
def outcomes() -> Mapping[str, str]:
    """The words of each, by key, in the order in which they are shown.

    Raises:
        SettingsError: `outcomes.toml` is wrong; the message names the key.
    """
    return read_outcomes(FILE)


def read_outcomes(file: Path) -> Mapping[str, str]:
    """The outcomes of a file. Raises `SettingsError` for a wrong one."""
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file.name}: {error}") from error
    for key, words in found.items():
        if not _KEY.fullmatch(key):
            raise SettingsError(
                f"{file.name}: {key[:40]!r} is no key; use 1 to 30 of a-z, 0-9 and underscore"
            )
        if not isinstance(words, str) or not 0 < len(words.strip()) <= _LONGEST:
            raise SettingsError(f"{file.name}: {key}: say in 1 to {_LONGEST} characters what it is")
    if OTHER not in found:
        raise SettingsError(f"{file.name}: {OTHER} is missing; staff need it for what the others do not say")
    return found


def told(outcome: str, words: str = "") -> str:
    """How it ended, as staff and the helpdesk read it: `Refunded: she keeps the box`. Unknown keys stay."""
    title = outcomes().get(outcome, outcome)
    return ": ".join(part for part in (title, words) if part)
