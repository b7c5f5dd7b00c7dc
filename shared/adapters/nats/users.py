"""The users of a nats-server: a seed file for each service, and the configuration that names their rights.

Its syntax is that of "Authorization" and "NKeys" in the NATS docs (docs.nats.io, Securing NATS).
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from shared.adapters.nats.access import USERS, rights_of
from shared.adapters.nats.login import read_secret
from shared.adapters.nats.nkeys import UserKey
from shared.errors import SettingsError

SUFFIX = ".nk"
AUTH_SECONDS = 10
"""How long a client may take to sign in; a process on a busy machine was late at the server's 2."""


def make_users(folder: Path) -> str:
    """Make the seed files that `folder` lacks, readable by us only; the `authorization` block for them all.

    The block holds public keys. Files that are there are kept: who wants a new key removes its file first.

    Raises:
        SettingsError: a file cannot be written, or is no seed; the message names it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        return authorization({user: _key(folder / f"{user}{SUFFIX}").public for user in USERS})
    except OSError as error:
        raise SettingsError(
            f"{error.filename or folder}: {error.strerror}; the keys of the bus's users must be kept there"
        ) from error


def authorization(keys: Mapping[str, str]) -> str:
    """nats-server's configuration of these users (name to public key), in its own syntax."""
    lines = ["authorization {", f"  timeout: {AUTH_SECONDS}", "  users: ["]
    for user, key in keys.items():
        rights = rights_of(user)
        lines += [
            f"    # {user}",
            f"    {{ nkey: {key}, permissions: {{",
            f"        publish: {{ allow: {_listed(rights.publish)} }}",
            f"        subscribe: {{ allow: {_listed(rights.subscribe)} }}",
            "    } }",
        ]
    return "\n".join([*lines, "  ]", "}", ""])


def _listed(subjects: tuple[str, ...]) -> str:
    return "[\n" + "".join(f"          {json.dumps(each)}\n" for each in subjects) + "        ]"


def _key(path: Path) -> UserKey:
    if not path.exists():
        _write(path, f"{UserKey.new().seed()}\n")
    try:
        return UserKey.from_seed(read_secret(path).strip())
    except ValueError as error:
        raise SettingsError(f"{path} {error}; remove it, and it is made anew") from None


def _write(path: Path, text: str) -> None:
    """Whole or not at all: half a seed of a crash would stop every later start."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(path)
