"""Hears in a customer's words the reasons to involve a person."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein

from shared.adapters.embedded.unmasking import fold
from shared.contracts import AssessMessage, MessageAssessed, Signal
from shared.errors import SettingsError

FILE = Path(__file__).parent / "rules" / "risk.toml"
_SPAN = 120

# Words that carry the wish; a slip of one letter in a longer one is mended before listening.
_MENDED = (
    "human", "person", "agent", "representative", "operator", "someone", "manager", "supervisor", "speak",
    "conseiller", "humain", "personne", "responsable", "quelqu'un", "operateur", "asesor", "humano",
    "persona", "agente", "operador", "hablar", "parler", "lawyer", "attorney", "avocat", "abogado",
    "delivered", "stolen", "defective", "wholesale", "unacceptable", "hospital",
)  # fmt: skip
# Right words that are one letter away from one of those.
_NEIGHBORS = (
    "personal personas persons humans agents argent urgent ascent assessor manage managed managers manger "
    "parlez parle peak speaks speaker hablas hablara personne's abogada abogados lawyers deliver deliverer "
    "stole representatives operators responsables hospitals personnes humana humanos acceptable operadora "
    "operators asesora sneak steak layer layers"
)
# "passez-moi", "transferez-nous": the verb is what counts.
_CLITIC = re.compile(r"-(moi|nous|le|la|les|vous|tu|il)\b")
_WORD = re.compile(r"[a-z']{5,}")
_WORD_LIST = re.compile(r"(?<!\?)<([a-z]+)>")


@dataclass(frozen=True)
class _Watch:
    """One reason with its patterns."""

    reason: str
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]


class KeywordRiskWatch:
    """Implements `RiskWatch`; pure: the same words give the same signals."""

    def __init__(self, watches: tuple[_Watch, ...]) -> None:
        self._watches = watches

    def assess(self, ask: AssessMessage) -> MessageAssessed:
        """Each reason once, strongest first as rules/risk.toml lists them."""
        text = _mended(fold(ask.text))
        found = ((watch.reason, _first(watch, text)) for watch in self._watches)
        return MessageAssessed(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            signals=tuple(Signal(reason=reason, span=span[:_SPAN]) for reason, span in found if span),
        )

    def hears(self, reason: str, text: str) -> bool:
        """True when these words give this reason."""
        plain = _mended(fold(text))
        return any(_first(watch, plain) for watch in self._watches if watch.reason == reason)


def open_risk_watch(file: Path = FILE) -> KeywordRiskWatch:
    """A watch with the signals of a file; raises `SettingsError` naming what is wrong."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        words = {name: "|".join(entries) for name, entries in data["words"].items()}
        return KeywordRiskWatch(tuple(_watch(entry, words) for entry in data["signal"]))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise SettingsError(f"{file.name}: {error!r}; see the comment on top of the file") from error


def asked_for_person(text: str) -> bool:
    """True when the customer asks for a human being; works without any model."""
    return _shipped_watch().hears("asked_for_person", text)


@lru_cache(maxsize=1)
def _shipped_watch() -> KeywordRiskWatch:
    return open_risk_watch()


def _watch(entry: Mapping[str, Any], words: Mapping[str, str]) -> _Watch:
    def compiled(key: str) -> tuple[re.Pattern[str], ...]:
        return tuple(
            re.compile(_WORD_LIST.sub(lambda match: words.get(match[1], match[0]), text))
            for text in entry[key]
        )

    return _Watch(str(entry["reason"]), compiled("patterns"), compiled("unless"))


def _first(watch: _Watch, text: str) -> str:
    for pattern in watch.unless:
        text = pattern.sub(" ; ", text)
    return next((match[0].strip() for pattern in watch.patterns if (match := pattern.search(text))), "")


def _mended(text: str) -> str:
    """One-letter slips in the words that matter: "humna", "reprsentative", "conseillr"."""
    return _WORD.sub(lambda match: _mend(match[0]), _CLITIC.sub(r" \1", text))


@lru_cache(maxsize=20_000)
def _mend(word: str) -> str:
    if word in _MENDED or word in _NEIGHBORS.split():
        return word
    for right in _MENDED:
        # The first letter is rarely wrong, and short words have too many neighbours.
        if word[0] == right[0] and DamerauLevenshtein.distance(word, right, score_cutoff=1) <= 1:
            return right
    return word
