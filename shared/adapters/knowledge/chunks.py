"""Cuts a document into passages that can be found, read and cited alone."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from shared.adapters.knowledge.documents import Document, Section

# The embedded encoder reads 256 word pieces; 150 words with title and section stay below that.
MAX_WORDS = 150
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\w¿¡«\"'(])")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Chunk:
    """One passage: `id` is `kb:<document>#<section>`, `section` the heading path below the title."""

    id: str
    document: str
    title: str
    section: str
    text: str

    @property
    def embedded_text(self) -> str:
        """What the embedder sees: a section often names its subject only in its headings."""
        return ". ".join(part for part in (self.title, self.section, self.text) if part)


def chunks_of(document: Document) -> list[Chunk]:
    """The passages of `document` in reading order, with ids unique within it."""
    found: list[Chunk] = []
    taken: set[str] = set()
    for section in document.sections:
        for text in _pieces(section):
            slug = _free(slugify(section.path[-1] if section.path else document.title), taken)
            taken.add(slug)
            found.append(
                Chunk(
                    id=f"kb:{document.id}#{slug}",
                    document=document.id,
                    title=document.title,
                    section=" / ".join(section.path),
                    text=text,
                )
            )
    return found


def slugify(heading: str) -> str:
    """`Délais, États-Unis` -> `delais-etats-unis`."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return _NOT_SLUG.sub("-", plain).strip("-") or "section"


def _free(slug: str, taken: set[str]) -> str:
    candidate, n = slug, 1
    while candidate in taken:
        n += 1
        candidate = f"{slug}-{n}"
    return candidate


def _pieces(section: Section) -> Iterator[str]:
    """The section as it is, or cut at sentence ends into even pieces of at most about `MAX_WORDS`."""
    total = len(section.text.split())
    if total <= MAX_WORDS:
        yield section.text
        return
    # Even pieces: a short rest at the end would be found by accident and say little.
    size = total / -(-total // MAX_WORDS)
    piece: list[str] = []
    words, end = 0, size
    for sentence in _sentences(section.text):
        length = len(sentence.split())
        if piece and words + length / 2 > end:
            yield " ".join(piece)
            piece, end = [], end + size
        piece.append(sentence)
        words += length
    if piece:
        yield " ".join(piece)


def _sentences(text: str) -> Iterator[str]:
    """Sentences; one that is longer than a piece may be is cut by words."""
    for sentence in SENTENCE_END.split(text.replace("\n", " ")):
        words = sentence.split()
        for start in range(0, len(words), MAX_WORDS):
            yield " ".join(words[start : start + MAX_WORDS])
