"""Shows an export to people: a page that loads nothing, in which no text becomes markup."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.times import moment

TEMPLATES = Path(__file__).parents[1] / "templates"
"""Folder of every page that is rendered here; each value in them is escaped."""
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@cache
def templates() -> Environment:
    """The pages of the gateway."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"time": _time, "pretty": _pretty, "shown": _shown, "moment": moment}
    return made


def json_file(found: dict[str, Any]) -> bytes:
    """The export for machines: UTF-8, a lone surrogate as an escape."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def html_file(found: dict[str, Any]) -> bytes:
    """The same for people: what was said in order, the rest behind folds."""
    return templates().get_template("export.html").render(found=found).encode("utf-8", "replace")


def _shown(text: object) -> str:
    """Text of strangers: marks that turn the direction of what follows are shown, not obeyed.

    In a page's own markup an isolate would do, but a stray end of one in the text closes it.
    """
    return _TURNING.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", str(text))


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _pretty(value: object) -> str:
    return _shown(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
