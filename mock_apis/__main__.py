"""Runs one mock vendor alone, for developers: `python -m mock_apis shopify --port 9001`.

The mock Key Vault speaks TLS, and wants tokens of the mock identity endpoint:

    python -m mock_apis key_vault --port 9001 --file data/mock/key_vault.db &
    python -m mock_apis identity --port 9002 &
    export REQUESTS_CA_BUNDLE=data/mock/tls/ca.pem IDENTITY_ENDPOINT=http://127.0.0.1:9002/msi/token
    export IDENTITY_HEADER=853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a VAULT_URL=https://127.0.0.1:9001

The mock OpenID provider prints the settings of a desk whose staff sign in there:

    python -m mock_apis oidc --port 9003
"""

import argparse
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
    parser.add_argument("vendor", choices=("shopify", "zendesk", "openai", "key_vault", "identity", "oidc"))
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--file", type=Path, default=None, help="keep the state here (default: in memory)")
    folder = Path("data/mock/tls")
    parser.add_argument("--tls", type=Path, default=folder, help="certificates of key_vault (%(default)s)")
    asked = parser.parse_args()
    app, told = _vendor(asked.vendor, asked.file, asked.port)
    scheme, more = "http", {}
    if asked.vendor == "key_vault":
        scheme, more = "https", _tls(asked.tls)
        told = f"clients trust {asked.tls / 'ca.pem'}; {told}"
    place = f"{scheme}://127.0.0.1:{asked.port}"
    print(f"mock {asked.vendor} on {place} ({told})", flush=True)  # noqa: T201 a developer's tool
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning", **more)


def _tls(folder: Path) -> dict[str, Any]:
    """How uvicorn is told to speak TLS; the certificates are made where there are none."""
    from mock_apis.tls import certificates  # noqa: PLC0415

    made = certificates(folder)
    return {"ssl_certfile": made.certificate, "ssl_keyfile": made.key}


def _vendor(name: str, file: Path | None, port: int) -> tuple[ASGIApp, str]:
    """The vendor's app, with how to sign in; only its own modules are loaded."""
    if name == "shopify":
        from mock_apis import shopify  # noqa: PLC0415

        return shopify.create_app(file), f"X-Shopify-Access-Token: {shopify.TOKEN}"
    if name == "zendesk":
        from mock_apis import zendesk  # noqa: PLC0415

        return zendesk.create_app(file), f"basic auth {zendesk.EMAIL}/token:{zendesk.TOKEN}"
    if name == "key_vault":
        from mock_apis import key_vault  # noqa: PLC0415

        return key_vault.create_app(file), "tokens of `python -m mock_apis identity`"
    if name == "identity":
        from mock_apis import identity  # noqa: PLC0415

        return identity.create_app(), f"IDENTITY_HEADER={identity.HEADER}, path {identity.PATH}"
    if name == "oidc":
        from mock_apis import oidc  # noqa: PLC0415

        issuer = f"http://127.0.0.1:{port}"
        return oidc.create_app(issuer), oidc.settings(issuer)
    from mock_apis import openai  # noqa: PLC0415

    return openai.create_app(), f"Authorization: Bearer {openai.KEY}"


if __name__ == "__main__":
    main()
