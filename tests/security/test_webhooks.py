"""Nobody but the vendors is heard at the webhooks' doors, and what they say of a person stays outside."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.errors import BusDown, SettingsError
from tests.security import webhook_vendors as v
from tests.security.webhook_vendors import Gateway, gateway

VENDORS = ("shopify", "zendesk")
SAMPLES = {"shopify": v.encoded(v.ORDER), "zendesk": v.happened("created")}
SIGNERS: dict[str, Any] = {"shopify": v.shopify, "zendesk": v.zendesk}
SIGNATURES = {"shopify": "X-Shopify-Hmac-Sha256", "zendesk": "X-Zendesk-Webhook-Signature"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    return Gateway(MemoryBus(), MemoryVault(), lambda: v.NOW, v.chosen(tmp_path_factory.mktemp("desk")))


@pytest.fixture
def desk(built: Gateway) -> Gateway:
    return v.fresh(built)


def stored(desk: Gateway) -> list[Any]:
    """Every event on the bus."""
    assert isinstance(desk.bus, MemoryBus)
    return [body for told in desk.bus._events.values() for body in told.values()]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def _cut(body: bytes, at: int) -> bytes:
    return body[: at % len(body)]


def _flip(body: bytes, at: int) -> bytes:
    where = at % len(body)
    return body[:where] + bytes([body[where] ^ 1]) + body[where + 1 :]


MUTATED = st.builds(
    lambda change, body, at: change(body, at),
    st.sampled_from(
        [_cut, _flip, lambda body, _: body + b" ", lambda body, _: body.decode().encode("utf-16")]
    ),
    st.sampled_from(list(SAMPLES.values())),
    st.integers(0, 10_000),
)


@pytest.mark.parametrize("vendor", VENDORS)
@given(body=st.one_of(st.binary(max_size=300), MUTATED), given_signature=st.binary(max_size=60) | st.none())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_not_signed_is_never_taken(
    vendor: str, body: bytes, given_signature: bytes | None, runner: asyncio.Runner, built: Gateway
) -> None:
    """Any bytes with the signature of others, or with any bytes for a signature: 401, and nothing stored."""
    headers = {name.encode(): value.encode() for name, value in SIGNERS[vendor](SAMPLES[vendor]).items()}
    if given_signature is not None:
        headers[SIGNATURES[vendor].encode()] = given_signature
    if body == SAMPLES[vendor] and given_signature is None:
        return
    answer = runner.run(built.post(vendor, body, list(headers.items())))
    assert answer.status_code == 401
    assert answer.json()["detail"] == "This is no webhook of ours."
    assert stored(built) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = st.sampled_from([*v.ORDER, *v.TICKET, "event", "time", "type"])


@pytest.mark.parametrize("vendor", VENDORS)
@given(field=PLACES, value=JSON)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_signed_is_never_a_crash(
    vendor: str, field: str, value: object, runner: asyncio.Runner, built: Gateway
) -> None:
    """Whatever stands in a field: 200, and what is on the bus keeps its contract, without a person."""
    whole = json.loads(SAMPLES[vendor])
    place = whole["detail"] if vendor == "zendesk" and field in v.TICKET else whole
    place[field] = value
    body = json.dumps(whole).encode()
    try:
        assert runner.run(built.post(vendor, body, SIGNERS[vendor](body))).status_code == 200
        for event in stored(built):
            wire = msgspec.json.encode(event)
            assert msgspec.json.decode(wire, type=type(event)) == event
            assert not [canary for canary in v.CANARIES if canary.encode() in wire]
    finally:
        v.fresh(built)


async def test_headers_that_readers_differ_about(tmp_path: Path) -> None:
    """A signature given twice, in another spelling of base64, or in letters beyond ASCII is none."""
    async with gateway(MemoryBus(), tmp_path) as desk:
        for vendor in VENDORS:
            body, name = SAMPLES[vendor], SIGNATURES[vendor]
            headers = list(SIGNERS[vendor](body).items())
            right = dict(headers)[name]
            others = [pair for pair in headers if pair[0] != name]
            loose = right[:-2] + chr(ord(right[-2]) ^ 1) + "="  # may differ only in bits that base64 drops
            for wrong in (
                [right, right],
                [right + "="],
                [right.rstrip("=")],
                [f" {right},{right}"],
                [loose],
                [],
            ):
                answer = await desk.post(vendor, body, others + [(name, each) for each in wrong])
                assert answer.status_code == 401
            raw = [(key.encode(), value.encode()) for key, value in others]
            for odd in ("ß".encode(), b"\xff" * 44, "ä=".encode("utf-16")):
                assert (await desk.post(vendor, body, [*raw, (name.encode(), odd)])).status_code == 401
            assert (await desk.post(vendor, body, headers)).status_code == 200
        assert len(stored(desk)) == 2
        lines = [line.deed for line in desk.vault.audit.lines]
        assert {(line.action, line.purpose) for line in lines} == {
            ("access_denied", "shopify webhook"), ("access_denied", "zendesk webhook"),
        }  # fmt: skip
        assert not [line for line in lines if "127.0.0.1" in str(line)]


async def test_every_secret_in_use_opens(tmp_path: Path) -> None:
    """While a secret is being changed old and new are good; afterwards the old one is not."""
    body = SAMPLES["shopify"]
    for configured, good in ((f"{v.SECRET},{v.OLD}", [v.SECRET, v.OLD]), (v.SECRET, [v.SECRET])):
        async with gateway(MemoryBus(), tmp_path, shopify_webhook_secret=configured) as desk:
            for secret in (v.SECRET, v.OLD, v.ZENDESK, ""):
                answer = await desk.post("shopify", body, v.shopify(body, secret=secret))
                assert answer.status_code == (200 if secret in good else 401)


@pytest.mark.parametrize("secret", ["short", f"{v.SECRET},short", ",".join([v.SECRET] * 6)])
async def test_a_weak_secret_stops_the_start(tmp_path: Path, secret: str) -> None:
    """The message names the setting and quotes no secret."""
    with pytest.raises(SettingsError, match="ZENDESK_WEBHOOK_SECRET") as raised:
        async with gateway(MemoryBus(), tmp_path, zendesk_webhook_secret=secret):
            pass
    assert v.SECRET not in str(raised.value)
    assert "short" not in str(raised.value)


async def test_without_a_secret_there_is_no_door(tmp_path: Path) -> None:
    """Not even for what an empty secret signs; without the shop's domain the start says what to set."""
    off: dict[str, Any] = {"shopify_webhook_secret": "", "zendesk_webhook_secret": " , "}
    async with gateway(MemoryBus(), tmp_path, **off) as desk:
        for vendor in VENDORS:
            answer = await desk.post(vendor, SAMPLES[vendor], SIGNERS[vendor](SAMPLES[vendor], secret=""))
            assert answer.status_code == 404
            assert f"{vendor.upper()}_WEBHOOK_SECRET" in answer.json()["detail"]
        assert stored(desk) == []
    for domain in ("", f"https://{v.SHOP}", "shop name"):
        with pytest.raises(SettingsError, match="SHOPIFY_SHOP_DOMAIN"):
            async with gateway(MemoryBus(), tmp_path, shopify_shop_domain=domain):
                pass
    async with gateway(
        MemoryBus(), tmp_path, shopify_shop_domain="", commerce_url=f"https://{v.SHOP}"
    ) as desk:
        body = SAMPLES["shopify"]
        assert (await desk.post("shopify", body, v.shopify(body))).status_code == 200


