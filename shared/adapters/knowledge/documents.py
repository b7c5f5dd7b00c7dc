"""Says what a document of the knowledge base is, whatever format it was written in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.contracts import LANGUAGES, Language
from shared.errors import DeskError

REQUIRED = ("id", "title", "category", "locale", "version", "effective_from")
OPTIONAL = ("translation_of", "effective_until")
# About 170,000 words, far more than an article; each passage of it costs an embedding and memory.
MOST_CHARACTERS = 1_000_000
_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


class BadDocument(DeskError):
    """A document cannot be served; says which line and key are wrong, and what would mend it."""

    def __init__(self, line: int, key: str, reason: str, remedy: str, *, file: str = "") -> None:
        super().__init__(f"line {line}: {key}: {reason}; {remedy}")
        self.file = file
        self.line = line
        self.key = key
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Section:
    """A heading path below the title (empty for text before the first `##`) and its plain text."""

    path: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Document:
    """What one file says, with where and from when it holds.

    `translation_of` is empty for originals; `effective_until` is the last day it holds (None: for good);
    `lines` is where each key of the metadata stands.
    """

    id: str
    title: str
    category: str
    locale: Language
    version: int
    effective_from: date
    translation_of: str
    sections: tuple[Section, ...]
    effective_until: date | None = None
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Entry:
    """A value of the metadata, the line it stands on, and the file when that is not the document."""

    value: str
    line: int
    file: str = ""


@dataclass(frozen=True)
class Source:
    """A document that was read: its path in the source, and the digest of what it was read from."""

    file: str
    digest: str
    document: Document


def build_document(
    entries: Mapping[str, Entry], sections: tuple[Section, ...], *, body_line: int = 1
) -> Document:
    """The document of this metadata and text; raises `BadDocument` naming line, key and remedy.

    `entries` holds every key of `REQUIRED`, and of `OPTIONAL` what was said; `body_line` is where the text
    begins.
    """
    locale = _locale(entries["locale"])
    if not sections:
        raise BadDocument(
            body_line, "body", "there is no text to serve", "add a heading with at least one sentence"
        )
    characters = sum(len(section.text) for section in sections)
    if characters > MOST_CHARACTERS:
        raise BadDocument(
            body_line,
            "body",
            f"{characters:,} characters of text are more than {MOST_CHARACTERS:,}",
            "split it into several documents",
        )
    translation_of = entries.get("translation_of")
    if translation_of is not None and locale == "en":
        raise _wrong(translation_of, "translation_of", "an English document is the original", "remove it")
    effective_from = _date("effective_from", entries["effective_from"])
    return Document(
        id=_identifier(entries["id"]),
        title=entries["title"].value,
        category=entries["category"].value,
        locale=locale,
        version=_version(entries["version"]),
        effective_from=effective_from,
        translation_of=translation_of.value if translation_of else "",
        sections=sections,
        effective_until=_until(entries.get("effective_until"), effective_from),
        lines={key: entry.line for key, entry in entries.items()},
    )


def _wrong(entry: Entry, key: str, reason: str, remedy: str) -> BadDocument:
    return BadDocument(entry.line, key, reason, remedy, file=entry.file)


def _identifier(entry: Entry) -> str:
    if not _ID.match(entry.value):
        raise _wrong(
            entry, "id", f"{entry.value!r} is not an id", "use small letters, digits and single dashes"
        )
    return entry.value


def _locale(entry: Entry) -> Language:
    for known in LANGUAGES:
        if entry.value == known:
            return known
    known_locales = ", ".join(LANGUAGES)
    raise _wrong(
        entry, "locale", f"{entry.value!r} is not a language of the shop", f"use one of {known_locales}"
    )


def _version(entry: Entry) -> int:
    # More digits are a slip; past 4,300 Python refuses to count them.
    if not entry.value.isdecimal() or len(entry.value) > 9 or int(entry.value) < 1:
        raise _wrong(entry, "version", f"{entry.value[:40]!r} is not a whole number", "use 1, 2, 3 and so on")
    return int(entry.value)


def _date(key: str, entry: Entry) -> date:
    try:
        return date.fromisoformat(entry.value)
    except ValueError as error:
        raise _wrong(entry, key, f"{entry.value!r} is not a date", "write it as 2026-01-31") from error


def _until(entry: Entry | None, effective_from: date) -> date | None:
    """The last day the document holds."""
    if entry is None:
        return None
    until = _date("effective_until", entry)
    if until < effective_from:
        raise _wrong(
            entry,
            "effective_until",
            f"{entry.value} is before effective_from, {effective_from}",
            "name the last day the document holds, or remove this line",
        )
    return until
