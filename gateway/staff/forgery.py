"""Keeps other sites from acting in the name of who is signed in (CSRF).

OWASP Cross-Site Request Forgery Prevention Cheat Sheet: a token bound to the session, behind the origin check
by `Sec-Fetch-Site` and `Origin`, which browsers set and pages cannot.
"""

import asyncio
import hmac
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

_SAFE = {"GET", "HEAD", "OPTIONS"}
_MOST_FIELDS = 150
"""A hundred cases may be chosen in one form."""
_QUICK = 64 * 1024
"""Characters of a form that are read within some milliseconds."""
FIELD = "csrf"
HEADER = "x-csrf-token"


def unsafe(request: Request) -> bool:
    """Whether this may change something."""
    return request.method not in _SAFE


def foreign(request: Request, *, origin: str) -> bool:
    """Whether a browser says that another site makes this request. What is no browser says nothing.

    `origin` is our own; without one the host that was asked for counts, whatever TLS ends before us.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    given = request.headers.get("origin")
    if given is None:
        return False
    if origin:
        return given.lower() != origin
    return urlsplit(given).netloc.lower() != request.headers.get("host", "").lower()


def from_own_page(request: Request, *, origin: str) -> bool:
    """Whether a browser says that our own page makes this request."""
    named = "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"
    return named and not foreign(request, origin=origin)


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form, or none when the body is no form. Of a repeated field the last counts."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return await parsed(body, most=_MOST_FIELDS)
    except ValueError:
        return {}


async def parsed(body: str, *, most: int, strict: bool = False) -> dict[str, str]:
    """The fields of a form's body; of a repeated field the last counts.

    Raises:
        ValueError: more than `most` fields, or, when `strict`, what is no form in UTF-8.
    """

    def read() -> dict[str, str]:
        errors = "strict" if strict else "replace"
        return dict(
            parse_qsl(body, keep_blank_values=True, strict_parsing=strict, errors=errors, max_num_fields=most)
        )

    # A document of three megabytes takes half a second, in which nobody else would be served.
    return read() if len(body) <= _QUICK else await asyncio.to_thread(read)


async def has_token(request: Request, token: str) -> bool:
    """Whether the request brings this session's token, in a header or in its form."""
    given = request.headers.get(HEADER) or (await fields(request)).get(FIELD, "")
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())
