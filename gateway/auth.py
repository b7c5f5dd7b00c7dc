"""Who is asking: conversation tokens that we sign, customer tokens that the shop signs, staff by password."""

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from gateway.problems import Problem

_CONVERSATION_DAYS = 30
_DAY = 86400


@dataclass(frozen=True)
class Identity:
    """Who a request comes from; `known` are the customer's own values that the token states."""

    customer_id: str = ""
    known: tuple[str, ...] = ()


GUEST = Identity()


def local_secret(folder: Path, name: str) -> str:
    """A secret kept in a file only its owner can read, made on first use."""
    path = folder / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32), "ascii")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)  # exactly one of several starting processes wins
        fresh.unlink()
    return path.read_text("ascii").strip()


@dataclass(frozen=True)
class ConversationTokens:
    """Stateless tokens `<conversation>.<owner>.<expires>.<signature>`; who holds one owns the conversation.

    `owner` is a short keyed hash of the customer the conversation was opened by ("guest" for none), so
    that another signed-in customer is turned away even with the token in hand.
    """

    secret: str

    def issue(self, conversation_id: str, identity: Identity, *, now: float | None = None) -> str:
        """A token for this conversation, good for 30 days."""
        expires = int((now or time.time()) + _CONVERSATION_DAYS * _DAY)
        body = f"{conversation_id}.{self._owner(identity)}.{expires}"
        return f"{body}.{self._sign(body)}"

    def opens(self, token: str, identity: Identity) -> str | None:
        """The conversation this token opens for this identity, or None."""
        body, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return None
        conversation_id, owner, expires = body.split(".")
        mine = owner in {"guest", self._owner(identity)} or not identity.customer_id
        return conversation_id if mine and int(expires) > time.time() else None

    def new_conversation(self, identity: Identity, *, address: str, client_message_id: str) -> str:
        """A conversation id. Repeating a first message with the same id leads to the same conversation.

        For a guest that holds only from 16 characters (a UUID): a short id such as "1" could be chosen by
        two strangers behind one address, who must never share a conversation.
        """
        if not client_message_id or (not identity.customer_id and len(client_message_id) < 16):
            return f"c-{secrets.token_hex(12)}"
        who = identity.customer_id or f"guest@{address}"
        return f"c-{self._sign(f'new|{who}|{client_message_id}', 24)}"

    def turn_id(self, conversation_id: str, client_message_id: str) -> str:
        """A turn id; the same message of the same conversation has the same one."""
        if not client_message_id:
            return f"t-{secrets.token_hex(12)}"
        return f"t-{self._sign(f'turn|{conversation_id}|{client_message_id}', 24)}"

    def _owner(self, identity: Identity) -> str:
        return self._sign(f"owner|{identity.customer_id}", 16) if identity.customer_id else "guest"

    def _sign(self, text: str, length: int = 43) -> str:
        digest = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().replace("-", "A").replace("_", "B")[:length].rstrip("=")


class CustomerTokens:
    """Reads the shop's signed customer tokens: HS256 with a shared secret, or a JWKS URL."""

    def __init__(self, *, secret: str = "", jwks_url: str = "", audience: str = "") -> None:
        self._secret = secret
        self._keys = jwt.PyJWKClient(jwks_url) if jwks_url else None
        self._audience = audience or None

    async def identity(self, token: str) -> Identity:
        """Who the token says the customer is.

        Raises:
            Problem: 401, saying whether the token is expired or not to be trusted.
        """
        try:
            claims = await self._claims(token)
        except jwt.ExpiredSignatureError:
            raise _unauthorized("token-expired", "The customer token has expired; fetch a new one.") from None
        except jwt.PyJWTError:
            detail = "The customer token is not one this shop signed; sign in again."
            raise _unauthorized("token-invalid", detail) from None
        subject = str(claims["sub"])
        if not subject or len(subject) > 64 or not subject.isascii():
            raise _unauthorized("token-invalid", "The customer token's sub must be a shop customer id.")
        known = tuple(str(claims[name]) for name in ("name", "email", "phone_number") if claims.get(name))
        return Identity(customer_id=subject, known=known)

    async def _claims(self, token: str) -> dict[str, object]:
        options: dict[str, object] = {"require": ["exp", "sub"], "verify_aud": self._audience is not None}
        key: Any = self._secret
        algorithms = ["HS256"]
        if self._keys is not None:
            key = (await asyncio.to_thread(self._keys.get_signing_key_from_jwt, token)).key
            algorithms = ["RS256", "ES256", "PS256"]
        claims: dict[str, object] = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=self._audience,
            options=options,  # type: ignore[arg-type]
        )
        return claims


def demo_token(secret: str, *, customer_id: str, name: str, email: str, audience: str, seconds: int) -> str:
    """A customer token as the shop would sign it, for the demo customers."""
    now = int(time.time())
    claims = {"sub": customer_id, "name": name, "email": email, "iat": now, "exp": now + seconds}
    return jwt.encode(claims | ({"aud": audience} if audience else {}), secret, algorithm="HS256")


def _unauthorized(kind: str, detail: str) -> Problem:
    return Problem(401, kind, "Not signed in", detail, headers={"WWW-Authenticate": "Bearer"})
