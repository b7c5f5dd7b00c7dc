"""Pages lists as Zendesk does: by cursor (`page[size]`, `page[after]`) or by number (`page`, `per_page`).

developer.zendesk.com/api-reference/introduction/pagination; the texts of errors are ours.
"""

import base64
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import URL

Doc = dict[str, Any]
_MOST = 100
_SIZE, _AFTER = "page[size]", "page[after]"


class BadPage(ValueError):
    """A parameter of paging that means nothing."""


def paged(name: str, found: list[Doc], asked: Mapping[str, str], url: URL) -> Doc:
    """The page of `found` that is asked for, under its name, with the way to the next one.

    Raises:
        BadPage: the size, the number or the cursor is none.
    """
    if _SIZE in asked or _AFTER in asked:
        size, start = _number(asked, _SIZE, _MOST), _place(asked.get(_AFTER, ""))
        end = start + size
        more, cursor = end < len(found), base64.b64encode(str(end).encode()).decode()
        following = str(url.include_query_params(**{_SIZE: size, _AFTER: cursor})) if more else None
        meta = {"has_more": more, "after_cursor": cursor, "before_cursor": None}
        return {name: found[start:end], "links": {"prev": None, "next": following}, "meta": meta}
    size, page = _number(asked, "per_page", _MOST), _number(asked, "page", 1)
    last = page * size >= len(found)
    return {
        name: found[(page - 1) * size : page * size],
        "next_page": None if last else str(url.include_query_params(page=page + 1)),
        "previous_page": None if page == 1 else str(url.include_query_params(page=page - 1)),
        "count": len(found),
    }


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name, str(default))
    number = int(text[:9]) if text.isascii() and text.isdecimal() else 0
    if not number:
        told = f"{name}: expected a number from 1, not {text[:40]!r}"
        raise BadPage(told)
    return number if name == "page" else min(number, _MOST)


def _place(cursor: str) -> int:
    try:
        return max(0, int(base64.b64decode(cursor, validate=True))) if cursor else 0
    except ValueError as error:
        told = f"{_AFTER}: {cursor[:40]!r} is no cursor of this list"
        raise BadPage(told) from error
