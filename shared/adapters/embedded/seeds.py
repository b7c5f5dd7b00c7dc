"""Reads the messages, written for this project, that the embedded engine learns from."""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from shared.contracts import LANGUAGES, Intent, Language
from shared.errors import SettingsError

FOLDER = Path(__file__).parent / "seeds"
FEELINGS_FOLDER = Path(__file__).parent / "feelings"
Feeling = Literal["negative", "neutral", "positive"]
FEELINGS: tuple[Feeling, ...] = get_args(Feeling)
_RESERVE = 10


@dataclass(frozen=True)
class Seed:
    """A message and what its writer wants."""

    text: str
    intent: Intent
    language: Language


@dataclass(frozen=True)
class Mood:
    """A message and how its writer feels."""

    text: str
    feeling: Feeling
    language: Language


def reserved(text: str) -> bool:
    """True for a tenth of all texts, the same for ever: the encoder was not tuned to them.

    What is learned on top of it is calibrated with them: of the others it knows the answers.
    """
    return hashlib.blake2b(text.encode(), digest_size=1).digest()[0] % _RESERVE == 0


def load_seeds(folder: Path = FOLDER) -> tuple[Seed, ...]:
    """Every seed of every language, in file order; raises `SettingsError` naming file, key and remedy."""
    return tuple(
        Seed(text, Intent(name), language)
        for language in LANGUAGES
        for name, text in _read(folder / f"{language}.toml", tuple(Intent))
    )


def load_moods(folder: Path = FEELINGS_FOLDER) -> tuple[Mood, ...]:
    """Every message that teaches how customers feel; raises `SettingsError` as `load_seeds` does."""
    return tuple(
        Mood(text, feeling, language)
        for language in LANGUAGES
        for name, text in _read(folder / f"{language}.toml", FEELINGS)
        for feeling in FEELINGS
        if feeling == name
    )


def _read(file: Path, names: Sequence[str]) -> list[tuple[str, str]]:
    try:
        tables: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"cannot read the seeds {file.name}: {error}; restore or correct the file"
        ) from error
    unknown = sorted(set(tables) - set(names))
    if unknown:
        raise SettingsError(f"{file.name}: [{unknown[0]}] is not known; use one of {', '.join(names)}")
    found = []
    for name in names:
        messages = tables.get(name, {}).get("messages")
        if (
            not isinstance(messages, list)
            or len(messages) < 5
            or not all(isinstance(m, str) for m in messages)
        ):
            raise SettingsError(f"{file.name}: [{name}] needs `messages`, a list of at least 5 texts")
        found += [(name, text) for text in messages]
    return found