@pytest.mark.parametrize(
    ("shop", "status"), [(v.SHOP, 200), (v.SHOP.upper(), 200), ("evil.myshopify.com", 401), ("", 401)]
)
async def test_another_shop_is_refused(desk: Gateway, shop: str, status: int) -> None:
    """One app's secret signs for every shop that installed it."""
    body = SAMPLES["shopify"]
    assert (await desk.post("shopify", body, v.shopify(body, shop=shop))).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
    ],
)
async def test_forms_we_do_not_read(desk: Gateway, headers: dict[str, str], status: int) -> None:
    """No other type, and nothing that has to be unpacked."""
    body = SAMPLES["zendesk"]
    assert (await desk.post("zendesk", body, v.zendesk(body) | headers)).status_code == status


async def test_size_is_bounded(desk: Gateway) -> None:
    """A large order comes in; over a megabyte nothing is read on, signed or not."""
    large = v.encoded(v.ORDER | {"line_items": [{"title": "Tent"}] * 30_000})
    assert 500_000 < len(large) < 1_000_000
    assert (await desk.post("shopify", large, v.shopify(large))).json() == {"status": "stored"}
    larger = large + b" " * 600_000
    assert (await desk.post("shopify", larger, v.shopify(larger))).status_code == 413
    assert len(stored(desk)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":1,' + v.encoded(v.ORDER)[1:],
        b'{"more":' + b"[" * 40 + b"]" * 40 + b"," + v.encoded(v.ORDER)[1:],
        b'{"more":NaN,' + v.encoded(v.ORDER)[1:],
        b"[" * 100_000,
        v.encoded(v.ORDER).decode().encode("utf-16"),
        b"\xef\xbb\xbf" + v.encoded(v.ORDER),
        v.encoded(v.ORDER | {"total_price": f"52.90 {v.CANARIES[0]}"}),
        v.encoded(v.ORDER | {"customer": {"id": v.CANARIES[2]}}),
        v.encoded(v.ORDER | {"shop_domain": "evil.myshopify.com"}),
        b"",
    ],
)
async def test_what_cannot_be_read_is_told_without_its_content(desk: Gateway, body: bytes) -> None:
    """Shopify drops a subscription that keeps failing: 200, and operators hear where it went wrong."""
    assert (await desk.post("shopify", body, v.shopify(body))).json() == {"status": "unreadable"}
    (told,) = stored(desk)
    assert isinstance(told, c.WebhookUnreadable)
    assert (told.topic, told.size) == ("orders/create", len(body))
    assert not [canary for canary in v.CANARIES if canary in str(told)]


