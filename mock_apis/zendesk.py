"""Speaks Zendesk's Support API v2 over HTTP with tickets, comments, users.

Wire format: developer.zendesk.com/api-reference/ticketing (tickets, ticket comments, users) and
developer.zendesk.com/api-reference/ticketing/introduction/#idempotency.
"""

import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_apis import zendesk_records as records
from mock_apis import zendesk_webhooks as webhooks
from mock_apis.faults import Faults
from mock_apis.minutes import Minutes
from mock_apis.store import Store, open_store
from mock_apis.webhooks import Sender, trigger_route
from mock_apis.zendesk_deleting import Deleting, not_found
from mock_apis.zendesk_paging import BadPage, paged

EMAIL = "bot@example.com"
TOKEN = "zendesk_demo"  # noqa: S105 what the mock asks for; no secret of anyone
_KEEP_KEYS_S = 2 * 3600
Doc = dict[str, Any]
Handler = Callable[[Request], Awaitable[Response]]


def create_app(
    path: Path | None = None,
    *,
    email: str = EMAIL,
    token: str = TOKEN,
    per_minute: int | None = None,
    now: Callable[[], datetime] | None = None,
    sender: Sender | None = None,
) -> Faults:
    """The mock over the file `path` (None: in memory). Auth is `email/token:token` or a bearer `token`.

    `per_minute` limits requests as an account's plan does; None never does.
    """
    store = open_desk(path, email)
    clock = now or (lambda: datetime.now(UTC))
    announcer = webhooks.Announcer(store, sender or Sender(), clock)
    desk = _Desk(store, clock, announcer)
    deleting = Deleting(store, clock)
    guard = _Guard(email, token, per_minute)
    table: list[tuple[str, str, Handler]] = [
        ("POST", "/api/v2/tickets", desk.create_ticket),
        ("GET", "/api/v2/tickets", desk.list_tickets),
        ("GET", "/api/v2/tickets/{id:int}", desk.show_ticket),
        ("PUT", "/api/v2/tickets/{id:int}", desk.update_ticket),
        ("DELETE", "/api/v2/tickets/{id:int}", deleting.delete),
        ("GET", "/api/v2/deleted_tickets", deleting.deleted),
        ("DELETE", "/api/v2/deleted_tickets/{id:int}", deleting.delete_for_good),
        ("GET", "/api/v2/job_statuses/{id}", deleting.job),
        ("GET", "/api/v2/tickets/{id:int}/comments", desk.list_comments),
        ("POST", "/api/v2/users/create_or_update", desk.create_or_update_user),
        ("GET", "/api/v2/users/me", desk.me),
        ("GET", "/api/v2/users/search", desk.search_users),
        ("GET", "/api/v2/users/{id:int}", desk.show_user),
        ("POST", "/api/v2/webhooks", desk.create_webhook),
        ("GET", "/api/v2/webhooks/{id}/signing_secret", desk.signing_secret),
    ]
    routes = [
        Route(where + ending, guard.over(handler), methods=[method])
        for method, where, handler in table
        for ending in ("", ".json")
    ]
    routes.append(trigger_route(announcer.trigger))
    app = Starlette(routes=routes, exception_handlers={404: _nowhere})
    return Faults(app, store)


def open_desk(path: Path | None, email: str = EMAIL) -> Store:
    """The account's file; a new one has only the user of the token."""
    return open_store(path, vendor="zendesk", seed=lambda store: records.fill(store, email))


async def _nowhere(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "InvalidEndpoint", "description": "Not found"}, status_code=404)


