"""Checks an ID token: OpenID Connect Core 1.0, section 3.1.3.7, and RFC 8725 against confused algorithms."""

import hmac
from typing import Any

import jwt

from gateway.staff.provider import ALGORITHMS, Provider

_LEEWAY = 60.0
_NEEDED = ["iss", "sub", "aud", "exp", "iat", "nonce"]


class NotGenuine(Exception):
    """An ID token that must not be believed; the text says why, without anything of the token in it."""


async def genuine(token: str, *, provider: Provider, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of a token that this provider made for this client and this sign-in.

    Raises:
        NotGenuine: it did not, or it has expired.
        VendorDown, VendorRefused: the provider's keys cannot be had.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise NotGenuine("it is no signed token") from None
    if header.get("alg") not in ALGORITHMS:
        raise NotGenuine(f"its algorithm is none of {', '.join(ALGORITHMS)}")
    key_id = header.get("kid")
    key = await provider.key(key_id) if isinstance(key_id, str) else None
    if key is None:
        raise NotGenuine("the provider does not list its key")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,  # its own algorithm is the only one that is tried, whatever the header says
            algorithms=ALGORITHMS,
            issuer=provider.issuer,
            audience=client_id,
            leeway=_LEEWAY,
            options={"require": _NEEDED, "strict_aud": False},
        )
    except jwt.PyJWTError as error:
        raise NotGenuine(_REASONS.get(type(error), "it is malformed, or its signature is wrong")) from None
    # Somebody else's audience beside ours could replay the token to us.
    if claims["aud"] not in (client_id, [client_id]):
        raise NotGenuine("it is for others, too")
    if claims.get("azp", client_id) != client_id:
        raise NotGenuine("it was issued to another client (azp)")
    if not hmac.compare_digest(str(claims["nonce"]).encode("utf-8", "surrogatepass"), nonce.encode()):
        raise NotGenuine("it belongs to another sign-in (nonce)")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise NotGenuine("it names nobody (sub)")
    return claims


_REASONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is from the future; compare the clocks",
    jwt.InvalidIssuerError: "another issuer made it",
    jwt.InvalidAudienceError: "it is for another client (aud)",
    jwt.MissingRequiredClaimError: f"it lacks one of {', '.join(_NEEDED)}",
}
