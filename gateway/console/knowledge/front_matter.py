"""Takes a document's text apart into the fields of a form, and puts it together again."""

import re
from dataclasses import dataclass, replace

from shared.contracts import LANGUAGES
from shared.contracts.editing import DocumentLine

_FENCE = "---"
_PAIR = re.compile(r"^([a-z_]+):\s*(.*)$")


@dataclass(frozen=True)
class Parts:
    """A document as a form shows it; `body` is what stands below its `#` heading. Days are ISO or empty."""

    id: str = ""
    title: str = ""
    category: str = ""
    locale: str = "en"
    translation_of: str = ""
    effective_from: str = ""
    effective_until: str = ""
    body: str = ""


def apart(text: str) -> Parts:
    """The parts of a whole text; of one without front matter all is body."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    said, start = _said(lines)
    if not start:
        return Parts(body=text.strip("\n"))
    body = "\n".join(lines[start:]).strip("\n")
    title = said.get("title", "")
    heading, _, rest = body.partition("\n")
    if heading.strip() == f"# {title}":
        body = rest.strip("\n")
    known = {name: said.get(name, "") for name in Parts.__dataclass_fields__ if name != "body"}
    return Parts(**known | {"locale": said.get("locale", "en"), "body": body})


def mended(parts: Parts, line: DocumentLine) -> Parts:
    """The parts, with what a file does not say any more as the index knows it: a form hides its id."""
    whole = replace(
        parts,
        id=line.id,
        title=parts.title or line.title,
        category=parts.category or line.category,
        locale=parts.locale if parts.id and parts.locale in LANGUAGES else line.locale,
    )
    if parts.id:
        return whole
    return replace(
        whole,
        translation_of=parts.translation_of or line.translation_of,
        effective_from=parts.effective_from or line.effective_from,
        effective_until=parts.effective_until or line.effective_until,
    )


def together(parts: Parts, version: int) -> str:
    """The whole text of this version."""
    pairs = {
        "id": parts.id,
        "title": parts.title,
        "category": parts.category,
        "locale": parts.locale,
        "translation_of": parts.translation_of,
        "version": str(version),
        "effective_from": parts.effective_from,
        "effective_until": parts.effective_until,
    }
    head = "\n".join(f"{key}: {value}" for key, value in pairs.items() if value)
    return f"{_FENCE}\n{head}\n{_FENCE}\n\n# {parts.title}\n\n{parts.body}\n"


def like(base: str, text: str) -> str:
    """The text with the line ends of the one it replaces: else other tools show every line as changed."""
    return text.replace("\n", "\r\n") if base.count("\r\n") * 2 > base.count("\n") else text


def line_in_body(text: str, line: int) -> int:
    """The line of the body that is this line of the whole text, both from 1; 0 when it stands above."""
    lines = text.split("\n")
    _, start = _said(lines)
    # Behind the fence come a blank line, the heading, and another blank line.
    return max(0, line - start - 3) if start else line


def _said(lines: list[str]) -> tuple[dict[str, str], int]:
    """What the front matter says, and the index of the first line behind it (0: there is none)."""
    if not lines or lines[0].strip() != _FENCE:
        return {}, 0
    said: dict[str, str] = {}
    for n, line in enumerate(lines[1:], start=1):
        if line.strip() == _FENCE:
            return said, n + 1
        if pair := _PAIR.match(line):
            said[pair[1]] = pair[2].strip().strip("\"'")
    return {}, 0