async def test_topics_we_do_not_use(desk: Gateway) -> None:
    """Answered well, counted, dropped."""
    before = [desk.counted(vendor, "unused") for vendor in VENDORS]
    body = SAMPLES["shopify"]
    for topic in ("orders/updated", "app/uninstalled", "../orders/create", "orders/create\x00", ""):
        answer = await desk.post("shopify", body, v.shopify(body, topic.replace("\x00", " x")))
        assert answer.json() == {"status": "unused"}
    for other in (v.happened("subject_changed"), b'{"ticket": "Zephyrine"}', b"no JSON at all"):
        assert (await desk.post("zendesk", other, v.zendesk(other))).json() == {"status": "unused"}
    after = [desk.counted(vendor, "unused") for vendor in VENDORS]
    assert [now - then for now, then in zip(after, before, strict=True)] == [5, 3]
    assert stored(desk) == []


class BusAway(MemoryBus):
    """Does not take anything: with an error, or by never coming back."""

    def __init__(self, *, hangs: bool) -> None:
        super().__init__()
        self.hangs = hangs

    async def publish(self, event: c.Event[c.Body], body: c.Body, *, key: str) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        raise BusDown("no server")


@pytest.mark.parametrize("hangs", [True, False])
async def test_what_cannot_be_stored_is_sent_again(
    tmp_path: Path, hangs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 before the vendor hangs up, with a wait that Zendesk accepts (under a minute)."""
    monkeypatch.setattr("gateway.webhooks.routes._DEADLINE_SECONDS", 0.05)
    async with gateway(BusAway(hangs=hangs), tmp_path) as desk:
        for vendor in VENDORS:
            answer = await desk.post(vendor, SAMPLES[vendor], SIGNERS[vendor](SAMPLES[vendor]))
            assert answer.status_code == 503
            assert 0 < int(answer.headers["retry-after"]) < 60
            assert desk.counted(vendor, "unavailable") == 1


async def test_no_customer_passes_while_the_vault_is_down(tmp_path: Path) -> None:
    """An order is sent again later; stock, which is nobody's, passes."""
    stock = v.encoded(
        {"inventory_item_id": 1, "location_id": 2, "available": 3, "updated_at": "2026-11-21T12:00:00Z"}
    )
    async with gateway(MemoryBus(), tmp_path, vault=MemoryVault(down="no key")) as desk:
        body = SAMPLES["shopify"]
        assert (await desk.post("shopify", body, v.shopify(body))).status_code == 503
        assert (await desk.post("shopify", stock, v.shopify(stock, "inventory_levels/update"))).is_success
        assert [type(event) for event in stored(desk)] == [c.ShopStockChanged]
