"""Every response carries the security headers; origins, proxies and names are believed by list only."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.auth import demo_token
from gateway.doors import doors, group_of
from gateway.headers import secured
from shared.errors import SettingsError
from shared.settings import Settings, read_settings
from tests.security.gate import JSON, SECRET, gate, token

TEXT = "a customer's text"
SHOP = "https://shop.example.com"
ALWAYS = {
    "content-security-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
    "permissions-policy", "referrer-policy", "x-content-type-options", "x-frame-options", "cache-control",
}  # fmt: skip


@asynccontextmanager
async def client(
    folder: Path, *, peer: str = "203.0.113.9", **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    async with gate(folder, **settings) as app:

        @app.get("/broken")
        async def broken() -> None:
            raise RuntimeError(TEXT)

        transport = httpx.ASGITransport(app, client=(peer, 1234), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            yield http


REQUESTS = [
    ("GET", "/", 200), ("GET", "/docs", 200), ("GET", "/openapi.json", 200), ("GET", "/metrics", 200),
    ("GET", "/health/live", 200), ("GET", "/favicon.ico", 200), ("GET", "/static/widget.js", 200),
    ("GET", "/static/shop.css", 200), ("GET", "/static-offline-docs/swagger-ui.css", 200),
    ("GET", "/nowhere", 404), ("PUT", "/v1/chat", 405), ("POST", "/v1/chat", 422), ("GET", "/broken", 500),
    ("GET", "/console/queue", 401), ("GET", "/v1/conversations/c-1", 404), ("GET", "/static/../x", 404),
]  # fmt: skip


async def test_every_response_is_sealed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Pages, files, API, documentation, metrics, and errors of every layer."""
    async with client(tmp_path, peer="127.0.0.1") as http:
        for method, path, status in REQUESTS:
            url = httpx.URL("http://127.0.0.1", raw_path=path.encode())
            answer = await http.request(method, url, content=b"{}" if method == "POST" else b"", headers=JSON)
            assert answer.status_code == status, path
            assert set(answer.headers) >= ALWAYS, path
            assert not {"server", "x-powered-by"} & set(answer.headers)
            policy = answer.headers["content-security-policy"]
            assert "unsafe" not in policy, path
            assert "frame-ancestors 'none'" in policy
            assert "object-src 'none'" in policy
            shared = "cross-origin" if path == "/static/widget.js" else "same-origin"
            assert answer.headers["cross-origin-resource-policy"] == shared
            kept = answer.headers["cache-control"]
            file = status == 200 and (path == "/" or path.startswith("/static"))
            assert kept == ("no-cache" if file else "no-store"), path
            assert "strict-transport-security" not in answer.headers
            assert TEXT not in answer.text
            assert not re.search(r"uvicorn|starlette|python/\d", f"{answer.headers}", re.IGNORECASE)
    assert "in broken" in caplog.text, "where it broke is logged"
    assert TEXT not in caplog.text


async def test_what_customers_get_is_not_kept(tmp_path: Path) -> None:
    """An answer, a token and a stored conversation stay out of every cache."""
    async with client(tmp_path) as http:
        answer = await http.post("/v1/chat", json={"message": "hello"})
        assert answer.headers["cache-control"] == "no-store"
        conversation = answer.json()["conversation_id"]
        read = await http.get(f"/v1/conversations/{conversation}", headers=token(conversation))
        assert read.headers["cache-control"] == "no-store"


async def test_https_is_insisted_on_only_where_it_is_spoken(tmp_path: Path) -> None:
    """By PUBLIC_URL, or by what a trusted proxy says; what a stranger says counts for nothing."""
    said = {"X-Forwarded-Proto": "https"}
    async with client(tmp_path, public_url="HTTPS://help.example.com/") as http:
        assert "strict-transport-security" in (await http.get("/nowhere")).headers
    async with client(tmp_path, trusted_proxies="203.0.113.0/24") as http:
        assert "strict-transport-security" in (await http.get("/", headers=said)).headers
        assert "strict-transport-security" not in (await http.get("/")).headers
    async with client(tmp_path) as http:
        assert "strict-transport-security" not in (await http.get("/", headers=said)).headers


