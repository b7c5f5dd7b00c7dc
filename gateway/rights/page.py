"""Shows an export to people: a page that loads nothing, in which no text becomes markup."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parents[1] / "templates"
"""Folder of every page that is rendered here; each value in them is escaped."""


@cache
def templates() -> Environment:
    """The pages of the gateway."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"time": _time, "pretty": _pretty}
    return made


def json_file(found: dict[str, Any]) -> bytes:
    """The export for machines: UTF-8, a lone surrogate as an escape."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def html_file(found: dict[str, Any]) -> bytes:
    """The same for people: what was said in order, the rest behind folds."""
    return templates().get_template("export.html").render(found=found).encode("utf-8", "replace")


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _pretty(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
