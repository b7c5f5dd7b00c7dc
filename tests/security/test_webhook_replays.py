"""A webhook counts once: across gateways, across restarts, within the window and after it."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import nats
import pytest

from gateway.webhooks.bodies import STALE_SECONDS
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.server import embedded_server
from tests.security import webhook_vendors as v
from tests.security.webhook_vendors import gateway

ORDER, TICKET = v.encoded(v.ORDER), v.happened("comment_added", {"comment": {"body": v.CANARIES[1]}})
PERSON = v.encoded(v.PERSON)
UNREADABLE = v.encoded(v.ORDER | {"id": v.CANARIES[2]})


def _deliveries(try_: int) -> list[tuple[str, bytes, dict[str, str]]]:
    """Everything once more, as a vendor's retry or a replay differs: ids of the headers, Zendesk's time."""
    event = f"e-{try_}"
    return [
        ("shopify", ORDER, v.shopify(ORDER, event=event)),
        ("shopify", ORDER, v.shopify(ORDER, "orders/paid", event=event)),
        ("shopify", PERSON, v.shopify(PERSON, "customers/update", event=event)),
        ("shopify", UNREADABLE, v.shopify(UNREADABLE, event=event)),
        ("zendesk", TICKET, v.zendesk(TICKET, at=v.NOW + try_)),
    ]


async def _events(url: str) -> int:
    client = await nats.connect(url)
    try:
        info = await client.jetstream().stream_info("EVENTS")
        return int(info.state.messages)
    finally:
        await client.close()


async def test_once_over_two_gateways_and_a_restart(tmp_path: Path) -> None:
    """Each of five deliveries is one event, however often and wherever it comes; no byte is personal."""
    binary = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/opt/homebrew/bin")
    assert binary, "nats-server is not installed: apt or brew install nats-server"
    streams, vault = tmp_path / "nats", MemoryVault()
    for run in range(2):
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(embedded_server(streams, binary))
            desks = [
                await stack.enter_async_context(
                    gateway(await stack.enter_async_context(open_bus(url, name=name)), tmp_path, vault=vault)
                )
                for name in ("one", "two")
            ]
            sent = [
                desk.post(*delivery)
                for try_ in range(3)
                for desk in desks
                for delivery in _deliveries(10 * run + try_)
            ]
            answers = await asyncio.gather(*sent)
            assert {answer.status_code for answer in answers} == {200}
            assert await _events(url) == 5
    kept = b"".join(path.read_bytes() for path in streams.rglob("*") if path.is_file())
    assert kept.count(b"shopify.orders.created.v1") > 0
    personal = (*v.CANARIES, str(v.CUSTOMER), str(v.TICKET["assignee_id"]), v.SECRET, v.OLD, v.ZENDESK)
    assert not [each for each in personal if each.encode() in kept]


@pytest.mark.parametrize(
    ("skew", "status"), [(0, 200), (299, 200), (-299, 200), (301, 401), (-301, 401), (86400 * 8, 401)]
)
async def test_zendesks_time_is_signed(tmp_path: Path, skew: float, status: int) -> None:
    """Clocks may differ by five minutes; what was signed earlier or later is refused, new or replayed."""
    async with gateway(MemoryBus(), tmp_path) as desk:
        answer = await desk.post("zendesk", TICKET, v.zendesk(TICKET, at=v.NOW + skew))
        assert answer.status_code == status
        moved = v.zendesk(TICKET, at=v.NOW + 400) | {
            "X-Zendesk-Webhook-Signature-Timestamp": v.stamped(v.NOW)
        }
        assert (await desk.post("zendesk", TICKET, moved)).status_code == 401


@pytest.mark.parametrize(
    "stamp", ["", "1795262400", "2026-11-21", "2026-02-31T00:00:00Z", "2026-11-21T12:00:00+00:00"]
)
async def test_times_zendesk_does_not_write(tmp_path: Path, stamp: str) -> None:
    """Signed or not, a time in another form is none."""
    async with gateway(MemoryBus(), tmp_path) as desk:
        headers = v.zendesk(TICKET) | {
            "X-Zendesk-Webhook-Signature-Timestamp": stamp,
            "X-Zendesk-Webhook-Signature": v.signature(v.ZENDESK, stamp.encode() + TICKET),
        }
        assert (await desk.post("zendesk", TICKET, headers)).status_code == 401


async def test_the_window_is_a_setting(tmp_path: Path) -> None:
    """Narrower, where clocks are good."""
    async with gateway(MemoryBus(), tmp_path, webhook_window_seconds=10) as desk:
        for skew, status in ((9, 200), (11, 401)):
            assert (
                await desk.post("zendesk", TICKET, v.zendesk(TICKET, at=v.NOW - skew))
            ).status_code == status


@pytest.mark.parametrize(
    ("after", "status"),
    [(4 * 3600, 200), (STALE_SECONDS - 60, 200), (STALE_SECONDS, 401), (60 * 86400.0, 401)],
)
async def test_shopifys_body_says_its_age(tmp_path: Path, after: float, status: int) -> None:
    """All its retries come in; what the bus may have forgotten is too old, whatever the headers say."""
    now = {"X-Shopify-Triggered-At": v.stamped(v.NOW + after)}
    for topic, body in (("orders/create", ORDER), ("customers/update", PERSON)):
        async with gateway(MemoryBus(), tmp_path, now=lambda: v.NOW + after) as desk:
            answer = await desk.post("shopify", body, v.shopify(body, topic) | now)
            assert answer.status_code == status
            assert desk.counted("shopify", "stored" if status == 200 else "refused") == 1
            assert len(await desk.vault.conversations(str(v.CUSTOMER))) == (status == 200)


async def test_an_erased_customers_events_go_with_their_conversations(tmp_path: Path) -> None:
    """`events-...` is among the conversations of the customer, and what carries it leaves the stream."""
    bus, vault = MemoryBus(), MemoryVault()
    async with gateway(bus, tmp_path, vault=vault) as desk:
        for delivery in _deliveries(0):
            await desk.post(*delivery)
        places = await vault.conversations(str(v.CUSTOMER))
        assert (await bus.erase(places))["events"] == 3
        assert await vault.forget(str(v.CUSTOMER)) == 1
    left: list[Any] = [body for kept in bus._events.values() for body in kept.values()]
    assert len(left) == 2
    assert "TOKEN_" not in str(left)
