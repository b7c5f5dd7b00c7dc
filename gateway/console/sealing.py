"""Passages that staff quote travel with the form, sealed: what the customer sees as a source was one."""

import base64
import hashlib
import hmac

import msgspec

from shared.contracts import Citation

MOST = 5
"""Sources of one message."""
_LONGEST = 20_000
_READ = msgspec.json.Decoder(tuple[Citation, ...])
_SIGN = 32


def seal(sources: tuple[Citation, ...], *, secret: str, case_id: str) -> str:
    """The sources of a reply in this case, as text for a hidden field."""
    body = msgspec.json.encode(sources)
    return base64.urlsafe_b64encode(_signed(body, secret, case_id) + body).decode() if sources else ""


def unseal(text: str, *, secret: str, case_id: str) -> tuple[Citation, ...]:
    """What was sealed; nothing when it was not by us, or for another case."""
    if not text or len(text) > _LONGEST:
        return ()
    try:
        whole = base64.b64decode(text, altchars="-_", validate=True)
        if hmac.compare_digest(whole[:_SIGN], _signed(whole[_SIGN:], secret, case_id)):
            return _READ.decode(whole[_SIGN:])[:MOST]
    except (ValueError, msgspec.MsgspecError):
        pass
    return ()


def _signed(body: bytes, secret: str, case_id: str) -> bytes:
    return hmac.digest(secret.encode(), b"sources\0" + case_id.encode() + b"\0" + body, hashlib.sha256)
