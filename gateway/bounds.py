"""What a request must look like before a route sees it: path, headers, type and size of its body."""

from collections import Counter
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from gateway.doors import Doors
from gateway.problems import Problem

KB = 1024
BODY_SECONDS = 10.0
"""From the first look at a body to its last byte; a message of 64 KB takes 2 s on the slowest phone line."""
_JSON = ("application/json",)
_FORMS = ("application/json", "application/x-www-form-urlencoded")
_SINGLE = frozenset(
    {
        "authorization",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "last-event-id",
        "origin",
        "transfer-encoding",
        "x-conversation-token",
    }
)
"""Sent twice, two readers may each believe another one; that is how requests are smuggled."""


@dataclass(frozen=True)
class Bound:
    """What paths that start with `prefix` may bring; no `types` means any."""

    prefix: str
    most: int
    types: tuple[str, ...]


BOUNDS = (
    Bound("/v1/webhooks/", 1024 * KB, ()),
    Bound("/v1/", 64 * KB, _JSON),
    Bound("/demo/", 64 * KB, _JSON),
    # A document of a megabyte, each byte of it as three characters.
    Bound("/console/knowledge/", 3200 * KB, _FORMS),
    # 20,000 characters of any script in a form, so that who pasted them is told what to do by our page.
    Bound("/console/", 512 * KB, _FORMS),
    Bound("/", 64 * KB, _FORMS),
)
"""The first that fits counts."""


def bound_of(path: str) -> Bound:
    """The bound of a path."""
    return next((bound for bound in BOUNDS if path.startswith(bound.prefix)), BOUNDS[-1])


def check(scope: Scope, headers: Headers, known: Doors) -> None:
    """Let pass what can be served.

    Raises:
        Problem: 400, 404, 413 or 415, before anything of the body was read.
    """
    path = str(scope["path"])
    if not path.startswith("/health/") and not known.knows(headers.get("host", "")):
        # Probes of an orchestrator come by address; nothing there is worth a rebinding.
        detail = "This server does not answer to that name; an operator lists it in ALLOWED_HOSTS."
        raise Problem(400, "unknown-host", "Unknown host", detail)
    if "\\" in path or not path.isprintable() or ".." in path.split("/"):
        raise Problem(404, "not-found", "Not found", "There is no such path.")
    counts = Counter(headers.keys())
    twice = next((name for name, count in counts.items() if count > 1 and name in _SINGLE), None)
    if twice:
        raise Problem(400, "duplicate-header", "Bad request", f"{twice}: was sent twice; send it once")
    if "content-length" in headers and "transfer-encoding" in headers:
        detail = "content-length and transfer-encoding contradict each other; send one of them"
        raise Problem(400, "duplicate-header", "Bad request", detail)
    _check_body(headers, bound_of(path))


def too_large(bound: Bound) -> Problem:
    """The body is over its bound."""
    hint = "; a message has at most 5,000 characters" if bound.prefix == "/v1/" else ""
    detail = f"The body is over {bound.most} bytes{hint}."
    return Problem(413, "too-large", "Request too large", detail, headers={"Connection": "close"})


def too_slow() -> Problem:
    """The body did not come."""
    detail = f"The body did not come within {BODY_SECONDS:.0f} s; send it again on a better connection."
    return Problem(408, "too-slow", "Request timeout", detail, headers={"Connection": "close"})


def _check_body(headers: Headers, bound: Bound) -> None:
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise Problem(400, "bad-request", "Bad request", "content-length: is no number of bytes")
    if int(length[:20]) > bound.most:
        raise too_large(bound)
    if int(length[:20]) == 0 and "transfer-encoding" not in headers:
        return
    if headers.get("content-encoding", "identity").lower() != "identity":
        # A kilobyte can unpack to a gigabyte; bodies are small enough as they are.
        raise Problem(
            415,
            "content-encoding",
            "Unsupported content encoding",
            "content-encoding: bodies are taken uncompressed only; leave it out",
            headers={"Accept-Encoding": "identity"},
        )
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if bound.types and kind not in bound.types:
        detail = f"content-type: {kind[:80]!r} is not read here; send {' or '.join(bound.types)}"
        raise Problem(415, "content-type", "Unsupported media type", detail)
