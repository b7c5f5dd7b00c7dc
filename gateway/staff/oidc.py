"""Sign-in by an OpenID provider: authorization code with PKCE, state and nonce.

OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE); RFC 9207 (`iss` of the answer); RFC 9700 (security).
What Entra ID puts into `roles`: learn.microsoft.com, "ID token claims reference".
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from gateway.staff.members import Members, display_of
from gateway.staff.provider import VENDOR, Provider
from gateway.staff.roles import ROLES, Member
from gateway.staff.tokens import NotGenuine, genuine
from shared.errors import SettingsError, VendorRefused
from shared.ports import StaffRole

CALLBACK = "/staff/sign-in/callback"
FLOW_SECONDS = 600
_MOST_LENGTH = 4096


class SignInFailed(Exception):
    """A sign-in that came to nothing; the text tells the person what to do."""


class NoRole(Exception):
    """Somebody the provider knows, to whom nobody gave a role here."""


@dataclass(frozen=True)
class OidcSignIn:
    """Sends people to the provider, and takes back who they are."""

    provider: Provider
    members: Members
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    role_claim: str
    roles: Mapping[str, StaffRole]
    secret: str = field(repr=False)
    clock: Callable[[], float] = time.time

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to; it must know exactly this address."""
        return f"{self.public_url}{CALLBACK}"

    async def begin(self, onward: str) -> tuple[str, str]:
        """The provider's address to go to, and what the browser must bring back (a cookie's value).

        Everything that the answer is held against is derived from that value with our key: nothing is
        stored for people who never come back. Raises `VendorDown` and `VendorRefused`.
        """
        ends = int(self.clock()) + FLOW_SECONDS
        body = f"{secrets.token_urlsafe(32)}.{ends}.{urlsafe_b64encode(onward.encode()).decode()}"
        metadata = await self.provider.metadata()
        challenge = hashlib.sha256(self._derived("verifier", body).encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile",
            "state": self._derived("state", body),
            "nonce": self._derived("nonce", body),
            "code_challenge": urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(metadata.authorization).query else "?"
        return f"{metadata.authorization}{joint}{urlencode(asked)}", f"{body}.{self._derived('flow', body)}"

    async def finish(self, answer: Mapping[str, str], flow: str) -> tuple[Member, str]:
        """Who came back with this answer, and where they wanted to go.

        Raises:
            SignInFailed: the answer is not to our question, or the provider says no.
            NoRole: they have none of the roles in OIDC_ROLES.
            VendorDown, VendorRefused: the provider cannot be reached, or is wrong.
        """
        body = self._body(flow)
        if not _equal(answer.get("state", ""), self._derived("state", body)):
            raise SignInFailed("This answer belongs to another sign-in. Please sign in again.")
        metadata = await self.provider.metadata()
        said = answer.get("iss", "" if metadata.names_itself else metadata.issuer)
        if said != metadata.issuer:
            raise SignInFailed("The answer came from another identity provider. Please sign in again.")
        if "error" in answer:
            raise SignInFailed(_told(answer["error"]))
        code = answer.get("code", "")
        if not code or len(code) > _MOST_LENGTH:
            raise SignInFailed("The identity provider sent no code. Please sign in again.")
        token = await self._redeem(code, body)
        try:
            claims = await genuine(
                token,
                provider=self.provider,
                client_id=self.client_id,
                nonce=self._derived("nonce", body),
            )
        except NotGenuine as error:
            raise SignInFailed(f"The identity provider's token is not to be trusted: {error}.") from None
        return await self._member(claims), urlsafe_b64decode(body.split(".")[2]).decode()

    async def goodbye(self) -> str:
        """The provider's sign-out address, or nothing. OpenID Connect RP-Initiated Logout 1.0, section 2.

        Without `id_token_hint`, for which we would have to keep the token: the provider asks once more.
        """
        end = (await self.provider.metadata()).end_session
        back = {"client_id": self.client_id, "post_logout_redirect_uri": f"{self.public_url}/staff/sign-in"}
        return f"{end}{'&' if urlsplit(end).query else '?'}{urlencode(back)}" if end else ""

    async def _redeem(self, code: str, body: str) -> str:
        metadata = await self.provider.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self._derived("verifier", body),
        }
        more: dict[str, Any] = {}
        if not self.client_secret or metadata.secret_in_body:
            form |= {"client_id": self.client_id}
            form |= {"client_secret": self.client_secret} if self.client_secret else {}
        else:  # RFC 6749, section 2.3.1: both are form-encoded first
            more["auth"] = (quote(self.client_id, safe=""), quote(self.client_secret, safe=""))
        found = await self.provider.fetch("POST", metadata.token, data=form, **more)
        if found.get("error") == "invalid_grant":
            raise SignInFailed("The code was used before, or is too old. Please sign in again.")
        if "error" in found:
            wrong = f"refuses our request for a token: {str(found['error'])[:80]!r}"
            raise VendorRefused(VENDOR, f"{wrong}; check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
        token = found.get("id_token")
        if not isinstance(token, str):
            raise VendorRefused(VENDOR, "sent no id_token")
        return token

    async def _member(self, claims: Mapping[str, Any]) -> Member:
        given = roles_in(claims, self.role_claim)
        role = next((role for name, role in self.roles.items() if name in given), None)
        issuer = self.provider.issuer
        if role is None:
            await self.members.gone(issuer=issuer, subject=claims["sub"])
            raise NoRole(", ".join(self.roles))
        name = claims.get("name") or claims.get("preferred_username") or "staff"
        return await self.members.known(
            issuer=issuer, subject=claims["sub"], name=str(name)[:100], role=role, display=_first_name(claims)
        )

    def _body(self, flow: str) -> str:
        """What `begin` gave the browser.

        Raises:
            SignInFailed: it is missing, was changed or is too old.
        """
        body, _, signature = flow.rpartition(".")
        if not _equal(signature, self._derived("flow", body)) or int(body.split(".")[1]) < self.clock():
            raise SignInFailed(
                "This sign-in took too long, or began in another browser. Please sign in again."
            )
        return body

    def _derived(self, what: str, body: str) -> str:
        said = f"oidc|{what}|{body}".encode("utf-8", "surrogatepass")
        digest = hmac.new(self.secret.encode(), said, hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def _first_name(claims: Mapping[str, Any]) -> str:
    """What customers may call them (OpenID Connect Core 1.0, section 5.1); empty when the claim is none."""
    try:
        return display_of(str(claims.get("given_name") or ""))
    except SettingsError:
        return ""


def roles_in(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    """The roles that a token states; `realm_access.roles` also finds a list inside an object (Keycloak)."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = [found] if isinstance(found, str) else found
    return (
        frozenset(each for each in listed if isinstance(each, str))
        if isinstance(listed, list)
        else frozenset()
    )


def read_roles(text: str) -> dict[str, StaffRole]:
    """`Support.Agent=agent,Support.Lead=lead` as a mapping, in its order: the first that fits is taken.

    Raises:
        SettingsError: OIDC_ROLES is not like that.
    """
    found: dict[str, StaffRole] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        theirs, _, ours = (part.strip() for part in pair.rpartition("="))
        role = next((role for role in ROLES if role == ours), None)
        if not theirs or role is None:
            wanted = f"pairs like Support.Agent=agent with one of {', '.join(ROLES)}"
            raise SettingsError(f"OIDC_ROLES={text[:200]!r}: {pair[:80]!r} is wrong; expected {wanted}")
        found[theirs] = role
    if not found:
        raise SettingsError("OIDC_ROLES='': nobody could sign in; expected e.g. Support.Agent=agent")
    return found


def _told(error: str) -> str:
    if error == "access_denied":
        return "The identity provider did not let you in, or you stopped it. Please sign in again."
    return "The identity provider answered with an error. Sign in again; if it stays, tell an administrator."


def _equal(given: str, ours: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), ours.encode())
