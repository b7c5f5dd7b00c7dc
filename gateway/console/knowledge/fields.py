"""Reads the editor's form strictly: what was typed is kept, and what cannot be taken is named."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from gateway.console.knowledge.asks import DOCUMENT_ID
from gateway.console.knowledge.front_matter import Parts
from shared.contracts import LANGUAGES
from shared.contracts.editing import DocumentProblem

MOST_BYTES = 1_000_000
"""Of a text; an article has some kilobytes."""
_LONGEST = {"title": 200, "category": 40, "id": 80, "translation_of": 80, "reason": 500}
_SLUG = "use small letters, digits and single dashes"
_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a\u202b\u202d\u202e\u2066-\u2069]")
"""What no writer types: control characters, halves of characters, and marks that turn the direction."""
_EDITION = re.compile(r"e-[0-9a-f]{20}")
_GAP = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Typed:
    """A form as it came.

    `base` is the edition that was edited (empty: a new document), `back_to` the one whose text is brought
    back, `gap` the question that is being answered; each is empty when it is none of ours.
    """

    parts: Parts
    reason: str = ""
    base: str = ""
    back_to: str = ""
    gap: str = ""


def typed(form: Mapping[str, str]) -> Typed:
    """The fields of a form, trimmed; nothing of the text but its line ends is changed."""
    body = form.get("text", "").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    lines = {name: form.get(name, "").strip() for name in Parts.__dataclass_fields__ if name != "body"}
    return Typed(
        parts=Parts(**lines | {"title": unicodedata.normalize("NFC", lines["title"]), "body": body}),
        reason=form.get("reason", "").strip(),
        base=_named(_EDITION, form, "base"),
        back_to=_named(_EDITION, form, "back_to"),
        gap=_named(_GAP, form, "gap"),
    )


def objections(given: Typed) -> list[DocumentProblem]:
    """What is wrong with the fields themselves; a sync looks at the rest."""
    found = (*_of_lines(given), *_of_days(given.parts), *_of_body(given.parts.body))
    return [
        DocumentProblem(line=line, key=key, reason=reason, remedy=remedy, stops=True)
        for key, line, reason, remedy in found
    ]


_Objection = tuple[str, int, str, str]


def _of_lines(given: Typed) -> Iterator[_Objection]:
    """Each is one line of the front matter: a second line in it would be another key."""
    parts = given.parts
    values = {name: getattr(parts, name) for name in ("id", "title", "category", "translation_of")}
    for name, value in (values | {"reason": given.reason}).items():
        if len(value) > _LONGEST[name]:
            yield name, 0, f"has {len(value)} characters", f"shorten it to {_LONGEST[name]}"
        elif name != "reason" and not value.isprintable():
            yield name, 0, "holds a line end or another character that cannot be seen", "type it anew"
    for name in ("id", "category"):
        if not re.fullmatch(DOCUMENT_ID, values[name]):
            yield name, 0, f"{values[name][:40]!r} is not one", _SLUG
    if parts.translation_of and not re.fullmatch(DOCUMENT_ID, parts.translation_of):
        yield "translation_of", 0, f"{parts.translation_of[:40]!r} is not an id", _SLUG
    if not parts.title:
        yield "title", 0, "is empty", "say what the document is about"
    elif parts.title != parts.title.strip("\"'"):
        yield "title", 0, "begins or ends with a quotation mark", "leave it out there"
    if parts.locale not in LANGUAGES:
        reason = f"{parts.locale[:10]!r} is not a language of the shop"
        yield "locale", 0, reason, f"use one of {', '.join(LANGUAGES)}"


def _of_days(parts: Parts) -> Iterator[_Objection]:
    for name in ("effective_from", "effective_until"):
        value = getattr(parts, name)
        try:
            good = not value or date.fromisoformat(value).isoformat() == value
        except ValueError:
            good = False
        if not good or (not value and name == "effective_from"):
            yield name, 0, f"{value[:20]!r} is not a day", "write it as 2026-01-31"


def _of_body(body: str) -> Iterator[_Objection]:
    size = len(body.encode("utf-8", "surrogatepass"))
    if not body.strip():
        yield "text", 0, "is empty", "write what customers should know"
    elif size > MOST_BYTES:
        yield "text", 0, f"has {size:,} bytes, more than {MOST_BYTES:,}", "split it into several documents"
    if strange := _STRANGE.search(body):
        line, name = body.count("\n", 0, strange.start()) + 1, f"U+{ord(strange[0]):04X}"
        yield "text", line, f"holds the control character {name}", "delete it; typing the line anew does"


def _named(kind: re.Pattern[str], form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "")
    return value if kind.fullmatch(value) else ""
