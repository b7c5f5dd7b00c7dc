"""Speaks OpenID Connect as a provider, for one client whose people are chosen from a list.

OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749 (errors: 4.1.2.1 and 5.2), RFC 7636 (PKCE, always asked
for), RFC 9207, RP-Initiated Logout 1.0. As with Entra ID the keys carry no `alg`, and the roles of a person
are a list in `roles`, missing where there are none.
"""

import base64
import hmac
import html
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mock_apis.oidc_records import CLIENT_ID, CLIENT_SECRET, Granted, Records

CALLBACK = "/staff/sign-in/callback"
_LOOPBACK = {"127.0.0.1", "localhost"}
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def create_app(
    issuer: str, *, now: Callable[[], float] = time.time, keys: Sequence[tuple[str, RSAPrivateKey]] = ()
) -> Starlette:
    """The provider at `issuer`, which signs with the first of `keys`; `app.state.records` is what it knows.

    Redirects go to `/staff/sign-in/callback` of this machine at any port (RFC 8252, 7.3).
    `POST /__mock__/rotate` makes a new key.
    """
    provider = _Provider(Records(issuer, clock=now, keys=list(keys)))
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", provider.discovery),
            Route("/keys", provider.keys),
            Route("/authorize", provider.authorize, methods=["GET", "POST"]),
            Route("/token", provider.token, methods=["POST"]),
            Route("/userinfo", provider.userinfo, methods=["GET", "POST"]),
            Route("/logout", provider.logout, methods=["GET", "POST"]),
            Route("/__mock__/rotate", provider.rotate, methods=["POST"]),
        ]
    )
    app.state.records = provider.records
    return app


def settings(issuer: str) -> str:
    """What a desk on this machine sets to sign its staff in here, as a shell takes it."""
    roles = ",".join(f"Support.{role.capitalize()}={role}" for role in ("agent", "lead", "operator", "admin"))
    told = f"OIDC_ISSUER={issuer} OIDC_CLIENT_ID={CLIENT_ID} OIDC_CLIENT_SECRET='{CLIENT_SECRET}'"
    return f"{told} OIDC_ROLES={roles} PUBLIC_URL=http://127.0.0.1:8080"


