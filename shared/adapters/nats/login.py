"""How a process signs in at a nats-server: its key or JWT, its certificate, and whom it trusts."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.nats.nkeys import UserKey
from shared.errors import SettingsError

MOST_BYTES = 64 * 1024
"""Of a credentials file; a JWT has a few thousand."""
_JWT = ("-----BEGIN NATS USER JWT-----", "------END NATS USER JWT------")
_SEED = ("-----BEGIN USER NKEY SEED-----", "------END USER NKEY SEED------")


@dataclass(frozen=True)
class Credential:
    """A key that signs the server's nonce; with a JWT where users are not in the configuration."""

    key: UserKey
    jwt: str = ""


@dataclass(frozen=True)
class Login:
    """Who connects. `user` is one of `access.USERS`, or empty: then nothing is asked of the table there."""

    user: str = ""
    credential: Credential | None = None
    tls: ssl.SSLContext | None = None


def read_credential(path: Path) -> Credential:
    """What a seed file (`.nk`) or a `.creds` file holds.

    Raises:
        SettingsError: it is not there, open to others, or neither; nothing of it is in the message.
    """
    text = read_secret(path)
    jwt, seed = _between(text, _JWT), _between(text, _SEED)
    if not jwt:
        seed = next((line.strip() for line in text.splitlines() if line.strip().startswith("SU")), "")
    if not seed:
        raise SettingsError(
            f"BUS_CREDENTIALS={str(path)!r} holds neither a user's NKey seed nor a .creds file; "
            "`python -m launch bus-users` writes seed files"
        )
    try:
        return Credential(UserKey.from_seed(seed), jwt)
    except ValueError as error:
        raise SettingsError(f"BUS_CREDENTIALS={str(path)!r}: its seed {error}; write it anew") from None


def read_secret(path: Path) -> str:
    """A file that its owner, and at most its group, may read (a mounted secret belongs to a group)."""
    try:
        mode = path.stat().st_mode
        if mode & 0o037:
            raise SettingsError(
                f"BUS_CREDENTIALS={str(path)!r} is open to others (mode {mode & 0o777:o}); "
                f"run: chmod 600 {path}"
            )
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("ascii", "replace")
    except OSError as error:
        raise SettingsError(
            f"BUS_CREDENTIALS={str(path)!r}: {error.strerror}; "
            "name a .nk or .creds file, or the folder that `python -m launch bus-users` wrote"
        ) from None


def tls_context(authority: str, certificate: str, key: str) -> ssl.SSLContext:
    """Verifies the server's certificate and its name, always; shows ours where the server wants one.

    `authority` empty trusts what the system trusts. Raises `SettingsError` naming the variable.
    """
    try:
        context = ssl.create_default_context(cafile=authority or None)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"BUS_TLS_CA={authority!r}: {_why(error)}; name a PEM file with the authority's certificate"
        ) from None
    if bool(certificate) != bool(key):
        missing = "BUS_TLS_KEY" if certificate else "BUS_TLS_CERT"
        raise SettingsError(f"{missing} is empty; BUS_TLS_CERT and BUS_TLS_KEY belong together")
    if certificate:
        try:
            # A pass phrase would be asked for on the terminal.
            context.load_cert_chain(certificate, key, password=lambda: "")
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(
                f"BUS_TLS_CERT={certificate!r}, BUS_TLS_KEY={key!r}: {_why(error)}; "
                "name PEM files that belong together, the key without a pass phrase"
            ) from None
    return context


def _why(error: OSError) -> str:
    return (getattr(error, "reason", None) or error.strerror or type(error).__name__).lower()


def _between(text: str, marks: tuple[str, str]) -> str:
    _, begun, rest = text.partition(marks[0])
    inside, ended, _ = rest.partition(marks[1])
    return "".join(inside.split()) if begun and ended else ""
