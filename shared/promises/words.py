"""The grammar of commitments by language, read from `words/*.toml`; its keys are explained in en.toml."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from shared.contracts import Language

Needs = Literal["", "kind", "known", "deed", "due", "day", "dueorkind"]
FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Frame:
    """A form in which somebody commits; `needs` is what the clause must have besides."""

    pattern: re.Pattern[str]
    confidence: float
    needs: Needs


@dataclass(frozen=True)
class Words:
    """The forms of one language."""

    cue: re.Pattern[str]
    split: re.Pattern[str]
    frames: tuple[Frame, ...]
    kinds: tuple[tuple[str, re.Pattern[str]], ...]
    joined: re.Pattern[str]
    deny: re.Pattern[str]
    condition: re.Pattern[str]
    harmless: re.Pattern[str]
    hedge: re.Pattern[str]
    general: re.Pattern[str]
    reported: re.Pattern[str]
    later: re.Pattern[str]
    yours: re.Pattern[str]
    self: re.Pattern[str]
    staff: re.Pattern[str]
    carrier: re.Pattern[str]


@lru_cache(maxsize=3)
def words_of(language: Language) -> Words:
    """The compiled forms of a language."""
    table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    single = (
        "cue", "split", "joined", "deny", "condition", "harmless", "hedge", "general", "reported", "later",
        "yours", "self", "staff", "carrier",
    )  # fmt: skip
    return Words(
        frames=tuple(
            Frame(re.compile(pattern), float(sure), needs) for pattern, sure, needs in table["frames"]
        ),
        kinds=tuple((kind, re.compile(pattern)) for kind, pattern in table["kinds"].items()),
        **{name: re.compile(table[name]) for name in single},
    )
