"""Tells a vendor's webhook from a stranger's by the bytes alone, before anything in them is believed."""

import base64
import hmac
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pydantic import SecretStr

from shared.errors import SettingsError

Headers = Iterable[tuple[bytes, bytes]]
_LEAST_CHARACTERS = 16
_MOST_SECRETS = 5
_SIGNATURE = re.compile(rb"[A-Za-z0-9+/]{43}=")  # 32 bytes in base64
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def secrets_of(name: str, setting: SecretStr) -> tuple[bytes, ...]:
    """The secrets of a setting, several by commas: while one is changed, both sign.

    Raises:
        SettingsError: one could be guessed, or there are more than five. No part of one is quoted.
    """
    found = tuple(part.strip() for part in setting.get_secret_value().split(",") if part.strip())
    if any(len(secret) < _LEAST_CHARACTERS for secret in found):
        raise SettingsError(
            f"{name}: a secret has under {_LEAST_CHARACTERS} characters; copy the vendor's signing secret"
        )
    if len(found) > _MOST_SECRETS:
        raise SettingsError(f"{name}: holds {len(found)} secrets; keep the {_MOST_SECRETS} that are in use")
    return tuple(secret.encode() for secret in found)


def only(headers: Headers, name: str) -> bytes:
    """The header's value; nothing when it is missing or there twice, since readers differ in which counts."""
    wanted = name.lower().encode()
    found = [value for key, value in headers if key.lower() == wanted]
    return found[0] if len(found) == 1 else b""


def shopify_signed(headers: Headers, body: bytes, secrets: Sequence[bytes]) -> bool:
    """Whether one of our secrets signed these bytes.

    The signature covers the body and no header: not the topic, the shop, the ids or the times. Source:
    "Verify webhook deliveries" (shopify.dev/docs/apps/build/webhooks/verify-deliveries).
    """
    return _signed(only(headers, "x-shopify-hmac-sha256"), body, secrets)


def zendesk_signed(
    headers: Headers, body: bytes, secrets: Sequence[bytes], *, now: float, window: float
) -> bool:
    """Whether one of our secrets signed these bytes at most `window` seconds from `now` (Unix seconds).

    The signature covers the time and the body. Source: "Verifying webhook authenticity"
    (developer.zendesk.com/documentation/webhooks/verifying).
    """
    stamp = only(headers, "x-zendesk-webhook-signature-timestamp")
    at = _seconds(stamp)
    signed = _signed(only(headers, "x-zendesk-webhook-signature"), stamp + body, secrets)
    return signed and at is not None and abs(now - at) <= window


def _signed(given: bytes, message: bytes, secrets: Sequence[bytes]) -> bool:
    """Every secret is tried, whichever fits, so that time does not tell which."""
    # Compared as text: base64 has several spellings of the same bytes, and only one is the vendor's.
    fitting = [
        hmac.compare_digest(base64.b64encode(hmac.digest(secret, message, "sha256")), given)
        for secret in secrets
    ]
    return bool(_SIGNATURE.fullmatch(given)) and any(fitting)


def _seconds(stamp: bytes) -> float | None:
    """An ISO 8601 time in UTC as Unix seconds, or None when it is none."""
    if not _STAMP.fullmatch(stamp):
        return None
    try:
        # Python reads six digits of a second, vendors write up to nine.
        return datetime.fromisoformat(stamp.decode()[:19]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None  # a 32nd of January
