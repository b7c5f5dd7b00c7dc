"""Reads one Markdown document of the knowledge base into sections of plain text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from markdown_it import MarkdownIt
from markdown_it.token import Token

from shared.contracts import LANGUAGES, Language
from shared.errors import DeskError

REQUIRED = ("id", "title", "category", "locale", "version", "effective_from")
OPTIONAL = ("translation_of", "effective_until")
_FENCE = "---"
_LINE = re.compile(r"^([a-z_]+):\s*(.*)$")
_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


class BadDocument(DeskError):
    """A document cannot be served; says which line and key are wrong, and what would mend it."""

    def __init__(self, line: int, key: str, reason: str, remedy: str) -> None:
        super().__init__(f"line {line}: {key}: {reason}; {remedy}")
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
    `lines` is where each front matter key stands.
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
class _Entry:
    """A front matter value and the line it stands on."""

    value: str
    line: int


def parse_document(text: str) -> Document:
    """The document in `text`; raises `BadDocument` naming line, key and remedy."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    entries, body_from = _front_matter(lines)
    locale = _locale(entries["locale"])
    title, sections = _sections("\n".join(lines[body_from:]))
    said = entries["title"]
    if title and title != said.value:
        raise BadDocument(
            said.line, "title", f"{said.value!r} is not the heading {title!r}", "make the two the same"
        )
    if not sections:
        raise BadDocument(
            body_from + 1, "body", "there is no text to serve", "add a ## section with at least one sentence"
        )
    translation_of = entries.get("translation_of")
    if translation_of is not None and locale == "en":
        raise BadDocument(
            translation_of.line, "translation_of", "an English document is the original", "remove this line"
        )
    effective_from = _date("effective_from", entries["effective_from"])
    return Document(
        id=_identifier(entries["id"]),
        title=said.value,
        category=entries["category"].value,
        locale=locale,
        version=_version(entries["version"]),
        effective_from=effective_from,
        translation_of=translation_of.value if translation_of else "",
        sections=sections,
        effective_until=_until(entries.get("effective_until"), effective_from),
        lines={key: entry.line for key, entry in entries.items()},
    )


def _front_matter(lines: list[str]) -> tuple[dict[str, _Entry], int]:
    """The `key: value` lines between two fences, and the index of the first line after them."""
    if not lines or lines[0].strip() != _FENCE:
        raise BadDocument(1, "front matter", "the file does not begin with ---", "open it with a --- line")
    entries: dict[str, _Entry] = {}
    for n, line in enumerate(lines[1:], start=2):
        if line.strip() == _FENCE:
            _complete(entries, closed_at=n)
            return entries, n
        if not line.strip():
            continue
        match = _LINE.match(line)
        if match is None:
            raise BadDocument(n, "front matter", f"{line!r} is not `key: value`", "write key, colon, value")
        key, value = match[1], match[2].strip().strip("\"'")
        if key not in REQUIRED + OPTIONAL:
            known = ", ".join(REQUIRED + OPTIONAL)
            raise BadDocument(n, key, "is not a known key", f"use one of {known}")
        if key in entries:
            raise BadDocument(n, key, f"stands on line {entries[key].line} already", "keep one of the two")
        if not value:
            raise BadDocument(n, key, "has no value", "write one after the colon")
        entries[key] = _Entry(value, n)
    raise BadDocument(1, "front matter", "is never closed", "end it with a --- line")


def _complete(entries: dict[str, _Entry], *, closed_at: int) -> None:
    for key in REQUIRED:
        if key not in entries:
            raise BadDocument(closed_at, key, "is missing", f"add `{key}: ...` above this line")


def _identifier(entry: _Entry) -> str:
    if not _ID.match(entry.value):
        raise BadDocument(
            entry.line, "id", f"{entry.value!r} is not an id", "use small letters, digits and single dashes"
        )
    return entry.value


def _locale(entry: _Entry) -> Language:
    for known in LANGUAGES:
        if entry.value == known:
            return known
    known_locales = ", ".join(LANGUAGES)
    raise BadDocument(
        entry.line, "locale", f"{entry.value!r} is not a language of the shop", f"use one of {known_locales}"
    )


def _version(entry: _Entry) -> int:
    if not entry.value.isdecimal() or int(entry.value) < 1:
        raise BadDocument(
            entry.line, "version", f"{entry.value!r} is not a whole number", "use 1, 2, 3 and so on"
        )
    return int(entry.value)


def _date(key: str, entry: _Entry) -> date:
    try:
        return date.fromisoformat(entry.value)
    except ValueError as error:
        raise BadDocument(
            entry.line, key, f"{entry.value!r} is not a date", "write it as 2026-01-31"
        ) from error


def _until(entry: _Entry | None, effective_from: date) -> date | None:
    """The last day the document holds."""
    if entry is None:
        return None
    until = _date("effective_until", entry)
    if until < effective_from:
        raise BadDocument(
            entry.line,
            "effective_until",
            f"{entry.value} is before effective_from, {effective_from}",
            "name the last day the document holds, or remove this line",
        )
    return until


def _sections(body: str) -> tuple[str, tuple[Section, ...]]:
    """The `#` title and every heading that has text of its own."""
    title = ""
    path: list[tuple[int, str]] = []
    gathered: list[tuple[tuple[str, ...], list[str]]] = [((), [])]
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            level, heading = int(token.tag[1]), _plain(tokens[n + 1])
            if level == 1 and not title:
                title = heading
                continue
            path = [(depth, name) for depth, name in path if depth < level]
            path.append((level, heading))
            gathered.append((tuple(name for _, name in path), []))
        elif token.type == "table_open":
            gathered[-1][1].extend(_rows(tokens, n))
        elif token.type == "inline" and tokens[n - 1].type not in {"heading_open", "th_open", "td_open"}:
            gathered[-1][1].append(_plain(token))
        elif token.type in {"fence", "code_block"}:
            gathered[-1][1].append(token.content.strip())
    found = (Section(where, "\n".join(part for part in parts if part)) for where, parts in gathered)
    return title, tuple(section for section in found if section.text)


def _rows(tokens: Sequence[Token], start: int) -> Iterator[str]:
    """Each row of the table as one line that is understood alone: `Method: Express; Price: $12.99`."""
    header: list[str] = []
    row: list[str] = []
    for n in range(start, len(tokens)):
        kind = tokens[n].type
        if kind == "table_close":
            return
        if kind == "th_open":
            header.append(_plain(tokens[n + 1]))
        elif kind == "td_open":
            row.append(_plain(tokens[n + 1]))
        elif kind == "tr_close" and row:
            named = zip(header, row, strict=True)
            yield "; ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell)
            row = []


def _plain(token: Token) -> str:
    """The words of an inline token: no markup, no link targets, no raw HTML."""
    words = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            words.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        elif child.type == "image":
            words.append(child.content)
    return " ".join("".join(words).split())