def test_no_value_starts_a_header_of_its_own() -> None:
    """Whatever a route echoes into a header stays in that header."""
    made = secured([(b"location", b"/x\r\nSet-Cookie: a=b\0")], "/", https=False)
    assert (b"location", b"/x  Set-Cookie: a=b ") in made


async def test_listed_origins_may_use_the_api_and_no_others(tmp_path: Path) -> None:
    """Exact origins; nothing is reflected, no credentials, and caches are told that answers differ."""
    async with client(tmp_path, cors_origins=f"{SHOP}, http://localhost:3000") as http:
        for path in ("/v1/chat", "/static/widget.js"):
            method = "POST" if path == "/v1/chat" else "GET"
            for origin in (SHOP, "http://localhost:3000"):
                answer = await http.request(method, path, headers={"Origin": origin})
                assert answer.headers["access-control-allow-origin"] == origin
                assert answer.headers["vary"] == "Origin"
                assert "access-control-allow-credentials" not in answer.headers
            for origin in ("https://evil.example", f"{SHOP}.evil.example", "null", "https://shop.example.com:444",
                           "http://shop.example.com", "https://SHOP.example.com"):  # fmt: skip
                answer = await http.request(method, path, headers={"Origin": origin})
                assert not [name for name in answer.headers if name.startswith("access-control")], origin
                assert answer.headers["vary"] == "Origin"
        for path in ("/console/queue", "/demo/customers", "/metrics", "/"):
            answer = await http.get(path, headers={"Origin": SHOP})
            assert "access-control-allow-origin" not in answer.headers


async def test_a_preflight_is_answered_and_cached(tmp_path: Path) -> None:
    """The widget's headers are allowed; another site is told no."""
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    async with client(tmp_path, cors_origins=SHOP) as http:
        answer = await http.options("/v1/chat", headers={"Origin": SHOP, **ask})
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert int(answer.headers["access-control-max-age"]) >= 600
        allowed = set(answer.headers["access-control-allow-headers"].split(", "))
        assert allowed == {"authorization", "content-type", "last-event-id", "x-conversation-token"}
        other = await http.options("/v1/chat", headers={"Origin": "https://evil.example", **ask})
        assert other.status_code == 403
        assert "access-control-allow-origin" not in other.headers
    async with client(tmp_path) as http:
        none = await http.options("/v1/chat", headers={"Origin": SHOP, **ask})
        assert none.status_code == 403


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("cors_origins", "*", "wildcard"),
        ("cors_origins", "https://*.example.com", "wildcard"),
        ("cors_origins", "https://shop.example.com/", "leave out path"),
        ("cors_origins", "https://shop.example.com/help", "leave out path"),
        ("cors_origins", "http://shop.example.com", "loopback"),
        ("cors_origins", "https://shop.example.com:443", "leave out :443"),
        ("cors_origins", "https://user@shop.example.com", "user"),
        ("cors_origins", "shop.example.com", "https://"),
        ("cors_origins", "null", "https://"),
        ("cors_origins", "https://shöp.example", "xn--"),
        ("cors_origins", "https://shop.example.com:x", "CORS_ORIGINS='https://shop.example.com:x'"),
        ("allowed_hosts", "*.example.com", "exact names"),
        ("allowed_hosts", "https://help.example.com", "exact names"),
        ("allowed_hosts", "help.example.com:443", "exact names"),
        ("trusted_proxies", "10.0.0.0/99", "TRUSTED_PROXIES='10.0.0.0/99'"),
        ("trusted_proxies", "0.0.0.0/0", "that is everybody"),
        ("trusted_proxies", "10.0.0.1,::/0", "that is everybody"),
        ("trusted_proxies", "10.0.0.1/8", "host bits"),
        ("public_url", "https://help.example.com/desk", "leave out path"),
        ("public_url", "http://desk.lan", "http is for loopback only"),
    ],
)
def test_a_wrong_list_stops_the_start(name: str, value: str, says: str) -> None:
    """Name, value and what is expected."""
    with pytest.raises(SettingsError) as error:
        doors(read_settings(**{name: value}))
    assert says in str(error.value)
    assert name.upper() in str(error.value)


