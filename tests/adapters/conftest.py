"""The vendor adapters over the mock vendors in this process."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from mock_apis import shopify as mock_shopify
from mock_apis import zendesk as mock_zendesk
from shared.adapters.shopify import ShopifyCommerce
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.zendesk import ZendeskHelpdesk
from tests.clock import Clock

from .till import Till
from .vendors import NOW, TODAY, PlainVault, Waits


@pytest.fixture
def vault() -> PlainVault:
    """A fresh vault."""
    return PlainVault()


@pytest.fixture
def waits() -> Waits:
    """How long the adapter would have waited."""
    return Waits()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A new demo shop's file."""
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    mock_shopify.open_shop(path, TODAY).close()
    return path.read_bytes()


@pytest.fixture
def shop_file(seeded: bytes, tmp_path: Path) -> Path:
    """A shop this test may change."""
    path = tmp_path / "shop.db"
    path.write_bytes(seeded)
    return path


@pytest.fixture
async def shopify_http(shop_file: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the mock Shopify."""
    app = mock_shopify.create_app(shop_file, now=lambda: datetime.fromtimestamp(NOW, UTC))
    headers = {"X-Shopify-Access-Token": mock_shopify.TOKEN}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://s.test", headers=headers) as http:
        yield http


@pytest.fixture
def commerce(shopify_http: httpx.AsyncClient, vault: PlainVault, waits: Waits) -> ShopifyCommerce:
    """The real adapter over the mock shop."""
    client = ShopifyClient(http=shopify_http, patience=waits.patience())
    return ShopifyCommerce(client, vault=vault, clock=Clock(NOW))


@pytest.fixture
def till(commerce: ShopifyCommerce, vault: PlainVault) -> Till:
    """Actions of signed-in customers."""
    return Till(commerce, vault)


@pytest.fixture
async def zendesk_http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the mock Zendesk."""
    transport = httpx.ASGITransport(app=mock_zendesk.create_app(tmp_path / "desk.db"))
    auth = (f"{mock_zendesk.EMAIL}/token", mock_zendesk.TOKEN)
    async with httpx.AsyncClient(transport=transport, base_url="http://d.test", auth=auth) as http:
        yield http


@pytest.fixture
def helpdesk(zendesk_http: httpx.AsyncClient, vault: PlainVault, waits: Waits) -> ZendeskHelpdesk:
    """The real adapter over the mock helpdesk."""
    return ZendeskHelpdesk(zendesk_http, vault=vault, patience=waits.patience())
