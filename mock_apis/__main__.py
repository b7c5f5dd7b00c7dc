"""Runs one mock vendor alone, for developers: `python -m mock_apis shopify --port 9001`."""

import argparse
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp


def main() -> None:
    """Serve on this machine only, with the credentials printed."""
    parser = argparse.ArgumentParser(prog="python -m mock_apis", description=__doc__)
    parser.add_argument("vendor", choices=("shopify", "zendesk", "openai"))
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--file", type=Path, default=None, help="keep the state here (default: in memory)")
    asked = parser.parse_args()
    app, told = _vendor(asked.vendor, asked.file)
    print(f"mock {asked.vendor} on http://127.0.0.1:{asked.port} ({told})")  # noqa: T201 a developer's tool
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")


def _vendor(name: str, file: Path | None) -> tuple[ASGIApp, str]:
    """The vendor's app, with how to sign in; only its own modules are loaded."""
    if name == "shopify":
        from mock_apis import shopify  # noqa: PLC0415

        return shopify.create_app(file), f"X-Shopify-Access-Token: {shopify.TOKEN}"
    if name == "zendesk":
        from mock_apis import zendesk  # noqa: PLC0415

        return zendesk.create_app(file), f"basic auth {zendesk.EMAIL}/token:{zendesk.TOKEN}"
    from mock_apis import openai  # noqa: PLC0415

    return openai.create_app(), f"Authorization: Bearer {openai.KEY}"


if __name__ == "__main__":
    main()
