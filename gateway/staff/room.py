"""Puts the parts of sign-in together from the settings: local accounts, or an identity provider."""

from dataclasses import dataclass
from typing import Literal

import httpx

from gateway.doors import public_origin
from gateway.staff.local import LocalSignIn
from gateway.staff.members import Members
from gateway.staff.oidc import OidcSignIn, read_roles
from gateway.staff.passwords import Passwords
from gateway.staff.provider import Provider, safe_address
from gateway.staff.sessions import Sessions
from shared.errors import SettingsError
from shared.ports import StaffStore
from shared.settings import Settings

_PROVIDER_SECONDS = 5.0


@dataclass(frozen=True)
class StaffRoom:
    """How staff come in. Exactly one of `local` and `oidc` is there."""

    members: Members
    sessions: Sessions
    local: LocalSignIn | None
    oidc: OidcSignIn | None
    origin: str
    """Of the pages, as browsers send it; empty when it is whatever host they were fetched from."""
    metrics_for: Literal["loopback", "operators"] = "loopback"

    async def close(self) -> None:
        """Hang up at the identity provider."""
        if self.oidc is not None:
            await self.oidc.provider.http.aclose()


def staff_room(
    settings: Settings,
    store: StaffStore,
    *,
    secret: str,
    http: httpx.AsyncClient | None = None,
    passwords: Passwords | None = None,
) -> StaffRoom:
    """The room of these settings.

    `secret` is the same for all gateway processes; `http` talks to a provider instead of a client of our own.

    Raises:
        SettingsError: PUBLIC_URL or a setting of the identity provider is missing or wrong.
    """
    public = public_origin(settings)
    members = Members(store, passwords or Passwords())
    sessions = Sessions(
        store=store,
        secret=secret,
        idle=settings.staff_idle_minutes * 60,
        most=settings.staff_session_hours * 3600,
        secure=public.startswith("https:"),
    )
    oidc = _oidc(settings, members, public, secret, http) if settings.oidc_issuer else None
    return StaffRoom(
        members=members,
        sessions=sessions,
        local=None if oidc else LocalSignIn(members, secret),
        oidc=oidc,
        origin=public,
        metrics_for=settings.metrics_for,
    )


def _oidc(
    settings: Settings, members: Members, public: str, secret: str, http: httpx.AsyncClient | None
) -> OidcSignIn:
    if not safe_address(settings.oidc_issuer):
        raise SettingsError(f"OIDC_ISSUER={settings.oidc_issuer!r}: is no https:// address")
    if not public:
        raise SettingsError("PUBLIC_URL='': OIDC_ISSUER needs it, e.g. https://desk.example.com")
    if not settings.oidc_client_id:
        raise SettingsError("OIDC_CLIENT_ID='': OIDC_ISSUER needs it; the provider's registration shows it")
    return OidcSignIn(
        provider=Provider(
            settings.oidc_issuer,
            http or httpx.AsyncClient(timeout=_PROVIDER_SECONDS, follow_redirects=False),
        ),
        members=members,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        public_url=public,
        role_claim=settings.oidc_role_claim,
        roles=read_roles(settings.oidc_roles),
        secret=secret,
    )
