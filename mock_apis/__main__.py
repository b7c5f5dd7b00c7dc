"""Runs one mock vendor alone, for developers: `python -m mock_apis shopify --port 9001`."""

import argparse
from pathlib import Path

import uvicorn

from mock_apis import shopify, zendesk


def main() -> None:
    """Serve on this machine only, with the credentials printed."""
    parser = argparse.ArgumentParser(prog="python -m mock_apis", description=__doc__)
    parser.add_argument("vendor", choices=("shopify", "zendesk"))
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--file", type=Path, default=None, help="keep the state here (default: in memory)")
    asked = parser.parse_args()
    if asked.vendor == "shopify":
        app = shopify.create_app(asked.file)
        told = f"X-Shopify-Access-Token: {shopify.TOKEN}"
    else:
        app = zendesk.create_app(asked.file)
        told = f"basic auth {zendesk.EMAIL}/token:{zendesk.TOKEN}"
    print(f"mock {asked.vendor} on http://127.0.0.1:{asked.port} ({told})")  # noqa: T201 a developer's tool
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
