"""The door for Prometheus that every role can have: what it answers, and what it does not put up with."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.ops.looking import Pings
from launch import scraped
from launch.scraped import bind_metrics, kept_scraped
from shared import metrics
from shared.errors import SettingsError, VaultDown
from shared.settings import Settings, read_settings
from tests.shop import free_port


async def _fine() -> None:
    pass


async def _down() -> None:
    raise VaultDown("the vault is sealed")


@asynccontextmanager
async def opened(pings: Pings | None = None) -> AsyncIterator[httpx.AsyncClient]:
    settings, registry = Settings(metrics_port=free_port()), CollectorRegistry()
    with metrics.counting(metrics.Meters(registry)):
        metrics.count(metrics.VENDOR_RETRIES, "zendesk")
    url = f"http://127.0.0.1:{settings.metrics_port}"
    async with (
        kept_scraped(bind_metrics(settings), pings or {}, registry),
        httpx.AsyncClient(base_url=url, timeout=20) as http,
    ):
        yield http


async def test_prometheus_gets_its_text() -> None:
    """In the format that its content type names."""
    async with opened() as http:
        answer = await http.get("/metrics?all=1")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'desk_vendor_retries_total{vendor="zendesk"} 1.0' in answer.text


async def test_an_orchestrator_learns_what_is_down() -> None:
    """Alive it is, ready it is not."""
    async with opened({"bus": _fine, "vault": _down}) as http:
        assert (await http.get("/health/live")).json() == {"status": "ok"}
        ready = await http.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"bus": "ok", "vault": "the vault is sealed"}


async def test_nothing_else_is_there() -> None:
    """No other path and no other method; HEAD has no body."""
    async with opened() as http:
        assert (await http.get("/console")).status_code == 404
        assert (await http.post("/metrics", content=b"x")).status_code == 405
        assert (await http.head("/metrics")).content == b""


@pytest.mark.parametrize("sent", [b"", b"GET /metrics", b"x" * 20_000, b"\xff\r\n\r\n"])
async def test_who_sends_nonsense_gets_no_metrics(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too slow, too long, no HTTP at all: hung up on, and the next one is served."""
    monkeypatch.setattr(scraped, "_SECONDS", 0.2)
    async with opened() as http:
        reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
        writer.write(sent)
        async with asyncio.timeout(20):
            assert b"desk_" not in await reader.read()
        writer.close()
        monkeypatch.setattr(scraped, "_SECONDS", 20)
        assert (await http.get("/health/live")).status_code == 200


async def test_there_are_not_more_than_it_can_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes on top is hung up on at once, and has a place when another has gone."""
    monkeypatch.setattr(scraped, "_MOST_AT_ONCE", 1)
    async with opened() as http:
        _, first = await asyncio.open_connection(http.base_url.host, http.base_url.port)
        reader, second = await asyncio.open_connection(http.base_url.host, http.base_url.port)
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        first.close()
        second.close()


def test_a_port_that_is_taken_is_said() -> None:
    """With the setting, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"METRICS_PORT={port}.*a METRICS_PORT of its own"):
            bind_metrics(Settings(metrics_port=port))


def test_without_a_port_nothing_listens() -> None:
    """0 is the default."""
    assert bind_metrics(Settings()) is None
    with pytest.raises(SettingsError, match=r"METRICS_PORT=70000.*65535"):
        read_settings(metrics_port=70_000)
