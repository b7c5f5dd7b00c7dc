"""Replies written by hand, with what they promise; one half is never tuned to."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from shared.contracts import Language, Promise, Sentence
from shared.promises import promises_in

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=ZONE).timestamp()
"""A Wednesday; the day after is Thanksgiving."""
Half = Literal["tune", "closed"]


@dataclass(frozen=True)
class Labelled:
    """A sentence of a reply; `kind` is `-` when it promises nothing, `due` the beginning of an ISO time."""

    text: str
    kind: str
    due: str

    @property
    def half(self) -> Half:
        """By the hash of the text, so that nobody chooses."""
        return "closed" if int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % 2 else "tune"


def labelled(language: Language) -> list[Labelled]:
    """All sentences of a language."""
    lines = (Path(__file__).parent / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [Labelled(text=text, kind=kind, due=due) for kind, due, text in rows]


def said(text: str, language: Language = "en", *, now: float = NOW, **given: object) -> list[Promise]:
    """The commitments of a reply of one sentence."""
    found = promises_in([Sentence(text=text)], language, now=now, **given)  # type: ignore[arg-type]
    return [promise for promise in found if promise.binding]


def until(promise: Promise) -> str:
    """When it is due, by the clock of the shop; empty when it never says so."""
    if promise.due is None:
        return ""
    return datetime.fromtimestamp(promise.due.until, ZONE).isoformat(timespec="minutes")
