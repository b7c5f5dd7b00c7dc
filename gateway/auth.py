"""What says who is asking, under one roof, and the secrets that this installation makes for itself."""

import contextlib
import secrets
from pathlib import Path

from gateway.conversation_tokens import ConversationProof, ConversationTokens
from gateway.customer_tokens import CustomerTokens, demo_token
from gateway.identity import GUEST, Identity

__all__ = [
    "GUEST",
    "ConversationProof",
    "ConversationTokens",
    "CustomerTokens",
    "Identity",
    "demo_token",
    "local_secret",
]


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
