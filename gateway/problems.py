"""Errors as RFC 9457 problem documents; a customer never sees a stack trace."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.errors import AuditDown, BusDown, DeskError, StoreDown, VaultDown

_LOG = logging.getLogger("answerdesk.gateway")
_JSON = "application/problem+json"
_LONGEST = 500
_MOST_ERRORS = 10
_OURS = 500
"""From this status on it is our failure, not the asker's."""
_DOCUMENT = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}
DECLARED: dict[int | str, dict[str, Any]] = {
    status: {"description": "A problem document", "content": {_JSON: {"schema": _DOCUMENT}}}
    for status in ("4XX", "5XX")
}
"""How every route of the OpenAPI document declares its errors."""


class Problem(Exception):
    """A request that cannot be served: what is wrong, with which value, and what to do."""

    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        # What is wrong with a request is no failure of the turn that it would have begun.
        self.expected = status < _OURS
        self.headers = dict(headers or {})
        self.body: dict[str, object] = {
            "type": f"/problems/{kind}",
            "title": title,
            "status": status,
            "detail": shown(detail),
            **(extra or {}),
        }

    def response(self) -> Response:
        """The problem document."""
        return Response(msgspec.json.encode(self.body), self.status, headers=self.headers, media_type=_JSON)


def shown(text: str) -> str:
    """A text that may repeat what a client sent: at most 500 characters, none of them a control character."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut)


def not_found(what: str) -> Problem:
    """One answer for "is not there" and "is not yours": nobody can probe for what exists."""
    return Problem(404, "not-found", "Not found", f"There is no such {what}, or this token does not open it.")


def unavailable(error: DeskError) -> Problem:
    """Something we need is down; the message was not accepted and may be sent again."""
    part = {
        BusDown: "message bus",
        StoreDown: "conversation store",
        AuditDown: "audit log",  # before the vault's, of which it is one
        VaultDown: "personal data vault",
    }
    name = next((name for kind, name in part.items() if isinstance(error, kind)), "service")
    detail = f"The {name} is not available; the message was not accepted. Send it again in a few seconds."
    return Problem(503, "unavailable", "Temporarily unavailable", detail, headers={"Retry-After": "5"})


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""

    async def on_problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return error.response()

    async def on_desk_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, DeskError)
        _LOG.warning("%s: %s", type(error).__name__, error)
        return unavailable(error).response()

    async def on_invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return invalid(error).response()

    async def on_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = {404: "not-found", 405: "method-not-allowed", 400: "bad-request"}.get(
            error.status_code, "http"
        )
        headers = dict(error.headers or {})
        return Problem(
            error.status_code, kind, str(error.detail), str(error.detail), headers=headers
        ).response()

    async def on_bug(_: Request, error: Exception) -> Response:
        # Where it broke, not what it said: the text of an exception may be a customer's.
        where = "".join(traceback.format_tb(error.__traceback__))
        _LOG.error("unhandled %s\n%s", type(error).__name__, where)
        return Problem(
            500, "internal", "Internal error", "Something broke on our side; it was logged."
        ).response()

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(DeskError, on_desk_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_bug)


def invalid(error: RequestValidationError) -> Problem:
    """What is wrong with a request whose fields are none of ours: which of them, and how."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return Problem(
            400,
            "invalid-json",
            "Not valid JSON",
            "The body is not valid JSON in UTF-8; check quotes and commas.",
        )
    errors = [{"field": _place(e["loc"]), "message": shown(e["msg"])} for e in error.errors()[:_MOST_ERRORS]]
    hints = {"extra_forbidden": "remove it: this field is not known here"}
    remedy = hints.get(first["type"], first["msg"])
    return Problem(
        422, "invalid-field", "Invalid request", f"{_place(first['loc'])}: {remedy}", extra={"errors": errors}
    )


def _place(location: Sequence[object]) -> str:
    """The field of an error; its name may be the client's invention."""
    return shown(".".join(str(part) for part in location[1:])[:100]) or "body"
