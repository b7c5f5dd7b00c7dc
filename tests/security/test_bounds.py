"""Requests that are too large, too slow, too clever or not meant for us end in a problem document."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway import bounds
from launch import protocol
from tests.security.gate import JSON, gate, said, served

CHAT = b"POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[FastAPI]:
    async with gate(tmp_path) as app:
        yield app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080"
    ) as client:
        yield client


@pytest.fixture
async def port(app: FastAPI) -> AsyncIterator[int]:
    async with served(app) as port:
        yield port


def problem(answer: bytes) -> tuple[int, str]:
    """Status and kind of a raw answer, which must be a sealed problem document."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower(), answer[:500]
    assert b"content-security-policy: " in head.lower()
    assert b"\nserver:" not in head.lower()
    return int(head.split()[1]), str(json.loads(body)["type"])


@pytest.mark.parametrize(
    ("headers", "body", "status", "kind"),
    [
        ({"Content-Type": "text/plain"}, b'{"message": "hi"}', 415, "content-type"),
        ({"Content-Type": "application/xml"}, b"<a/>", 415, "content-type"),
        ({}, b'{"message": "hi"}', 415, "content-type"),
        ({**JSON, "Content-Encoding": "gzip"}, b"\x1f\x8b\x08", 415, "content-encoding"),
        ({**JSON, "Content-Encoding": "identity"}, b'{"message": "hi"}', 202, ""),
        ({"Content-Type": "application/json; charset=utf-8"}, b'{"message": "hi"}', 202, ""),
        (JSON, b"[" * 60_000, 400, ""),
        (JSON, b'{"a":' * 12_000, 400, ""),
        (JSON, b'{"message": ' + b"9" * 60_000 + b"}", 400, ""),
        (JSON, b'{"message": 1e999999}', 422, ""),
        (JSON, b'{"message": NaN}', 422, ""),
        (JSON, b" " * 65_537, 413, "too-large"),
    ],
)
async def test_bodies(
    http: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int, kind: str
) -> None:
    """Types, encodings, depth bombs and sizes."""
    answer = await http.post("/v1/chat", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 4000
        assert kind in answer.json()["type"]


@pytest.mark.parametrize(
    ("raw", "status", "kind"),
    [
        (CHAT + b"Content-Length: 9999999\r\n\r\n{", 413, "too-large"),
        (CHAT + b"Content-Length: 99999999999999999999999999\r\n\r\n{", 400, "bad-request"),
        (CHAT + b"Content-Length: -1\r\n\r\n", 400, "bad-request"),
        (CHAT + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "bad-request"),
        (CHAT + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400, ""),
        (CHAT + b"Origin: a\r\nOrigin: b\r\nContent-Length: 2\r\n\r\n{}", 400, "duplicate-header"),
        (CHAT + b"Host: other\r\nContent-Length: 2\r\n\r\n{}", 400, "duplicate-header"),
        (CHAT + b"X: a\rb\r\nContent-Length: 2\r\n\r\n{}", 400, "bad-request"),
        (CHAT + CHUNKED + b"zz\r\n", 400, "bad-request"),
        (CHAT + CHUNKED + b"ffff\r\n" + b" " * 0xFFFF + b"\r\n5\r\n     \r\n", 413, "too-large"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 40_000, 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: a\r\n" * 101 + b"\r\n", 431, "headers-too-large"),
        (b"GET /" + b"a" * 40_000, 431, "headers-too-large"),
        (b"\x16\x03\x01 this is TLS\r\n\r\n", 400, "bad-request"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "unknown-host"),
    ],
)  # fmt: skip
async def test_raw_requests(port: int, raw: bytes, status: int, kind: str) -> None:
    """What no client library sends: lies about length, two lengths, endless heads, no HTTP at all."""
    answer = await said(port, raw, until=lambda heard: heard.count(b"}") > 0)
    found, said_kind = problem(answer)
    assert found == status, answer
    assert kind in said_kind


async def test_a_trailer_is_no_header(port: int) -> None:
    """What follows a chunked body could name a customer after the headers were checked."""
    body = b'{"message": "hi"}'
    raw = CHAT + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nAuthorization: Bearer x.y.z\r\n\r\n"
    answer = await said(port, raw % (len(body), body), until=lambda heard: b"turn_id" in heard)
    assert answer.startswith(b"HTTP/1.1 202"), "401 would mean that the trailer was read as a token"


async def test_slow_requests_are_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head, and a body, of a byte now and then; a connection that says nothing."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.6)
    monkeypatch.setattr(bounds, "BODY_SECONDS", 0.3)
    head, body, silent, endless = await asyncio.gather(
        said(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "),
        said(port, CHAT + b"Content-Length: 100\r\n\r\n{"),
        said(port),
        said(port, CHAT + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"),
    )
    assert problem(head) == (408, "/problems/too-slow")
    assert problem(body) == (408, "/problems/too-slow")
    assert problem(endless) == (408, "/problems/too-slow")
    assert silent == b""


async def test_a_body_nobody_reads_ends_too(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A route that answers without its body would else leave the connection to whoever trickles on."""
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.3)
    raw = b"POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + CHUNKED
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def trickle() -> None:
        writer.write(raw)
        with suppress(ConnectionError):
            while True:
                writer.write(b"1\r\n{\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)

    trickling = asyncio.create_task(trickle())
    try:
        answer = await reader.readuntil(b"}")
        async with asyncio.timeout(30):
            with suppress(ConnectionError):
                assert await reader.read() == b""
    finally:
        trickling.cancel()
        writer.close()
    assert problem(answer)[0] == 404


HOSTS = [
    ("127.0.0.1:8080", 200),
    ("localhost", 200),
    ("[::1]:8080", 200),
    ("help.example.com", 200),
    ("HELP.example.com:443", 200),
    ("evil.example", 400),
    ("127.0.0.1.evil.example", 400),
    ("help.example.com.evil.example", 400),
    ("localhost:8080@evil.example", 400),
    ("localhost:80:80", 400),
    ("", 400),
]


async def test_only_our_own_names_are_answered(tmp_path: Path) -> None:
    """A page that rebinds its name to 127.0.0.1 still sends its own name."""
    async with gate(tmp_path, allowed_hosts="help.example.com") as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            for host, status in HOSTS:
                assert (await http.get("/docs", headers={"Host": host})).status_code == status, host
                assert (await http.get("/health/live", headers={"Host": host})).status_code == 200


OUTSIDE = [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/%2e%2e%2fapp.py", "/static/..%5capp.py",
        "/static/%5c..%5capp.py", "/static/x%00.js", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
        "/static/", "/static", "/static-offline-docs/%2e%2e/core.py", "/v1/conversations/%00",
        "/v1/conversations/a%0d%0aSet-Cookie:%20x", "/static/%252e%252e/app.py", "/static/" + "a" * 5000,
]  # fmt: skip


async def test_paths_stay_inside(port: int) -> None:
    """Dots, backslashes, NUL and line breaks, plain and encoded: nothing but 404."""
    for path in OUTSIDE:
        raw = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        answer = await said(port, raw.encode())
        assert problem(answer)[0] == 404, path
        assert b"set-cookie" not in answer.partition(b"\r\n\r\n")[0].lower()


async def test_no_route_sees_a_path_that_climbs(app: FastAPI, port: int) -> None:
    """Starlette's files guard themselves; the next route that takes a path need not."""

    @app.get("/files/{rest:path}")
    async def files(rest: str) -> str:
        return rest

    for path, status in {"a/b": 200, "%2e%2e/b": 404, "a/%2e%2e": 404, "..%5cb": 404, "a%00b": 404}.items():
        raw = f"GET /files/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        assert (await said(port, raw.encode())).startswith(f"HTTP/1.1 {status}".encode()), path


async def test_methods_and_unknown_parameters(http: httpx.AsyncClient) -> None:
    """405 says what is allowed; a parameter nobody knows changes nothing."""
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        answer = await http.request(method, "/v1/chat")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await http.get("/docs?utm_source=x&__proto__=1&a[]=2")).status_code == 200


async def test_errors_never_repeat_much_of_what_was_sent(http: httpx.AsyncClient) -> None:
    """A thousand unknown fields, a name of 30 KB, control characters."""
    fields = {f"f{number}\x1b[31m\u202e": 1 for number in range(1000)}
    for body in (fields, {"x" * 30_000: 1}, {"message": "hi", "locale": "\x1b[31m\u0000x"}):
        answer = await http.post("/v1/chat", json=body)
        assert answer.status_code == 422
        assert len(answer.content) < 4000
        assert "\x1b" not in json.loads(answer.content)["detail"]
        assert b"\\u001b" not in answer.content
        assert "\u202e" not in answer.text


async def test_streams_and_chat_stay_small_in_number(app: FastAPI, port: int) -> None:
    """More connections than there is room for are told so, under the same headers."""
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
    try:
        answer = await said(port, b"GET /docs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    finally:
        for _, writer in held:
            writer.close()
    assert problem(answer) == (503, "/problems/full")
