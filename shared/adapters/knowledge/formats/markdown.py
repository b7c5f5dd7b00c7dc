"""Reads a Markdown document with its front matter."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from shared.adapters.knowledge.documents import (
    OPTIONAL,
    REQUIRED,
    BadDocument,
    Document,
    Entry,
    Section,
    build_document,
)
from shared.adapters.knowledge.formats.content import Content

_FENCE = "---"
_LINE = re.compile(r"^([a-z_]+):\s*(.*)$")


def read_markdown(text: str) -> Content:
    """The front matter and the sections of `text`; raises `BadDocument`."""
    lines = text.replace("\r\n", "\n").split("\n")
    entries, body_from = _front_matter(lines)
    heading, sections = _sections("\n".join(lines[body_from:]))
    said = entries["title"]
    if heading and heading != said.value:
        raise BadDocument(
            said.line, "title", f"{said.value!r} is not the heading {heading!r}", "make the two the same"
        )
    return Content(sections, said=entries, title=said.value, body_line=body_from + 1)


def parse_document(text: str) -> Document:
    """The document in `text`, whole; raises `BadDocument`."""
    content = read_markdown(text)
    return build_document(content.said, content.sections, body_line=content.body_line)


def _front_matter(lines: list[str]) -> tuple[dict[str, Entry], int]:
    """The `key: value` lines between two fences, and the index of the first line after them."""
    if not lines or lines[0].strip() != _FENCE:
        raise BadDocument(1, "front matter", "the file does not begin with ---", "open it with a --- line")
    entries: dict[str, Entry] = {}
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
        entries[key] = Entry(value, n)
    raise BadDocument(1, "front matter", "is never closed", "end it with a --- line")


def _complete(entries: dict[str, Entry], *, closed_at: int) -> None:
    for key in REQUIRED:
        if key not in entries:
            raise BadDocument(closed_at, key, "is missing", f"add `{key}: ...` above this line")


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
