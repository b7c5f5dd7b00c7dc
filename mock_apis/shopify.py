"""Speaks Shopify's GraphQL Admin API over HTTP for the demo shop.

Wire format: shopify.dev/docs/api/admin-graphql (versions, token header, errors, extensions.cost).
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    execute_sync,
    parse,
    validate,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_apis.faults import Faults
from mock_apis.shop_data import fill, read_products
from mock_apis.shopify_cost import Bucket, actual_cost, requested_cost
from mock_apis.shopify_graphql import schema
from mock_apis.shopify_paging import Desk
from mock_apis.shopify_warehouse import parcel_route
from mock_apis.shopify_webhooks import Announcer
from mock_apis.store import Store, open_store
from mock_apis.webhooks import Sender, trigger_route

TOKEN = "shpat_demo"  # noqa: S105 what the mock asks for; no secret of anyone
VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10", "unstable")
_MOST_POINTS = 1000  # shopify.dev: no single query may cost more
_LIMITS_DOC = "https://shopify.dev/api/usage/rate-limits"


def create_app(
    path: Path | None = None,
    *,
    today: date | None = None,
    token: str = TOKEN,
    bucket: Bucket | None = None,
    now: Callable[[], datetime] | None = None,
    sender: Sender | None = None,
) -> Faults:
    """The mock over the file `path` (None: in memory), filled with the demo shop when new.

    `today` is the day a new shop is dated from. The default bucket never throttles a load test: the
    vendor's own sizes (a standard shop: maximum 2,000, restore 100 a second) are for tests that ask.
    """
    day = today or datetime.now(UTC).date()
    return app_over(open_shop(path, day), token=token, bucket=bucket, now=now, sender=sender)


def open_shop(path: Path | None, today: date) -> Store:
    """The shop's file, filled with customers, orders and products when it is new."""
    return open_store(path, vendor="shopify", seed=lambda store: fill(store, today, read_products()))


def app_over(
    store: Store,
    *,
    token: str = TOKEN,
    bucket: Bucket | None = None,
    now: Callable[[], datetime] | None = None,
    sender: Sender | None = None,
) -> Faults:
    """The mock over a store that is open already."""
    clock = now or (lambda: datetime.now(UTC))
    announcer = Announcer(store, sender or Sender(), clock)
    desk = Desk(store=store, now=clock, announcer=announcer)
    points = bucket or Bucket(maximum=1_000_000, restore=1_000_000)

    async def graphql(request: Request) -> Response:
        version = _version(request.path_params["version"])
        if version is None:
            return JSONResponse({"errors": "Not Found"}, status_code=404)
        if request.headers.get("x-shopify-access-token") != token:
            refused = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return JSONResponse({"errors": refused}, status_code=401)
        try:
            body = await request.json()
        except ValueError:
            body = None
        if wrong := _unread(body):
            told = {wrong: "Required parameter missing or invalid"}
            return JSONResponse({"errors": told}, status_code=400)
        asked = body["query"], body.get("variables") or {}, body.get("operationName") or None
        answer = answer_query(desk, points, *asked)
        return Response(
            json.dumps(answer, ensure_ascii=False),
            media_type="application/json",
            headers={"X-Shopify-API-Version": version},
        )

    route = Route("/admin/api/{version}/graphql.json", graphql, methods=["POST"])
    return Faults(Starlette(routes=[route, trigger_route(announcer.trigger), parcel_route(desk)]), store)


def _unread(body: Any) -> str:
    """The parameter of a request that is missing or of another kind; empty when all is well."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return "query"
    for name, kind in (("variables", dict), ("operationName", str)):
        if body.get(name) is not None and not isinstance(body[name], kind):
            return name
    return ""


def answer_query(
    desk: Desk, points: Bucket, query: str, variables: dict[str, Any], name: str | None = None
) -> dict[str, Any]:
    """Run one operation, of several the one of this name, and price it; the answer is the vendor's body."""
    prepared = _prepared(query)
    if isinstance(prepared, list):
        return {"errors": [_shown(error) for error in prepared]}
    asked = requested_cost(prepared, variables, name)
    if asked > _MOST_POINTS:
        message = f"Query cost is {asked}, which exceeds the single query max cost limit ({_MOST_POINTS})."
        return {"errors": [{"message": message, "extensions": {"code": "MAX_COST_EXCEEDED", "cost": asked}}]}
    if not points.take(asked):
        throttled = {
            "message": "Throttled",
            "extensions": {"code": "THROTTLED", "documentation": _LIMITS_DOC},
        }
        return {"errors": [throttled], "extensions": {"cost": _cost(asked, None, points)}}
    done = execute_sync(
        schema(), prepared, context_value=desk, variable_values=variables, operation_name=name
    )
    spent = min(actual_cost(done.data), asked)
    points.give_back(asked - spent)
    return _body(done) | {"extensions": {"cost": _cost(asked, spent, points)}}


def _body(done: ExecutionResult) -> dict[str, Any]:
    body: dict[str, Any] = {"data": done.data}
    if done.errors:
        body["errors"] = [_shown(error) for error in done.errors]
    return body


def _shown(error: GraphQLError) -> dict[str, Any]:
    shown: dict[str, Any] = dict(error.formatted)
    # A bug of ours must be seen, but the vendor never sends its own text.
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        shown["extensions"] = {"code": "INTERNAL_SERVER_ERROR"}
    return shown


def _cost(asked: int, spent: int | None, points: Bucket) -> dict[str, Any]:
    return {
        "requestedQueryCost": asked,
        "actualQueryCost": spent,
        "throttleStatus": points.status(),
    }


@lru_cache(maxsize=256)
def _prepared(query: str) -> "DocumentNode | list[GraphQLError]":
    """The parsed and validated document, or what is wrong with it; clients repeat their few queries."""
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return [error]
    return validate(schema(), document) or document


def _version(wanted: str) -> str | None:
    """The version that answers: an expired one falls forward to the oldest, an unknown one is no page."""
    if wanted in VERSIONS:
        return wanted
    year, _, month = wanted.partition("-")
    dated = year.isdigit() and month in {"01", "04", "07", "10"}
    return VERSIONS[0] if dated and wanted < VERSIONS[0] else None
