"""Runs one mock vendor alone, for developers: `python -m mock_apis shopify --port 9001`.

The mock Key Vault speaks TLS, and wants tokens of the mock identity endpoint:

    python -m mock_apis key_vault --port 9001 --file data/mock/key_vault.db &
    python -m mock_apis identity --port 9002 &
    export REQUESTS_CA_BUNDLE=data/mock/tls/ca.pem IDENTITY_ENDPOINT=http://127.0.0.1:9002/msi/token
    export IDENTITY_HEADER=853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a VAULT_URL=https://127.0.0.1:9001

The mock Application Insights speaks TLS too, and its queries want such tokens; it prints the connection
string of exporters:

    python -m mock_apis app_insights --port 9001 --file data/mock/telemetry.duckdb

With TRACES_URL=embedded:// (the default) the desk runs one of its own, which /ops asks. One you run takes
traces of a desk with that string as TRACES_URL and REQUESTS_CA_BUNDLE=data/mock/tls/ca.pem; /ops does not ask
it (its client asks Azure), your own queries may.

The mock OpenAI prints its key and its chat models, and embeds with text-embedding-3-small or -large; a desk
on it:

    python -m mock_apis openai --port 9001 &
    export MODEL_URL=http://127.0.0.1:9001/v1 MODEL_API_KEY=sk-mock
    export MODEL_INTENT=gpt-4.1-mini MODEL_RESPONSE=gpt-4.1-mini MODEL_CRITIC=gpt-4.1-mini

The mock OpenID provider prints the settings of a desk whose staff sign in there:

    python -m mock_apis oidc --port 9003

Each fails as it is told, until DELETE of the same address mends it:

    curl -X POST http://127.0.0.1:9001/__mock__/fault -d '{"status": 429, "retry_after": 2, "times": 3}'

It has status (null: only late), body (error, garbage or empty), times (null: all), delay_ms and retry_after.
openai takes whole scripts at /__mock__/script too, and lists what it was asked at /__mock__/calls.
"""

import argparse
import json
import math
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp


def main() -> None:
    """Serve on this machine only, with the credentials printed."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m mock_apis", description=__doc__, formatter_class=formatter
    )
    parser.add_argument("vendor", choices=_VENDORS)
    parser.add_argument("--port", type=_port, default=9001, help="0 is any that is free (%(default)s)")
    parser.add_argument("--file", type=Path, default=None, help="keep the state here (default: in memory)")
    parser.add_argument(
        "--limit",
        type=_limit,
        default=None,
        help="throttle as the vendor does: requests a minute of zendesk and openai, points of shopify (2000 "
        "is a standard shop; a twentieth comes back each second); without it nobody is throttled",
    )
    folder = Path("data/mock/tls")
    parser.add_argument(
        "--tls", type=Path, default=folder, help="certificates of those over TLS (%(default)s)"
    )
    parser.add_argument("--days", type=_days, default=7, help="how long telemetry is kept (%(default)s)")
    parser.add_argument(
        "--keys",
        type=Path,
        default=None,
        help="JSON with instrumentation_key and signing_key of app_insights",
    )
    asked = parser.parse_args()
    if asked.limit is not None and asked.vendor not in _LIMITED:
        parser.error(f"--limit is for {', '.join(_LIMITED)}; {asked.vendor} has none, or the vendor's own")
    # The port first: what is printed is true, and whoever comes second has touched no file.
    with _bound(asked.port) as sock:
        port = sock.getsockname()[1]
        try:
            app, told = _VENDORS[asked.vendor](asked.file, port, asked)
            tls = _tls(asked.tls) if asked.vendor in _OVER_TLS else {}
        except (ValueError, OSError) as error:
            raise SystemExit(f"mock {asked.vendor}: {_told(error)}") from error
        _listen(sock)  # before, who comes would wait for what may end, and lose what they sent
        if tls:
            told = f"clients trust {asked.tls / 'ca.pem'}; {told}"
        place = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        print(f"mock {asked.vendor} on {place} ({told})", flush=True)  # noqa: T201 a developer's tool
        # The real services keep a connection for a minute and more; a new one over TLS costs 4 ms.
        # At its end one over TLS waits half a minute for its client's goodbye, which idle ones never say.
        config = uvicorn.Config(
            app, log_level="warning", timeout_keep_alive=75, timeout_graceful_shutdown=1, **tls
        )
        uvicorn.Server(config).run(sockets=[sock])


def _bound(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError as error:
        sock.close()
        raise _taken(port, error) from error
    return sock


def _listen(sock: socket.socket) -> None:
    try:
        sock.listen(2048)
    except OSError as error:  # another did so since, which bound it at the same moment
        raise _taken(sock.getsockname()[1], error) from error


def _taken(port: int, error: OSError) -> SystemExit:
    why = os.strerror(error.errno or 0)
    return SystemExit(f"--port {port}: {why}; name another, or 0 for any that is free")


def _told(error: Exception) -> str:
    """In a line; an error of the system with the file that it is about."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write one from 1 to 65535, or 0 for any")
    return int(text)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 1 to 1000000")
    return int(text)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not 0 < days < 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} must be days, more than 0, such as 7")
    return days


