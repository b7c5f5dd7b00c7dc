"""Hears in a customer's words the reasons to involve a person."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from shared.adapters.embedded.asking import Asking
from shared.adapters.embedded.leaving import LeavingWords
from shared.adapters.embedded.slips import mender
from shared.adapters.embedded.unmasking import fold
from shared.contracts import AssessMessage, MessageAssessed, Signal
from shared.errors import SettingsError
from shared.ports import Leaving

FILE = Path(__file__).parent / "rules" / "risk.toml"
LEAVING = FILE.with_name("leaving.toml")
_SPAN = 120
_T = TypeVar("_T")

# Words that carry a reason; a slip of one letter in a longer one is mended before listening.
_MENDED = (
    "someone", "quelqu'un", "lawyer", "attorney", "avocat", "abogado", "delivered", "stolen", "defective",
    "wholesale", "unacceptable", "hospital",
)  # fmt: skip
# Right words that are one letter away from one of those.
_NEIGHBORS = [
    "abogada",
    "abogados",
    "lawyers",
    "layer",
    "layers",
    "deliver",
    "deliverer",
    "stole",
    "hospitals",
    "acceptable",
]
_mend = mender(_MENDED, _NEIGHBORS)
# "passez-moi", "transferez-nous": the verb is what counts.
_CLITIC = re.compile(r"-(moi|nous|le|la|les|vous|tu|il)\b")
_WORD = re.compile(r"[a-z']{5,}")


class _Heard(Protocol):
    """How one reason is heard in folded words."""

    def first(self, text: str) -> str:
        """The words that give it, or nothing."""
        ...


@dataclass(frozen=True)
class _Patterns:
    """A reason heard by patterns."""

    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]

    def first(self, text: str) -> str:
        """What the first pattern finds once the look-alikes are cut out."""
        plain = _mended(text)
        for pattern in self.unless:
            plain = pattern.sub(" ; ", plain)
        return next((match[0].strip() for pattern in self.patterns if (match := pattern.search(plain))), "")


@dataclass(frozen=True)
class _Watch:
    """One reason and how it is heard."""

    reason: str
    heard: _Heard


class KeywordRiskWatch:
    """Implements `RiskWatch`; pure: the same words give the same signals."""

    def __init__(self, watches: tuple[_Watch, ...], leaving: LeavingWords) -> None:
        self._watches = watches
        self._leaving = leaving

    def assess(self, ask: AssessMessage) -> MessageAssessed:
        """Each reason once, strongest first as rules/risk.toml lists them."""
        text = fold(ask.text)
        found = ((watch.reason, watch.heard.first(text)) for watch in self._watches)
        return MessageAssessed(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            signals=tuple(Signal(reason=reason, span=span[:_SPAN]) for reason, span in found if span),
        )

    def beside_refusal(self, text: str) -> str | None:
        """What else is said by who wants no person: see `RiskWatch`."""
        asking = (watch.heard for watch in self._watches if isinstance(watch.heard, Asking))
        return next((rest for each in asking if (rest := each.declined(text)) is not None), None)

    def leaves_queue(self, text: str) -> Leaving:
        """Whether who waits for a person needs none any more: see `RiskWatch`."""
        heard = self._leaving.heard(text)
        if heard == "no":
            return "plainly" if self.beside_refusal(text) == "" else "no"
        return "no" if heard == "perhaps" and self.hears("asked_for_person", text) else heard

    def hears(self, reason: str, text: str) -> bool:
        """True when these words give this reason."""
        plain = fold(text)
        return any(watch.heard.first(plain) for watch in self._watches if watch.reason == reason)


def open_risk_watch(file: Path = FILE) -> KeywordRiskWatch:
    """A watch with the signals of a file; raises `SettingsError` naming what is wrong."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        watches = tuple(_watch(entry, file.parent) for entry in data["signal"])
        return KeywordRiskWatch(watches, _read(LEAVING, LeavingWords))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise SettingsError(f"{file.name}: {error!r}; see the comment on top of the file") from error


def asked_for_person(text: str) -> bool:
    """True when the customer asks for a human being; works without any model."""
    return _shipped_watch().hears("asked_for_person", text)


@lru_cache(maxsize=1)
def _shipped_watch() -> KeywordRiskWatch:
    return open_risk_watch()


def _watch(entry: Mapping[str, Any], folder: Path) -> _Watch:
    if "rules" in entry:
        return _Watch(str(entry["reason"]), _read(folder / entry["rules"], Asking))
    patterns, unless = (tuple(map(re.compile, entry[key])) for key in ("patterns", "unless"))
    return _Watch(str(entry["reason"]), _Patterns(patterns, unless))


def _read(file: Path, kind: Callable[[Mapping[str, Any]], _T]) -> _T:
    try:
        return kind(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise SettingsError(f"{file.name}: {error!r}; see the comment on top of the file") from error


@lru_cache(maxsize=64)
def _mended(text: str) -> str:
    """One-letter slips in the words that matter: "laywer" is a lawyer, a "layer" is none."""
    return _WORD.sub(lambda match: _mend(match[0]), _CLITIC.sub(r" \1", text))