class _Guard:
    """Credentials and the account's rate limit, before any handler."""

    def __init__(self, email: str, token: str, per_minute: int | None) -> None:
        basic = base64.b64encode(f"{email}/token:{token}".encode()).decode()
        self._accepted = {f"Basic {basic}", f"Bearer {token}"}
        self._rate = Minutes(per_minute) if per_minute is not None else None

    def over(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            if _tidy(request.headers.get("authorization", "")) not in self._accepted:
                return JSONResponse({"error": "Couldn't authenticate you"}, status_code=401)
            if (limited := self._count()) is not None:
                return limited
            try:
                answer = await handler(request)
            except BadPage as error:
                answer = _error(400, "InvalidPaginationParameter", str(error))
            if self._rate is not None:
                answer.headers["X-Rate-Limit"] = str(self._rate.most)
                answer.headers["X-Rate-Limit-Remaining"] = str(self._rate.left)
            return answer

        return guarded

    def _count(self) -> Response | None:
        wait = self._rate.take() if self._rate is not None else 0
        if not wait:
            return None
        told = {"error": "APIRateLimitExceeded"}
        told["description"] = "Number of allowed API requests per minute exceeded"
        return JSONResponse(told, status_code=429, headers={"Retry-After": str(wait)})


def _tidy(header: str) -> str:
    """A basic header in one spelling (clients differ in base64 padding)."""
    kind, _, value = header.partition(" ")
    if kind.casefold() != "basic":
        return header
    try:
        return "Basic " + base64.b64encode(base64.b64decode(value + "=" * (-len(value) % 4))).decode()
    except ValueError:  # no base64, or no ASCII
        return header


class _Desk:
    """The endpoints, over one store."""

    def __init__(self, store: Store, now: Callable[[], datetime], announcer: webhooks.Announcer) -> None:
        self._store = store
        self._now = now
        self._announcer = announcer

    async def create_ticket(self, request: Request) -> Response:
        wish, refused = await _wish(request, "ticket")
        if refused is not None:
            return refused
        key = request.headers.get("idempotency-key")
        fingerprint = hashlib.sha256(json.dumps(wish, sort_keys=True).encode()).hexdigest()
        with self._store.writing():
            if key and (known := self._remembered(key)):
                if known[0] != fingerprint:
                    told = "Request parameters don't match the given idempotency key"
                    return _error(400, "IdempotentRequestError", told)
                return _raw(201, known[1], {"x-idempotency-lookup": "hit"})
            if problems := records.ticket_problems(wish, new=True):
                return _invalid(problems)
            ticket = records.new_ticket(self._store, wish, self._stamp())
            body = json.dumps({"ticket": ticket, "audit": records.audit(ticket, wish)})
            if key:
                self._store.remember(key, fingerprint, body, self._now().timestamp())
        self._announcer.created(ticket)
        headers = {"Location": f"/api/v2/tickets/{ticket['id']}.json"}
        return _raw(201, body, headers | ({"x-idempotency-lookup": "miss"} if key else {}))

    async def list_tickets(self, request: Request) -> Response:
        wanted = request.query_params.get("external_id")
        everything = wanted is None
        found = list(self._store.all("ticket")) if everything else self._store.owned("ticket", wanted or "")
        return JSONResponse(paged("tickets", found, request.query_params, request.url))

    async def show_ticket(self, request: Request) -> Response:
        ticket = self._store.get("ticket", str(request.path_params["id"]))
        return JSONResponse({"ticket": ticket}) if ticket else not_found()

    async def update_ticket(self, request: Request) -> Response:
        wish, refused = await _wish(request, "ticket")
        if refused is not None:
            return refused
        with self._store.writing():
            ticket = self._store.get("ticket", str(request.path_params["id"]))
            if ticket is None:
                return not_found()
            if ticket["status"] == "closed":
                closed = "Status: closed prevents ticket update"
                return _invalid({"status": [{"description": closed}]})
            assigned = ticket["assignee_id"] is not None
            if problems := records.ticket_problems(wish, new=False, assigned=assigned):
                return _invalid(problems)
            if wish.get("safe_update") and wish.get("updated_stamp") != ticket["updated_at"]:
                return _error(409, "UpdateConflict", "Safe Update prevented the update due to outdated data.")
            before = dict(ticket)
            records.change_ticket(self._store, ticket, wish, self._stamp())
        self._announcer.changed(before, ticket, wish.get("comment"))
        return JSONResponse({"ticket": ticket, "audit": records.audit(ticket, wish)})

    async def list_comments(self, request: Request) -> Response:
        number = str(request.path_params["id"])
        if self._store.get("ticket", number) is None:
            return not_found()
        found = self._store.owned("comment", number)
        if request.query_params.get("sort_order") == "desc":
            found.reverse()
        return JSONResponse(records.comment_page(self._store, found, request.query_params, request.url))

    async def create_or_update_user(self, request: Request) -> Response:
        wish, refused = await _wish(request, "user")
        if refused is not None:
            return refused
        with self._store.writing():
            if problems := records.user_problems(wish):
                return _invalid(problems)
            user, created = records.put_user(self._store, wish, self._stamp())
        return JSONResponse({"user": user}, status_code=201 if created else 200)

    async def me(self, _: Request) -> Response:
        return JSONResponse({"user": self._store.get("user", str(records.BOT))})

    async def show_user(self, request: Request) -> Response:
        user = self._store.get("user", str(request.path_params["id"]))
        return JSONResponse({"user": user}) if user else not_found()

    async def search_users(self, request: Request) -> Response:
        found = records.find_users(
            self._store,
            external_id=request.query_params.get("external_id"),
            query=request.query_params.get("query", ""),
        )
        return JSONResponse(paged("users", found, request.query_params, request.url))

    async def create_webhook(self, request: Request) -> Response:
        wish, refused = await _wish(request, "webhook")
        if refused is not None:
            return refused
        if problems := webhooks.webhook_problems(wish):
            return JSONResponse({"errors": problems}, status_code=400)
        with self._store.writing():
            hook = webhooks.register(self._store, wish, self._stamp())
        return JSONResponse({"webhook": hook}, status_code=201)

    async def signing_secret(self, request: Request) -> Response:
        found = self._store.get("signing_secret", request.path_params["id"])
        return JSONResponse({"signing_secret": found}) if found else not_found()

    def _remembered(self, key: str) -> tuple[str, str] | None:
        known = self._store.remembered(key)
        if known is None or self._now().timestamp() - known[2] > _KEEP_KEYS_S:
            return None
        return known[0], known[1]

    def _stamp(self) -> str:
        return self._now().strftime("%Y-%m-%dT%H:%M:%SZ")


async def _wish(request: Request, name: str) -> tuple[Doc, Response | None]:
    """The object under `name` of the request's JSON, or the vendor's refusal."""
    try:
        body = await request.json()
    except ValueError:
        told = {"title": "Invalid attribute", "message": "The request body is not valid JSON"}
        return {}, JSONResponse({"error": told}, status_code=400)
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        return {}, _error(400, "InvalidRequest", f"Parameter {name} is required")
    return found, None


def _raw(status: int, body: str, headers: dict[str, str]) -> Response:
    return Response(body, status, headers, media_type="application/json")


def _error(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "description": description}, status_code=status)


def _invalid(details: Doc) -> Response:
    told = {"error": "RecordInvalid", "description": "Record validation errors", "details": details}
    return JSONResponse(told, status_code=422)
