"""Vendors that fail, lie or are silent are one clear error, and tried again while it may pass."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_apis import shopify as mock_shopify
from mock_apis.shopify_cost import Bucket
from shared.adapters.shopify import ShopifyCommerce, open_commerce
from shared.adapters.shopify_client import ShopifyClient
from shared.adapters.vendor_http import Patience, persist
from shared.adapters.zendesk import ZendeskHelpdesk
from shared.errors import VendorDown, VendorRefused
from tests.clock import Clock

from .vendors import NOW, TALK, PlainVault, Waits, hand_over

Ask = Callable[[], Awaitable[object]]


@pytest.fixture(params=["shopify", "zendesk"])
def either(
    request: pytest.FixtureRequest,
    commerce: ShopifyCommerce,
    helpdesk: ZendeskHelpdesk,
    shopify_http: httpx.AsyncClient,
    zendesk_http: httpx.AsyncClient,
    vault: PlainVault,
) -> tuple[Ask, httpx.AsyncClient]:
    """One question to each vendor, and its client."""
    if request.param == "shopify":
        return lambda: commerce.order_proved("1001", conversation_id=TALK), shopify_http

    async def ticket() -> str:
        return await helpdesk.open_ticket(await hand_over(vault), transcript=[])

    return ticket, zendesk_http


async def _break(http: httpx.AsyncClient, **fault: Any) -> None:
    assert (await http.post("/__mock__/fault", json=fault)).status_code == 201


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_passing_trouble_passes(
    either: tuple[Ask, httpx.AsyncClient], waits: Waits, status: int
) -> None:
    """Two failures are tried over, with growing waits."""
    ask, http = either
    await _break(http, status=status, times=3)
    await ask()
    assert waits.asked
    assert waits.asked[-1] > 0


@pytest.mark.parametrize("body", ["garbage", "empty"])
@pytest.mark.parametrize("status", [500, 200])
async def test_lasting_trouble_is_vendor_down(
    either: tuple[Ask, httpx.AsyncClient], waits: Waits, status: int, body: str
) -> None:
    """A vendor that fails or answers garbage until the deadline is `VendorDown`, within that deadline."""
    ask, http = either
    await _break(http, status=status, body=body)
    with pytest.raises(VendorDown, match=r"answered (500|garbage)"):
        await ask()
    assert sum(waits.asked) < 6


async def test_waits_as_long_as_told(either: tuple[Ask, httpx.AsyncClient], waits: Waits) -> None:
    """A Retry-After is respected when it fits the deadline."""
    ask, http = either
    await _break(http, status=429, times=2, retry_after=1.5)
    await ask()
    assert 1.5 in waits.asked


async def test_tells_when_to_come_back(either: tuple[Ask, httpx.AsyncClient], waits: Waits) -> None:
    """A Retry-After beyond the deadline is not waited for: the error carries it."""
    ask, http = either
    await _break(http, status=429, retry_after=90)
    with pytest.raises(VendorDown) as caught:
        await ask()
    assert (caught.value.retry_after, waits.asked) == (90, [])
    assert caught.value.retry is True


async def test_silence_is_vendor_down(shopify_http: httpx.AsyncClient, vault: PlainVault) -> None:
    """A vendor that does not answer is given up after the attempt's and the call's time."""
    client = ShopifyClient(http=shopify_http, patience=Patience(deadline_s=0.15, attempt_s=0.05))
    shop = ShopifyCommerce(client, vault=vault, clock=Clock(NOW))
    await _break(shopify_http, status=None, delay_ms=5000)
    with pytest.raises(VendorDown, match=r"no answer in 0\.05 s"):
        await shop.order_proved("1001", conversation_id=TALK)


async def test_no_connection_is_vendor_down(waits: Waits, vault: PlainVault) -> None:
    """A refused connection is `VendorDown`, over real HTTP."""
    async with open_commerce(
        "http://127.0.0.1:9",
        token="t",
        vault=vault,
        clock=Clock(NOW),
        patience=waits.patience(deadline_s=1),
    ) as shop:
        with pytest.raises(VendorDown, match="no connection: ConnectError"):
            await shop.order_proved("1001", conversation_id=TALK)


async def test_ping_is_one_question(
    commerce: ShopifyCommerce, helpdesk: ZendeskHelpdesk, waits: Waits,
    shopify_http: httpx.AsyncClient, zendesk_http: httpx.AsyncClient,
) -> None:  # fmt: skip
    """A ping tells trouble at once, without trying again, and is silent when all is well."""
    for port, http in ((commerce, shopify_http), (helpdesk, zendesk_http)):
        await port.ping()
        await _break(http, status=500, times=1)
        with pytest.raises(VendorDown):
            await port.ping()
        await port.ping()
    assert waits.asked == []


async def test_wrong_credentials_are_refused_once(
    either: tuple[Ask, httpx.AsyncClient], waits: Waits
) -> None:
    """Wrong credentials are `VendorRefused` with the remedy, and not tried again."""
    ask, http = either
    await _break(http, status=401)
    with pytest.raises(VendorRefused, match="check the credentials in the settings"):
        await ask()
    assert waits.asked == []


async def test_a_wrong_version_is_refused(
    shopify_http: httpx.AsyncClient, vault: PlainVault, waits: Waits
) -> None:
    """An API version the shop does not have is `VendorRefused`, naming it."""
    client = ShopifyClient(http=shopify_http, patience=waits.patience(), version="2031-01")
    shop = ShopifyCommerce(client, vault=vault, clock=Clock(NOW))
    with pytest.raises(VendorRefused, match="404: check the shop's address and the API version 2031-01"):
        await shop.ping()


async def test_throttling_waits_for_the_bucket(shop_file: Path, vault: PlainVault, waits: Waits) -> None:
    """A THROTTLED answer (status 200) is waited out as long as the bucket needs."""
    bucket = Bucket(maximum=120, restore=50, clock=waits.now)
    app = mock_shopify.create_app(shop_file, bucket=bucket)
    headers = {"X-Shopify-Access-Token": mock_shopify.TOKEN}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://s.test", headers=headers) as http:
        client = ShopifyClient(http=http, patience=waits.patience())
        shop = ShopifyCommerce(client, vault=vault, clock=Clock(NOW))
        for _ in range(12):
            assert await shop.order_proved("1001", conversation_id=TALK)
    assert waits.asked
    assert max(waits.asked) < 2


async def test_errors_hold_no_personal_data(
    commerce: ShopifyCommerce, vault: PlainVault, shopify_http: httpx.AsyncClient
) -> None:
    """What a failing vendor sends back, and what we asked it, is not in the error."""
    email = await vault.token("emma.johnson@example.com", conversation_id=TALK, owner="o")
    for status, body in ((500, "error"), (200, "garbage")):
        await _break(shopify_http, status=status, body=body)
        with pytest.raises(VendorDown) as caught:
            await commerce.order_by_proof("1005", email=email, conversation_id=TALK)
        seen = f"{caught.value!r} {caught.value.__cause__!r}"
        assert "emma" not in seen
        assert "upstream" not in seen


async def test_backs_off(waits: Waits) -> None:
    """Waits double from 0.1 s to 2 s, with jitter, and stop before the deadline."""

    async def fail() -> None:
        raise VendorDown("v", "down")

    with pytest.raises(VendorDown):
        await persist(fail, vendor="v", patience=waits.patience(deadline_s=10))
    tops = [min(0.1 * 2**n, 2) for n in range(len(waits.asked))]
    assert len(tops) > 6
    assert all(top / 2 <= asked <= top for asked, top in zip(waits.asked, tops, strict=True))
    assert sum(waits.asked) < 10
