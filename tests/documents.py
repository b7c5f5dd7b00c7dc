"""Reads documents as a sync does, without the process it uses."""

from shared.adapters.knowledge.documents import Document, build_document
from shared.adapters.knowledge.formats.markdown import read_markdown


def parse_document(text: str) -> Document:
    """The document of a Markdown file."""
    content = read_markdown(text)
    return build_document(content.said, content.sections, body_line=content.body_line)
