"""Gathers the metadata of a document that has no front matter."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath

from shared.adapters.knowledge.chunks import slugify
from shared.adapters.knowledge.documents import OPTIONAL, REQUIRED, BadDocument, Entry
from shared.adapters.knowledge.formats.content import Content
from shared.adapters.knowledge.formats.text import decode
from shared.contracts import LANGUAGES

SIDE = ".toml"
# A document that does not say since when it holds has always held.
_ALWAYS = "2000-01-01"


def gather(name: str, content: Content, side: bytes | None) -> dict[str, Entry]:
    """Every required key of the file `name`: what its side file says, else the file itself, else a default.

    The side file of `guides/tents.pdf` is `guides/tents.pdf.toml`. Raises `BadDocument`.
    """
    said = {**content.said, **(_side_file(name + SIDE, side) if side is not None else {})}
    locale = said["locale"].value if "locale" in said else _locale(name)
    stem = PurePosixPath(name).stem
    defaults = {
        # Translations have names of their own: `returns` in French is `returns-fr`.
        "id": slugify(stem) + ("" if locale == "en" else f"-{slugify(locale)}"),
        "title": content.title or re.sub(r"[\s_-]+", " ", stem).strip().capitalize(),
        "category": _category(name),
        "locale": locale,
        "version": "1",
        "effective_from": _ALWAYS,
    }
    return {key: Entry(value, 1) for key, value in defaults.items()} | said


def _locale(name: str) -> str:
    """The language whose folder on top the file is in."""
    top = PurePosixPath(name).parts[0]
    return top if top in LANGUAGES else "en"


def _category(name: str) -> str:
    """The folder the file is in, unless that only says the language."""
    parents = PurePosixPath(name).parts[:-1]
    if not parents or (len(parents) == 1 and parents[0] in LANGUAGES):
        return "general"
    return slugify(parents[-1])


def _side_file(name: str, data: bytes) -> Mapping[str, Entry]:
    try:
        text = decode(data)
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        raise BadDocument(
            int(where[1]) if where else 1,
            "side file",
            f"is not TOML ({error})",
            'write key = "value"',
            file=name,
        ) from error
    except BadDocument as error:
        raise BadDocument(error.line, error.key, error.reason, error.remedy, file=name) from error
    entries = {}
    for key, value in values.items():
        found = re.search(rf"^\s*\"?{re.escape(key)}\"?\s*=", text, re.MULTILINE)
        line = text[: found.end()].count("\n") + 1 if found else 1
        if key not in REQUIRED + OPTIONAL:
            known = ", ".join(REQUIRED + OPTIONAL)
            raise BadDocument(line, key, "is not a known key", f"use one of {known}", file=name)
        if isinstance(value, dict | list | bool) or not str(value).strip():
            raise BadDocument(
                line, key, f"{value!r} is not a value", "write one text, number or date", file=name
            )
        entries[key] = Entry(str(value).strip(), line, name)
    return entries
