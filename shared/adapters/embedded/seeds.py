"""Reads the messages, written for this project, that the embedded engine learns from."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from shared.contracts import LANGUAGES, Intent, Language
from shared.errors import SettingsError

FOLDER = Path(__file__).parent / "seeds"


@dataclass(frozen=True)
class Seed:
    """A message and what its writer wants."""

    text: str
    intent: Intent
    language: Language


def load_seeds(folder: Path = FOLDER) -> tuple[Seed, ...]:
    """Every seed of every language, in file order; raises `SettingsError` naming file, key and remedy."""
    return tuple(seed for language in LANGUAGES for seed in _read(folder / f"{language}.toml", language))


def _read(file: Path, language: Language) -> list[Seed]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"cannot read the seeds {file.name}: {error}; restore or correct the file"
        ) from error
    unknown = sorted(set(tables) - set(Intent))
    if unknown:
        raise SettingsError(f"{file.name}: [{unknown[0]}] is no intent; use one of {', '.join(Intent)}")
    seeds = []
    for intent in Intent:
        messages = tables.get(intent, {}).get("messages")
        if (
            not isinstance(messages, list)
            or len(messages) < 5
            or not all(isinstance(m, str) for m in messages)
        ):
            raise SettingsError(f"{file.name}: [{intent}] needs `messages`, a list of at least 5 texts")
        seeds += [Seed(text, intent, language) for text in messages]
    return seeds
