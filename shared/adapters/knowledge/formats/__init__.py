"""Picks the reader of a file by the end of its name."""

from pathlib import PurePosixPath

from shared.adapters.knowledge.formats.content import Content
from shared.adapters.knowledge.formats.text import decode

MARKDOWN = frozenset({".md", ".markdown"})
SUFFIXES = MARKDOWN | {".html", ".htm", ".pdf", ".csv"}


def suffix_of(name: str) -> str:
    """`guides/Tents.PDF` -> `.pdf`."""
    return PurePosixPath(name).suffix.lower()


def read_content(name: str, data: bytes) -> Content:
    """What stands in the file `name`, whose suffix is one of `SUFFIXES`; raises `BadDocument`."""
    # Each format's library is loaded by who needs it: most shops write one or two of them.
    suffix = suffix_of(name)
    if suffix == ".pdf":
        from shared.adapters.knowledge.formats.pdf import read_pdf  # noqa: PLC0415

        return read_pdf(data)
    text = decode(data)
    if suffix == ".csv":
        from shared.adapters.knowledge.formats.csv import read_csv  # noqa: PLC0415

        return read_csv(text)
    if suffix in MARKDOWN:
        from shared.adapters.knowledge.formats.markdown import read_markdown  # noqa: PLC0415

        return read_markdown(text)
    from shared.adapters.knowledge.formats.html import read_html  # noqa: PLC0415

    return read_html(text)
