"""How values of a trace are shown: JSON that can be read, cut where it is long, passages by their ids."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.ops.explaining.spans import Spanned

CUT = 2_000
"""Characters of one value on the page of a conversation; the page of the step has all that was kept."""
_PASSAGE = re.compile(r"kb:([a-z0-9]+(?:-[a-z0-9]+)*)#")
_PLAIN = ("inputs", "outputs", "alternatives", "sources")
"""What has a place of its own on the page."""


@dataclass(frozen=True)
class Quoted:
    """A passage that a search found in this turn; `anchor` is where it stands on the page."""

    id: str
    title: str
    section: str
    score: float
    text: str
    anchor: str


def passages(spans: Iterable[Spanned]) -> dict[str, Quoted]:
    """Every passage that was found in the turn, by its id; none of those whose trace was cut."""
    found: dict[str, Quoted] = {}
    for span in spans:
        for each in span.message("outputs").get("passages", ()):
            try:
                name = str(each["id"])
                title, section = str(each["title"]), str(each["section"])
                score, text = float(each["score"]), str(each["text"])
            except (KeyError, TypeError, ValueError):
                continue
            found.setdefault(name, Quoted(name, title, section, score, text, f"passage-{len(found) + 1}"))
    return found


def document(source: str) -> str:
    """The document of a passage's id, empty for what is none: `kb:returns#defects` is of `returns`."""
    found = _PASSAGE.match(source)
    return found[1] if found else ""


def readable(text: str) -> str:
    """JSON with its structure; what is none, or was cut, as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def plain(notes: Mapping[str, str]) -> list[tuple[str, str]]:
    """The short values of a span by name, without those that are shown elsewhere."""
    return [(name, value) for name, value in sorted(notes.items()) if name not in _PLAIN]
