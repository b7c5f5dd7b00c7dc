"""The security headers of every response, by what is served.

Names and values as in the OWASP Secure Headers Project and "HTTP headers" of MDN.
"""

from collections.abc import Iterable

_COMMON = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
]
_CSP = (
    b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    b"require-trusted-types-for 'script'; trusted-types 'none'"
)
_CONSOLE_CSP = _CSP.replace(b"trusted-types 'none'", b"trusted-types htmx")
"""htmx parses the fragments it is sent; the policy of console-policy.js is the only way to."""
_DOCS_CSP = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    b"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI draws its icons from data: URLs in its style sheet, and writes HTML without Trusted Types."""
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_PUBLIC = ("/static/", "/static-offline-docs/")
_NO_STORE = (b"cache-control", b"no-store")
_REVALIDATE = (b"cache-control", b"no-cache")
_INJECTED = bytes.maketrans(b"\r\n\0", b"   ")


def secured(headers: Iterable[tuple[bytes, bytes]], path: str, *, https: bool) -> list[tuple[bytes, bytes]]:
    """These headers with ours; a line break in a value becomes a space, so that no value starts a header."""
    own = [(name, value.translate(_INJECTED)) for name, value in headers]
    named = {name.lower() for name, _ in own}
    own += _COMMON
    own.append((b"content-security-policy", _policy(path)))
    shared = b"cross-origin" if path == "/static/widget.js" else b"same-origin"
    own.append((b"cross-origin-resource-policy", shared))
    if b"cache-control" not in named:
        # Whatever a route made may hold a customer's text or a token; files of ours hold neither.
        own.append(_REVALIDATE if path == "/" or path.startswith(_PUBLIC) else _NO_STORE)
    if https:
        own.append(_HSTS)
    return own


def _policy(path: str) -> bytes:
    if path == "/docs":
        return _DOCS_CSP
    if path in {"/console", "/ops"} or path.startswith(("/console/cases/", "/ops/")):
        return _CONSOLE_CSP
    return _CSP
