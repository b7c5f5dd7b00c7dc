"""Pages lists into the vendor's connections and names what a resolver gets."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from mock_apis.shopify_webhooks import Announcer
from mock_apis.store import Store

Doc = dict[str, Any]
Info = GraphQLResolveInfo[Any]
_MOST = 250  # the vendor's page size limit


@dataclass(frozen=True)
class Desk:
    """What a request runs against: the store, the time, and who is told of what it changes."""

    store: Store
    now: Callable[[], datetime]
    announcer: Announcer


def desk(info: Info) -> Desk:
    """The request's context, typed."""
    found: Desk = info.context
    return found


def page(items: list[Doc], first: int | None, after: str | None) -> Doc:
    """A connection over `items`; like the vendor's it insists on a page size."""
    if first is None:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    if not 0 <= first <= _MOST:
        raise GraphQLError(f"first must be 0 to {_MOST}, not {first}", extensions={"code": "BAD_REQUEST"})
    start = _offset(after) if after else 0
    nodes = items[start : start + first]
    edges = [{"cursor": _cursor(start + n + 1), "node": node} for n, node in enumerate(nodes)]
    info = {
        "hasNextPage": start + first < len(items),
        "hasPreviousPage": start > 0,
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }
    return {"nodes": nodes, "edges": edges, "pageInfo": info}


def _cursor(position: int) -> str:
    return base64.b64encode(f"at:{position}".encode()).decode()


def _offset(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("at:"))
    except (ValueError, binascii.Error) as error:
        raise GraphQLError(f"Invalid cursor for current pagination sort: {cursor!r}") from error