class _Provider:
    def __init__(self, records: Records) -> None:
        self.records = records

    async def discovery(self, _: Request) -> Response:
        issuer = self.records.issuer
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "end_session_endpoint": f"{issuer}/logout",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse(self.records.published())

    async def rotate(self, _: Request) -> Response:
        return JSONResponse({"kid": self.records.rotate()}, status_code=201)

    async def authorize(self, request: Request) -> Response:
        """Shows who can be chosen; the choice comes back by POST to the same address."""
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT_ID:
            return _stopped(f"client_id {asked.get('client_id', '')!r} is not registered")
        # Before this holds nothing may be redirected: the address could be anybody's.
        if not _registered(asked.get("redirect_uri", "")):
            return _stopped(f"redirect_uri {asked.get('redirect_uri', '')!r} is not registered")
        wrong = _wrong(asked)
        if wrong:
            return self._back(asked, error=wrong[0], error_description=wrong[1])
        if request.method == "GET":
            return HTMLResponse(self._choice())
        chosen = dict(parse_qsl((await request.body()).decode(errors="replace"))).get("sub", "")
        person = next((each for each in self.records.people if each.sub == chosen), None)
        if person is None:
            return self._back(asked, error="access_denied", error_description="The user stopped the sign-in.")
        code = self.records.grant(
            person,
            redirect_uri=asked["redirect_uri"],
            nonce=asked.get("nonce", ""),
            challenge=asked["code_challenge"],
        )
        return self._back(asked, code=code)

    async def token(self, request: Request) -> Response:
        form = {
            name: values[-1]
            for name, values in parse_qs(
                (await request.body()).decode(errors="replace"), keep_blank_values=True
            ).items()
        }
        if not _client(request, form):
            headers = {**_NO_STORE, "WWW-Authenticate": 'Basic realm="mock oidc"'}
            return _error("invalid_client", "Client authentication failed.", status=401, headers=headers)
        if form.get("grant_type") != "authorization_code":
            return _error("unsupported_grant_type", "Only authorization_code is known here.")
        missing = [name for name in ("code", "redirect_uri", "code_verifier") if not form.get(name)]
        if missing:
            return _error("invalid_request", f"{', '.join(missing)} missing.")
        granted: Granted | None = self.records.redeem(
            form["code"], redirect_uri=form["redirect_uri"], verifier=form["code_verifier"]
        )
        if granted is None:
            told = "The code is unknown, used or expired, or redirect_uri or code_verifier do not fit it."
            return _error("invalid_grant", told)
        return JSONResponse(self.records.tokens(granted), headers=_NO_STORE)

    async def userinfo(self, request: Request) -> Response:
        scheme, _, access = request.headers.get("authorization", "").partition(" ")
        person = self.records.access.get(access) if scheme.lower() == "bearer" else None
        if person is None:
            headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return _error("invalid_token", "The access token is not good.", status=401, headers=headers)
        return JSONResponse({"sub": person.sub, "name": person.name, "email": person.email})

    async def logout(self, request: Request) -> Response:
        asked = dict(request.query_params)
        to = asked.get("post_logout_redirect_uri", "")
        if to and asked.get("client_id") == CLIENT_ID and _parts(to).hostname in _LOOPBACK:
            more = f"?{urlencode({'state': asked['state']})}" if "state" in asked else ""
            return RedirectResponse(f"{to}{more}", 303)
        return HTMLResponse(_page("Signed out", "<p>You are signed out of the mock identity provider.</p>"))

    def _choice(self) -> str:
        buttons = "".join(
            f'<p><button name="sub" value="{html.escape(each.sub)}">{html.escape(each.name)}</button> '
            f"{html.escape(', '.join(each.roles) or 'no role')}</p>"
            for each in self.records.people
        )
        stop = '<p><button name="sub" value="">Cancel</button></p>'
        return _page("Who are you today?", f'<form method="post">{buttons}{stop}</form>')

    def _back(self, asked: dict[str, str], **answer: str) -> Response:
        answer |= {"state": asked["state"]} if "state" in asked else {}
        to = f"{asked['redirect_uri']}?{urlencode({**answer, 'iss': self.records.issuer})}"
        return RedirectResponse(to, 303, headers=_NO_STORE)


def _wrong(asked: dict[str, str]) -> tuple[str, str] | None:
    """What is wrong with an authorization request, as error and description."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type", "Only response_type=code is known here."
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope", "scope must hold openid."
    if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
        return "invalid_request", "PKCE is needed: code_challenge with code_challenge_method=S256."
    if asked.get("prompt") == "none":
        return "login_required", "Nobody is signed in."
    return None


def _registered(uri: str) -> bool:
    parts = _parts(uri)
    exact = (parts.scheme, parts.path, parts.query, parts.fragment) == ("http", CALLBACK, "", "")
    return exact and parts.hostname in _LOOPBACK and "@" not in parts.netloc


def _parts(uri: str) -> SplitResult:
    """The parts of an address; of what is none, no part is like those of ours."""
    try:
        return urlsplit(uri)
    except ValueError:
        return urlsplit("")


def _client(request: Request, form: dict[str, str]) -> bool:
    """By client_secret_basic or client_secret_post, never both (RFC 6749, section 2.3)."""
    given = (form.get("client_id", ""), form.get("client_secret", ""))
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        if "client_secret" in form:
            return False
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:  # no base64, no ASCII or no UTF-8
            return False
        given = (unquote_plus(name), unquote_plus(secret))
    good = hmac.compare_digest(given[1].encode(), CLIENT_SECRET.encode())
    return given[0] == CLIENT_ID and good


def _error(error: str, description: str, *, status: int = 400, headers: Any = None) -> Response:
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status_code=status, headers=headers or _NO_STORE)


def _stopped(why: str) -> Response:
    return HTMLResponse(_page("Not possible", f"<p>{html.escape(why)}</p>"), status_code=400)


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><h1>{title}</h1>{body}</html>"
    )
