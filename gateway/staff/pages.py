"""What staff see of signing in: server-rendered pages without scripts."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from re import compile as pattern
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from gateway.context import Desk
from gateway.times import moment

_TEMPLATES = Path(__file__).parent / "templates"
_HEADERS = {"Cache-Control": "no-store"}
_ONWARD = pattern(r"/(?:[A-Za-z0-9_.~-][A-Za-z0-9_.~/-]{0,299})?(?:\?[A-Za-z0-9_.~&=-]{0,200})?")
_LONGEST = 300
HOME = "/staff"


def page(
    at: Desk, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **shown: Any
) -> HTMLResponse:
    """A page from its template; everything in `shown` is escaped."""
    html = _environment().get_template(f"{template}.html.j2").render(shop=at.settings.shop_name, **shown)
    return HTMLResponse(html, status, headers={**_HEADERS, **(headers or {})})


def message(at: Desk, title: str, text: str, *, status: int = 200, refresh: str = "") -> HTMLResponse:
    """A page that says one thing; `refresh` is where the browser goes from there."""
    return page(at, "message", status=status, title=title, text=text, refresh=refresh)


def onward(path: str) -> str:
    """The page to go to after the sign-in: one of ours, whatever the link says."""
    return path if _ONWARD.fullmatch(path) else HOME


def way_back(path: str, query: str) -> str:
    """Where somebody wanted to go who is to sign in first; with what they asked for, if that is ids only.

    Words stay out of it: they may be a customer's, and this address is written into logs.
    """
    whole = f"{path}?{query}"
    return whole if query and len(whole) <= _LONGEST and _ONWARD.fullmatch(whole) else path


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(_TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["moment"] = moment
    return made