@pytest.mark.parametrize(
    ("peer", "written", "found"),
    [
        ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"),  # no proxy of ours: its header is hearsay
        ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6, 1.1.1.1, 10.0.0.2"], "1.1.1.1"),  # what the client wrote stands further left
        ("10.0.0.1", ["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["6.6.6.6, junk, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["1.1.1.1:5555"], "1.1.1.1"),
        ("10.0.0.1", ["[2001:db8::1]:5555"], "2001:db8::1"),
        ("10.0.0.1", ["::ffff:1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
    ],
)
def test_the_address_is_the_right_most_that_is_no_proxy(peer: str, written: list[str], found: str) -> None:
    """Nobody chooses the address that limits count."""
    known = doors(Settings(trusted_proxies="10.0.0.0/8"))
    headers = [(b"x-forwarded-for", value.encode()) for value in written]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    assert known.seen(scope)["client"][0] == found
    assert doors(Settings()).seen(scope)["client"][0] == peer


def test_ipv6_counts_by_its_network() -> None:
    """A customer has 2^64 addresses at home; each is the same to a limit."""
    assert group_of("2001:db8:1:2:3:4:5:6") == group_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert group_of("2001:db8:1:3::1") != group_of("2001:db8:1:2::1")
    assert group_of("::ffff:203.0.113.9") == group_of("203.0.113.9") == "203.0.113.9"


async def test_limits_count_the_address_behind_a_proxy(tmp_path: Path) -> None:
    """Two customers behind one proxy have a limit each; a forged header of a stranger gives no new one."""
    async with client(
        tmp_path, peer="10.0.0.1", trusted_proxies="10.0.0.1", rate_address_per_minute=2
    ) as http:
        first = [
            await http.get("/v1/conversations/c-1", headers={"X-Forwarded-For": "1.1.1.1"}) for _ in range(3)
        ]
        other = await http.get("/v1/conversations/c-1", headers={"X-Forwarded-For": "2.2.2.2"})
    assert [answer.status_code for answer in first] == [404, 404, 429]
    assert other.status_code == 404
    async with client(tmp_path, rate_address_per_minute=2) as http:
        forged = [
            await http.get("/v1/conversations/c-1", headers={"X-Forwarded-For": f"1.1.1.{number}"})
            for number in range(3)
        ]
    assert [answer.status_code for answer in forged] == [404, 404, 429]
    assert forged[-1].headers["ratelimit-policy"] == '"address";q=2;w=60'


async def test_new_conversations_and_days_have_limits_of_their_own(tmp_path: Path) -> None:
    """An address may begin so many conversations; a day has its quota, and says which it was."""
    hello = {"message": "hello"}
    async with client(tmp_path, rate_new_conversations_per_minute=2) as http:
        begun = [await http.post("/v1/chat", json=hello) for _ in range(3)]
        opened = begun[0].json()
        goes_on = {"conversation_id": opened["conversation_id"]}
        proof = {"X-Conversation-Token": opened["conversation_token"]}
        assert (await http.post("/v1/chat", json=hello | goes_on, headers=proof)).status_code == 202
    assert [answer.status_code for answer in begun] == [202, 202, 429]
    assert begun[-1].json()["violated-policies"] == ["new-conversations"]
    async with client(tmp_path, quota_address_per_day=2) as http:
        asked = [await http.post("/v1/chat", json=hello) for _ in range(3)]
    assert asked[-1].headers["ratelimit-policy"] == '"address-day";q=2;w=86400'
    assert 86_000 < int(asked[-1].headers["retry-after"]) <= 86_400
    customer = demo_token(
        SECRET, customer_id="1001", name="Ana", email="ana@example.org", audience="", seconds=60
    )
    async with client(tmp_path, quota_customer_per_day=1) as http:
        signed_in = {"Authorization": f"Bearer {customer}"}
        codes = [(await http.post("/v1/chat", json=hello, headers=signed_in)).status_code for _ in range(2)]
    assert codes == [202, 429]
