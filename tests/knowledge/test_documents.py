"""Documents and chunks: what a file says, and how a wrong one is named."""

from datetime import date

import pytest

from shared.adapters.knowledge.chunks import MAX_WORDS, chunks_of, slugify
from shared.adapters.knowledge.documents import BadDocument
from shared.adapters.knowledge.formats.markdown import parse_document

HEAD = """---
id: care-boots
title: Care for boots
category: product-care
locale: en
version: 2
effective_from: 2026-01-01
---
"""
BODY = """
# Care for boots

## Cleaning

Brush the mud off, then **rinse** with [lukewarm](/care) water.

- Take out the insoles.
- Never use the washing machine.

### Leather

Wax it `twice` a year.
"""


def test_sections_carry_their_heading_path_and_plain_text() -> None:
    """Markup, links and lists become plain sentences under their heading path."""
    document = parse_document(HEAD + BODY)
    assert [section.path for section in document.sections] == [("Cleaning",), ("Cleaning", "Leather")]
    assert document.sections[0].text == (
        "Brush the mud off, then rinse with lukewarm water.\n"
        "Take out the insoles.\nNever use the washing machine."
    )
    assert document.sections[1].text == "Wax it twice a year."
    assert document.effective_from == date(2026, 1, 1)
    assert document.version == 2
    assert document.effective_until is None
    limited = parse_document(HEAD.replace("version: 2", "version: 2\neffective_until: 2026-01-01") + BODY)
    assert limited.effective_until == date(2026, 1, 1)


def test_a_table_row_is_a_line_that_names_its_columns() -> None:
    """A price in a table keeps the words that say of what it is the price."""
    table = "| Method | Price |\n|---|---|\n| **Express** | $12.99 |\n| Pickup | |\n"
    document = parse_document(HEAD + f"# Care for boots\n\n## Costs\n\nAs follows.\n\n{table}")
    assert document.sections[0].text == "As follows.\nMethod: Express; Price: $12.99\nMethod: Pickup"


@pytest.mark.parametrize(
    ("change", "line", "key", "remedy"),
    [
        (("locale: en", "locale: de"), 5, "locale", "en, fr, es"),
        (("version: 2", "version: two"), 6, "version", "1, 2, 3"),
        (("version: 2", "version: " + "9" * 5000), 6, "version", "1, 2, 3"),
        (("effective_from: 2026-01-01", "effective_from: 01/01/2026"), 7, "effective_from", "2026-01-31"),
        (("category: product-care\n", ""), 7, "category", "add `category"),
        (("locale: en", "locale: en\neffective_until: soon"), 6, "effective_until", "2026-01-31"),
        (("locale: en", "locale: en\neffective_until: 2025-12-31"), 6, "effective_until", "last day"),
        (("id: care-boots", "id: Care Boots"), 2, "id", "small letters"),
        (("title: Care for boots", "titel: Care for boots"), 3, "titel", "use one of id"),
        (("title: Care for boots", "title:"), 3, "title", "after the colon"),
        (("title: Care for boots", "title: Boots"), 3, "title", "make the two the same"),
        (("locale: en", "locale: en\nlocale: fr"), 6, "locale", "keep one"),
        (("locale: en", "locale: en\ntranslation_of: x"), 6, "translation_of", "remove it"),
    ],
)
def test_wrong_front_matter_names_line_key_and_remedy(
    change: tuple[str, str], line: int, key: str, remedy: str
) -> None:
    """Every mistake says where it stands, in which key, and what to write instead."""
    with pytest.raises(BadDocument) as caught:
        parse_document((HEAD + BODY).replace(*change))
    assert caught.value.key == key
    assert caught.value.line == line
    assert remedy in caught.value.remedy


def test_a_file_without_front_matter_or_text_is_refused() -> None:
    """A file that does not begin or end its front matter, or says nothing, is no document."""
    for text in ("# Care", HEAD.removesuffix("---\n"), HEAD + "\n# Care for boots\n"):
        with pytest.raises(BadDocument):
            parse_document(text)


def test_html_in_a_document_is_no_text() -> None:
    """Raw HTML never reaches a passage."""
    document = parse_document(HEAD + BODY + "\n<script>alert('x')</script>\n\nMore <b>words</b>.\n")
    said = " ".join(section.text for section in document.sections)
    assert "script" not in said
    assert "<" not in said
    assert "More words." in said


def test_ids_are_slugs_without_accents_and_unique() -> None:
    """Two sections of one name get two ids."""
    text = HEAD + "\n# Care for boots\n\n## Été: à l'eau\n\nOne.\n\n## Été à l'eau\n\nTwo.\n"
    assert [chunk.id for chunk in chunks_of(parse_document(text))] == [
        "kb:care-boots#ete-a-l-eau",
        "kb:care-boots#ete-a-l-eau-2",
    ]
    assert slugify("¿Qué?") == "que"


def test_a_long_section_is_cut_at_sentence_ends_into_even_pieces() -> None:
    """No piece is longer than about the limit, none is a short rest, and no word is lost."""
    sentences = [f"Sentence number {n} says one thing about the boots and stops." for n in range(40)]
    chunks = chunks_of(
        parse_document(HEAD + "\n# Care for boots\n\n## Long\n\n" + " ".join(sentences) + "\n")
    )
    sizes = [len(chunk.text.split()) for chunk in chunks]
    assert " ".join(chunk.text for chunk in chunks) == " ".join(sentences)
    assert max(sizes) <= MAX_WORDS * 1.1
    assert min(sizes) >= max(sizes) * 0.7
    assert all(chunk.text.endswith(".") for chunk in chunks)


def test_a_sentence_without_end_is_cut_too() -> None:
    """A wall of words without a full stop is still cut."""
    chunks = chunks_of(parse_document(HEAD + "\n# Care for boots\n\n## Wall\n\n" + "boot " * 1000 + "\n"))
    assert max(len(chunk.text.split()) for chunk in chunks) <= 2 * MAX_WORDS
