"""Writes down who opened which token, when and what for; never the value."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from shared.errors import VaultDown


def append_reveal(
    path: Path, *, at: float, conversation_id: str, purpose: str, tokens: Sequence[str]
) -> None:
    """Append one line of JSON and wait until it is on disk. Raises `VaultDown`."""
    line = json.dumps(
        {"at": round(at, 3), "conversation_id": conversation_id, "purpose": purpose, "tokens": list(tokens)},
        separators=(",", ":"),
    )
    data = line.encode() + b"\n"
    try:
        # One write to a file opened for appending is not mixed with other processes' lines.
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            written = os.write(handle, data)
            if written != len(data):
                raise VaultDown(
                    f"vault audit {path}: only {written} of {len(data)} bytes fit; free disk space"
                )
            os.fdatasync(handle) if hasattr(os, "fdatasync") else os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise VaultDown(
            f"vault audit {path}: {error.strerror}; nothing is revealed without its audit line. "
            f"Free disk space or make the file writable"
        ) from error
