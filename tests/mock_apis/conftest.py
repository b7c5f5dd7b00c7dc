"""The mock vendors over HTTP, fresh for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_apis import shopify, zendesk

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(scope="session")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop made once; tests that write copy it."""
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    shopify.open_shop(path, TODAY).close()
    return path


@pytest.fixture
def own_shop(shop_file: Path, tmp_path: Path) -> Path:
    """A shop this test may change."""
    own = tmp_path / "shop.db"
    own.write_bytes(shop_file.read_bytes())
    return own


@pytest.fixture
async def shop(own_shop: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the mock Shopify with the right token."""
    app = shopify.create_app(own_shop, today=TODAY, now=lambda: NOW)
    headers = {"X-Shopify-Access-Token": shopify.TOKEN}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test", headers=headers) as client:
        yield client


@pytest.fixture
def graphql(shop: httpx.AsyncClient) -> Ask:
    """Run one operation; returns the JSON body."""

    async def ask(query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        answer = await shop.post("/admin/api/2026-10/graphql.json", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask


@pytest.fixture
async def desk() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the mock Zendesk with the right token."""
    transport = httpx.ASGITransport(app=zendesk.create_app(now=lambda: NOW))
    auth = (f"{zendesk.EMAIL}/token", zendesk.TOKEN)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test", auth=auth) as client:
        yield client
