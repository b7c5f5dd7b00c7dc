"""Reads the text of a PDF, page by page."""

import io
from collections import Counter

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from shared.adapters.knowledge.documents import MOST_CHARACTERS, BadDocument, Section
from shared.adapters.knowledge.formats.content import Content

_MOST_PAGES = 300
# A line at the top or foot of so many pages is a header or footer, not something the document says.
_REPEATED = 3
_EDGE = 2
_AT_FAULT = (
    PyPdfError, ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError
)  # fmt: skip


def read_pdf(data: bytes) -> Content:
    """One section a page; raises `BadDocument`.

    A hostile file may take any time and memory here: call it only in the reading process, which is limited.
    """
    try:
        return _read(data)
    # pypdf lets errors of every kind through when a file is broken; whichever it is, the file is at fault.
    except _AT_FAULT as error:
        raise _broken(f"{type(error).__name__}: {error}"[:200]) from error


def _broken(reason: str) -> BadDocument:
    return BadDocument(1, "pdf", f"cannot be read ({reason})", "save it anew from the program that made it")


def _read(data: bytes) -> Content:
    reader = PdfReader(io.BytesIO(data))
    # Many PDFs are encrypted with an empty password, only to forbid printing.
    if reader.is_encrypted and not reader.decrypt(""):
        raise BadDocument(1, "pdf", "is encrypted", "save it without a password")
    count = len(reader.pages)
    if count > _MOST_PAGES:
        reason = f"{count:,} pages are more than {_MOST_PAGES}"
        raise BadDocument(1, "pdf", reason, "split it into several documents")
    pages: list[list[str]] = []
    total = 0
    for page in reader.pages:
        lines = [_printable(line) for line in page.extract_text().splitlines()]
        total += sum(map(len, lines))
        if total > MOST_CHARACTERS:
            reason = f"has more than {MOST_CHARACTERS:,} characters of text"
            raise BadDocument(1, "pdf", reason, "split it into several documents")
        pages.append([line for line in lines if line])
    if not any(pages):
        raise BadDocument(1, "pdf", "has no text, only pictures", "run OCR over it, or write the text down")
    title = str(reader.metadata.title or "").strip() if reader.metadata else ""
    return Content(_sections(pages), title=title)


def _printable(line: str) -> str:
    """Without soft hyphens, control characters and halves of surrogate pairs, which fonts bring along."""
    return "".join(char for char in " ".join(line.split()) if char.isprintable())


def _sections(pages: list[list[str]]) -> tuple[Section, ...]:
    seen = Counter(line for lines in pages for line in {*lines[:_EDGE], *lines[-_EDGE:]})
    printed = {line for line, count in seen.items() if count >= max(_REPEATED, 0.6 * len(pages))}
    found = []
    for number, lines in enumerate(pages, start=1):
        edges = {*range(_EDGE), *range(len(lines) - _EDGE, len(lines))}
        own = [line for n, line in enumerate(lines) if n not in edges or line not in printed]
        if own:
            path = (f"Page {number}",) if len(pages) > 1 else ()
            found.append(Section(path, _joined(own)))
    return tuple(found)


def _joined(lines: list[str]) -> str:
    """Printed lines as running text; a word parted at a line's end becomes one again."""
    text = ""
    for line in lines:
        parted = text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower()
        text = text[:-1] + line if parted else f"{text} {line}" if text else line
    return text