def _faulty(app: ASGIApp, vendor: str) -> ASGIApp:
    """With faults, of a vendor that keeps nothing."""
    from mock_apis.faults import Faults  # noqa: PLC0415
    from mock_apis.store import open_store  # noqa: PLC0415

    return Faults(app, open_store(None, vendor=vendor, seed=lambda _: None))


def _tls(folder: Path) -> dict[str, Any]:
    """How uvicorn is told to speak TLS; the certificates are made where there are none."""
    from mock_apis.tls import certificates  # noqa: PLC0415

    made = certificates(folder)
    return {"ssl_certfile": made.certificate, "ssl_keyfile": made.key}


# Each gives the vendor's app with how to sign in, and loads only its own modules.
def _shopify(file: Path | None, _: int, more: argparse.Namespace) -> tuple[ASGIApp, str]:
    from mock_apis import shopify  # noqa: PLC0415
    from mock_apis.shopify_cost import Bucket  # noqa: PLC0415

    bucket = Bucket(maximum=more.limit, restore=more.limit / 20) if more.limit else None
    return shopify.create_app(file, bucket=bucket), f"X-Shopify-Access-Token: {shopify.TOKEN}"


def _zendesk(file: Path | None, _: int, more: argparse.Namespace) -> tuple[ASGIApp, str]:
    from mock_apis import zendesk  # noqa: PLC0415

    app = zendesk.create_app(file, per_minute=more.limit)
    return app, f"basic auth {zendesk.EMAIL}/token:{zendesk.TOKEN}"


def _openai(_: Path | None, __: int, more: argparse.Namespace) -> tuple[ASGIApp, str]:
    from mock_apis import openai  # noqa: PLC0415

    app = openai.create_app(**({"requests_per_minute": more.limit} if more.limit else {}))
    chat = ", ".join(name for name, dated in openai.MODELS.items() if dated != name)
    return _faulty(app, "openai"), f"Authorization: Bearer {openai.KEY}, models {chat}"


def _key_vault(file: Path | None, *_: object) -> tuple[ASGIApp, str]:
    from mock_apis import key_vault  # noqa: PLC0415

    return key_vault.create_app(file), "tokens of `python -m mock_apis identity`"


def _identity(*_: object) -> tuple[ASGIApp, str]:
    from mock_apis import identity  # noqa: PLC0415

    return _faulty(
        identity.create_app(), "identity"
    ), f"IDENTITY_HEADER={identity.HEADER}, path {identity.PATH}"


def _oidc(_: Path | None, port: int, *__: object) -> tuple[ASGIApp, str]:
    from mock_apis import oidc  # noqa: PLC0415

    issuer = f"http://127.0.0.1:{port}"
    return _faulty(oidc.create_app(issuer), "oidc"), oidc.settings(issuer)


def _own_keys(path: Path) -> dict[str, str]:
    """Whose telemetry is taken, and who may ask for it, from a file."""
    try:
        own = json.loads(path.read_text("utf-8"))
    except ValueError:
        own = None
    names = ("instrumentation_key", "signing_key")
    if not isinstance(own, dict) or not all(isinstance(own.get(name), str) for name in names):
        told = f"{path} is no JSON object with the texts {' and '.join(names)}"
        raise ValueError(told)
    return own


def _app_insights(file: Path | None, port: int, more: argparse.Namespace) -> tuple[ASGIApp, str]:
    from mock_apis import app_insights  # noqa: PLC0415
    from mock_apis.app_insights_names import KEY, WORKSPACE, connection_string  # noqa: PLC0415
    from mock_apis.identity import TENANT  # noqa: PLC0415
    from mock_apis.insights_store import Unreadable, stay_small  # noqa: PLC0415

    own = _own_keys(more.keys) if more.keys else {}
    tenant = replace(TENANT, key=own["signing_key"]) if own else TENANT
    key = own.get("instrumentation_key", KEY)
    told = connection_string(f"https://127.0.0.1:{port}", key=key)
    stay_small()
    try:
        app = app_insights.create_app(file, key=key, tenant=tenant, days=more.days)
    except Unreadable as error:
        raise SystemExit(str(error)) from error
    return app, f"workspace {WORKSPACE}, connection string {told}"


_VENDORS: dict[str, Callable[..., tuple[ASGIApp, str]]] = {
    "shopify": _shopify,
    "zendesk": _zendesk,
    "openai": _openai,
    "key_vault": _key_vault,
    "identity": _identity,
    "oidc": _oidc,
    "app_insights": _app_insights,
}
_OVER_TLS = ("key_vault", "app_insights")
_LIMITED = ("shopify", "zendesk", "openai")


if __name__ == "__main__":
    main()
