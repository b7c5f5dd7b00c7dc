"""Who may call what: one line for every route; `tests/security/test_access.py` holds the routes to it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from gateway.staff.guard import Requires
from gateway.staff.roles import Permission


class Caller(StrEnum):
    """Callers who need no role of staff."""

    ANYONE = "anyone"
    HOLDER = "who holds the conversation's token, and is no other customer"
    OPENER = "anyone to open a conversation; its holder to go on with one"
    SIGNER = "who signs the request with a vendor's secret"


Rule = Caller | Permission
_P = Permission

RULES: Mapping[str, Rule] = {
    "GET /": Caller.ANYONE,
    "GET /favicon.ico": Caller.ANYONE,
    "MOUNT /static": Caller.ANYONE,
    # The API's description holds no secret, and shops' developers read it.
    "GET /openapi.json": Caller.ANYONE,
    "GET /docs": Caller.ANYONE,
    "MOUNT /static-offline-docs": Caller.ANYONE,
    # Customers.
    "POST /v1/chat": Caller.OPENER,
    "GET /v1/conversations/{conversation_id}": Caller.HOLDER,
    "GET /v1/conversations/{conversation_id}/events": Caller.HOLDER,
    "POST /v1/conversations/{conversation_id}/feedback": Caller.HOLDER,
    # Vendors.
    "POST /v1/webhooks/shopify": Caller.SIGNER,
    "POST /v1/webhooks/zendesk": Caller.SIGNER,
    # Only with DEMO and the mock shop, whose people do not exist.
    "GET /demo/customers": Caller.ANYONE,
    "GET /demo/products": Caller.ANYONE,
    "POST /demo/token": Caller.ANYONE,
    # Staff.
    "GET /console": _P.QUEUE,
    "GET /console/queue": _P.QUEUE,
    "GET /console/live": _P.QUEUE,
    "GET /console/due/alarms": _P.QUEUE,
    "POST /console/cases/{case_id}/typing": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/left": _P.CONVERSATIONS,
    "GET /console/cases/{case_id}": _P.CONVERSATIONS,
    "GET /console/cases/{case_id}/thread": _P.CONVERSATIONS,
    "GET /console/cases/{case_id}/composer": _P.CONVERSATIONS,
    "GET /console/cases/{case_id}/customer": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/claim": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/release": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/give-back": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/close": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/reopen": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/say": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/note": _P.CONVERSATIONS,
    "GET /console/cases/{case_id}/belongs": _P.CONVERSATIONS,
    "GET /console/cases/{case_id}/orders": _P.CONVERSATIONS,
    "GET /console/cases/{case_id}/history": _P.CONVERSATIONS,
    "GET /console/conversations/{conversation_id}": _P.CONVERSATIONS,
    "POST /console/conversations/{conversation_id}/take-over": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/reveal": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/merge": _P.CONVERSATIONS,
    "GET /console/cases/{case_id}/do": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/do": _P.CONVERSATIONS,
    "GET /console/search": _P.CONVERSATIONS,
    "POST /console/search": _P.CONVERSATIONS,
    "POST /console/views": _P.QUEUE,
    "POST /console/views/drop": _P.QUEUE,
    "GET /console/bulk": _P.BULK,
    "POST /console/bulk": _P.BULK,
    "POST /console/cases/{case_id}/compose": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/drafts/{draft_id}/approve": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/drafts/{draft_id}/reject": _P.CONVERSATIONS,
    "POST /console/cases/{case_id}/lines/{turn_id}/wrong": _P.CONVERSATIONS,
    "GET /console/gaps": _P.GAPS,
    "POST /console/gaps/{gap_id}": _P.GAPS,
    "POST /console/gaps/{gap_id}/settle": _P.GAPS,
    "GET /console/knowledge": _P.GAPS,
    "GET /console/knowledge/documents/{document}": _P.GAPS,
    "GET /console/knowledge/editions/{edition_id}": _P.GAPS,
    "GET /console/knowledge/documents/{document}/edit": _P.KNOWLEDGE,
    "GET /console/knowledge/new": _P.KNOWLEDGE,
    "POST /console/knowledge/edits": _P.KNOWLEDGE,
    "GET /console/approvals": _P.APPROVALS,
    "POST /console/approvals/{approval_id}": _P.APPROVALS,
    "GET /console/wall": _P.BULK,
    "GET /console/due": _P.CONVERSATIONS,
    "GET /console/tasks": _P.CONVERSATIONS,
    "POST /console/tasks": _P.CONVERSATIONS,
    "POST /console/tasks/{task_id}": _P.CONVERSATIONS,
    "GET /console/promises": _P.CONVERSATIONS,
    "POST /console/promises/{promise_id}": _P.CONVERSATIONS,
    "GET /console/customers": _P.RIGHTS,
    "POST /console/customers": _P.RIGHTS,
    "POST /console/customers/export": _P.RIGHTS,
    "POST /console/customers/erase": _P.RIGHTS,
    "POST /console/customers/requests/{task_id}": _P.RIGHTS,
    "GET /console/customers/receipts": _P.RIGHTS,
    "GET /console/customers/receipts/{name}": _P.RIGHTS,
    "GET /console/customers/receipts/{name}/file": _P.RIGHTS,
    "GET /staff": _P.OWN_SESSIONS,
    "GET /staff/me": _P.OWN_SESSIONS,
    "GET /staff/availability": _P.QUEUE,
    "POST /staff/availability": _P.QUEUE,
    "POST /staff/display": _P.OWN_SESSIONS,
    "GET /staff/members": _P.MEMBERS,
    "POST /staff/members/{member_id}/display": _P.MEMBERS,
    "POST /staff/sign-out": _P.OWN_SESSIONS,
    "POST /staff/sign-out-everywhere": _P.OWN_SESSIONS,
    "GET /staff/sign-in": Caller.ANYONE,
    "POST /staff/sign-in": Caller.ANYONE,
    "GET /staff/sign-in/oidc": Caller.ANYONE,
    "GET /staff/sign-in/callback": Caller.ANYONE,
    "GET /staff/signed-out": Caller.ANYONE,
    # Operators.
    "GET /ops": _P.METRICS,
    "GET /ops/spend": _P.METRICS,
    "GET /ops/spend.csv": _P.METRICS,
    "GET /ops/dead-letters": _P.DEAD_LETTERS,
    "GET /ops/dead-letters/confirm": _P.DEAD_LETTERS,
    "POST /ops/dead-letters": _P.DEAD_LETTERS,
    # Tells a page of the shop whether to show the way there; to strangers it says no.
    "GET /ops/may": Caller.ANYONE,
    "GET /ops/conversations": _P.TRACES,
    "GET /ops/conversations/{conversation_id}": _P.TRACES,
    "GET /ops/conversations/{conversation_id}/spans/{span_id}": _P.TRACES,
    "GET /ops/query": _P.TRACES,
    "POST /ops/query": _P.TRACES,
    "POST /ops/query/file": _P.TRACES,
    # Orchestrators ask without a password; the answer names parts that are down, and no secret.
    "GET /health/live": Caller.ANYONE,
    "GET /health/ready": Caller.ANYONE,
    # This machine, too, unless METRICS_FOR=operators.
    "GET /metrics": _P.METRICS,
}


def doors(app: FastAPI) -> dict[str, frozenset[Permission]]:
    """Every route and mount of the app by name, `GET /console`, with what its dependencies ask of staff."""
    found: dict[str, frozenset[Permission]] = {}
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Mount):
            found[f"MOUNT {context.original_route.path}"] = frozenset()
            continue
        dependant = getattr(context, "dependant", None)
        asked = frozenset(_asked(dependant)) if isinstance(dependant, Dependant) else frozenset()
        # HEAD is answered wherever GET is, by the same code.
        for method in sorted((context.methods or {"WEBSOCKET"}) - {"HEAD"}):
            found[f"{method} {context.path}"] = asked
    return found


def _asked(dependant: Dependant) -> Iterator[Permission]:
    if isinstance(dependant.call, Requires):
        yield dependant.call.permission
    for each in dependant.dependencies:
        yield from _asked(each)
