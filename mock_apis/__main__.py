"""Runs one mock vendor alone, for developers: `python -m mock_apis shopify --port 9001`.

The mock Key Vault speaks TLS, and wants tokens of the mock identity endpoint:

    python -m mock_apis key_vault --port 9001 --file data/mock/key_vault.db &
    python -m mock_apis identity --port 9002 &
    export REQUESTS_CA_BUNDLE=data/mock/tls/ca.pem IDENTITY_ENDPOINT=http://127.0.0.1:9002/msi/token
    export IDENTITY_HEADER=853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a VAULT_URL=https://127.0.0.1:9001

The mock Application Insights speaks TLS too, and its queries want such tokens; it prints the connection
string of exporters:

    python -m mock_apis app_insights --port 9001 --file data/mock/telemetry.duckdb

The mock OpenID provider prints the settings of a desk whose staff sign in there:

    python -m mock_apis oidc --port 9003
"""

import argparse
import json
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
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--file", type=Path, default=None, help="keep the state here (default: in memory)")
    folder = Path("data/mock/tls")
    parser.add_argument(
        "--tls", type=Path, default=folder, help="certificates of those over TLS (%(default)s)"
    )
    parser.add_argument("--days", type=float, default=7, help="how long telemetry is kept (%(default)s)")
    parser.add_argument(
        "--keys",
        type=Path,
        default=None,
        help="JSON with instrumentation_key and signing_key of app_insights",
    )
    asked = parser.parse_args()
    app, told = _VENDORS[asked.vendor](asked.file, asked.port, asked)
    scheme, more = "http", {}
    if asked.vendor in _OVER_TLS:
        scheme, more = "https", _tls(asked.tls)
        told = f"clients trust {asked.tls / 'ca.pem'}; {told}"
    place = f"{scheme}://127.0.0.1:{asked.port}"
    print(f"mock {asked.vendor} on {place} ({told})", flush=True)  # noqa: T201 a developer's tool
    # The services of the real vendors keep a connection for a minute and more; a new one over TLS costs 4 ms.
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning", timeout_keep_alive=75, **more)


def _tls(folder: Path) -> dict[str, Any]:
    """How uvicorn is told to speak TLS; the certificates are made where there are none."""
    from mock_apis.tls import certificates  # noqa: PLC0415

    made = certificates(folder)
    return {"ssl_certfile": made.certificate, "ssl_keyfile": made.key}


# Each gives the vendor's app with how to sign in, and loads only its own modules.
def _shopify(file: Path | None, *_: object) -> tuple[ASGIApp, str]:
    from mock_apis import shopify  # noqa: PLC0415

    return shopify.create_app(file), f"X-Shopify-Access-Token: {shopify.TOKEN}"


def _zendesk(file: Path | None, *_: object) -> tuple[ASGIApp, str]:
    from mock_apis import zendesk  # noqa: PLC0415

    return zendesk.create_app(file), f"basic auth {zendesk.EMAIL}/token:{zendesk.TOKEN}"


def _openai(*_: object) -> tuple[ASGIApp, str]:
    from mock_apis import openai  # noqa: PLC0415

    return openai.create_app(), f"Authorization: Bearer {openai.KEY}"


def _key_vault(file: Path | None, *_: object) -> tuple[ASGIApp, str]:
    from mock_apis import key_vault  # noqa: PLC0415

    return key_vault.create_app(file), "tokens of `python -m mock_apis identity`"


def _identity(*_: object) -> tuple[ASGIApp, str]:
    from mock_apis import identity  # noqa: PLC0415

    return identity.create_app(), f"IDENTITY_HEADER={identity.HEADER}, path {identity.PATH}"


def _oidc(_: Path | None, port: int, *__: object) -> tuple[ASGIApp, str]:
    from mock_apis import oidc  # noqa: PLC0415

    issuer = f"http://127.0.0.1:{port}"
    return oidc.create_app(issuer), oidc.settings(issuer)


def _app_insights(file: Path | None, port: int, more: argparse.Namespace) -> tuple[ASGIApp, str]:
    from mock_apis import app_insights  # noqa: PLC0415
    from mock_apis.app_insights_names import KEY, WORKSPACE, connection_string  # noqa: PLC0415
    from mock_apis.identity import TENANT  # noqa: PLC0415
    from mock_apis.insights_store import Unreadable, stay_small  # noqa: PLC0415

    own = json.loads(more.keys.read_text("utf-8")) if more.keys else {}
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


if __name__ == "__main__":
    main()
