"""Knowledge is fetched from the host it is meant to come from, and from no other."""

import gc
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import LinearRetry

from shared.adapters.knowledge.documents import BadDocument
from shared.adapters.knowledge.sources import Listed, blob
from shared.adapters.knowledge.sources.blob import BlobSource
from shared.adapters.knowledge.sources.fetching import Inside, check_address
from shared.errors import SettingsError, SourceDown
from tests.azurite import ACCOUNT, KEY

HERE = ("127.0.0.1",)
SAS = "sv=2024-01-01&sp=rl&sig=canary"


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is not tried again here."""
    monkeypatch.setattr(blob, "ExponentialRetry", lambda **_: LinearRetry(backoff=0, retry_total=0))


@dataclass
class Server:
    """A stranger on this machine, and what it was sent."""

    url: str
    requests: list[str] = field(default_factory=list)
    sent: int = 0


@contextmanager
def serving(answer: Callable[[Any, Server], None]) -> Iterator[Server]:
    """`answer` gets the handler, which can write anything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.requests.append(f"{self.path}\n{self.headers}")
            try:
                answer(self, found)
            except OSError:
                self.close_connection = True  # hung up on us, as it should

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Server(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def said(handler: Any, status: int, headers: dict[str, str], body: bytes = b"") -> None:
    """A whole answer."""
    handler.send_response(status)
    for key, value in (headers | {"Content-Length": str(len(body))}).items():
        handler.send_header(key, value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/metadata/instance",
        "http://169.254.169.254/metadata/kb",
        "https://[fd00:ec2::254]/latest/kb",
        "https://[::ffff:169.254.169.254]/a/kb",
        "https://2852039166/a/kb",
        "https://0xa9fea9fe/a/kb",
        "https://0251.0376.0251.0376/kb",
        "https://127.1/a/kb",
        "https://localhost/a/kb",
        "https://metadata.google.internal/kb",
        "https://shop.blob.core.windows.net.evil.example/kb",
        "https://shop.blob.core.windows.net@evil.example/kb",
        "https://evil.example/shop.blob.core.windows.net/kb",
        "https://evil.example#.blob.core.windows.net/kb",
        "https://blob.core.windows.net/kb",
        "https://a/b.blob.core.windows.net/kb",
        "http://shop.blob.core.windows.net/kb",
        "https://shop.file.core.windows.net/kb",
    ],
)
def test_other_hosts_are_wrong_settings(url: str) -> None:
    """However an address is spelled, it is no blob host of Azure; nothing is asked."""
    with pytest.raises(SettingsError, match=r"KNOWLEDGE|names no container"):
        BlobSource(f"{url}?{SAS}")


@pytest.mark.parametrize(
    "host",
    [
        "shop.blob.core.windows.net",
        "shop-secondary.blob.core.windows.net",
        "shop.z07.blob.storage.azure.net",
        "shop.blob.core.usgovcloudapi.net",
        "shop.blob.core.chinacloudapi.cn",
        "SHOP.blob.core.windows.net",
    ],
)
def test_the_blob_hosts_of_azure_are_known(host: str) -> None:
    """Of every cloud, and of accounts in DNS zones."""
    BlobSource(f"https://{host}/kb?{SAS}").close()


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("169.254.169.254", True), ("fd00:ec2::254", True), ("fe80::1%eth0", True), ("168.63.129.16", True),
        ("100.100.100.200", True), ("::ffff:169.254.169.254", True), ("64:ff9b::a9fe:a9fe", True),
        ("2002:a9fe:a9fe::1", True), ("::ffff:0:0", True), ("::", True), ("224.0.0.1", True),
        ("127.0.0.1", False), ("10.0.0.4", False), ("192.168.1.1", False), ("172.16.0.1", False),
        ("::1", False), ("fd12::1", False), ("::ffff:10.0.0.4", False), ("64:ff9b::7f00:1", False),
    ],
)  # fmt: skip
def test_addresses_inside_a_network_are_refused(address: str, own: bool) -> None:
    """Those of `own` hosts are let pass, but never a metadata service, in any spelling."""
    with pytest.raises(Inside, match="shop"):
        check_address("shop", address, ())
    if own:
        with pytest.raises(Inside, match="shop"):
            check_address("shop", address, ("shop",))
    else:
        check_address("shop", address, ("shop",))
    check_address("shop", "20.60.1.2", ())
    check_address("shop", "2603:1030::1", ())


def test_a_name_that_leads_inside_is_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is that of the open connection: a name that resolves anew each time gains nothing."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as inside:
        port = inside.getsockname()[1]

        def listen() -> None:
            taken, _ = inside.accept()
            with taken:
                heard.append(taken.recv(1000))

        thread = threading.Thread(target=listen)
        thread.start()
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
        source = BlobSource(f"https://shop.blob.core.windows.net:{port}/kb?{SAS}")
        with (
            closing(source),
            pytest.raises(SettingsError, match=r"inside .*KNOWLEDGE_HOSTS") as caught,
        ):
            source.list()
        thread.join(5)
    assert heard == [b""]
    assert "canary" not in str(caught.value)  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("opens", ["sas", "key"])
def test_a_redirect_is_not_followed(status: int, opens: str) -> None:
    """Neither the request nor what opens the container reaches another host, nor another port."""
    with serving(lambda handler, _: said(handler, 200, {})) as other:
        to = {"Location": f"{other.url}/stolen"}
        with serving(lambda handler, _: said(handler, status, to)) as first:
            account = f"{first.url}/{ACCOUNT}"
            key = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            source = (
                BlobSource(f"{account}/kb?{SAS}", hosts=HERE)
                if opens == "sas"
                else BlobSource(
                    f"{account}/kb", connection_string=f"{key}BlobEndpoint={account};", hosts=HERE
                )
            )
            with closing(source):
                with pytest.raises(SourceDown, match=f"answered {status}"):
                    source.list()
                with pytest.raises((SourceDown, BadDocument)):
                    source.read(Listed("a.md", 9, "etag:1"))
    assert len(first.requests) == 2
    assert not other.requests  # fmt: skip


def test_no_proxy_of_the_environment_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It would see the signature and resolve the name for us; no password of a .netrc is sent either."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password canary-password\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with (
        serving(lambda handler, _: said(handler, 200, {})) as proxy,
        serving(lambda handler, _: said(handler, 500, {})) as container,
    ):
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        source = BlobSource(f"{container.url}/a/kb?{SAS}", hosts=HERE)
        with closing(source), pytest.raises(SourceDown):
            source.list()
    assert not proxy.requests
    assert len(container.requests) == 1
    assert "Authorization" not in container.requests[0]


def endless(handler: Any, server: Server, *, packed: bool, read: bool) -> None:
    """A body without end; packed, a thousandth of it travels."""
    piece = b"<!-- " + b"x" * 65_536
    packer = zlib.compressobj(9, wbits=31)
    handler.send_response(206 if read else 200)
    handler.send_header("Content-Type", "application/xml")
    handler.send_header("Content-Range", "bytes 0-9/10")
    if packed:
        handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    while server.sent < 400_000_000:
        data = packer.compress(piece * 16) if packed else piece
        server.sent += len(piece) * (16 if packed else 1)
        handler.wfile.write(data)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("read", [False, True])
def test_an_answer_without_end_is_broken_off(packed: bool, read: bool) -> None:
    """Of a listing and of a document, plain and as a bomb: what is unpacked counts."""
    with serving(partial(endless, packed=packed, read=read)) as server:
        source = BlobSource(f"{server.url}/a/kb?{SAS}", hosts=HERE)
        ask = partial(source.read, Listed("a.md", 9, "md5:1")) if read else source.list
        with closing(source), pytest.raises((SourceDown, BadDocument)) as caught:
            ask()
    assert 0 < server.sent < 400_000_000
    assert "canary" not in str(caught.value)


# The SDK leaves the body of such an answer to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_answer_that_is_none_of_a_blob_service_is_no_bug_of_ours() -> None:
    """The SDK raises its own kind of error for missing headers; a sync reports it and tries again."""
    with serving(lambda handler, _: said(handler, 200, {}, b"hello")) as server:
        source = BlobSource(f"{server.url}/a/kb?{SAS}", hosts=HERE)
        with closing(source), pytest.raises(SourceDown, match="no blob service"):
            source.read(Listed("a.md", 9, "md5:1"))
    gc.collect()


def test_a_host_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others' documents wait no longer for it than the setting of a read."""
    monkeypatch.setattr(blob, "_READ_SECONDS", 0.2)
    over, began = threading.Event(), time.monotonic()
    with serving(lambda *_: _waited(over)) as server:
        source = BlobSource(f"{server.url}/a/kb?{SAS}", hosts=HERE)
        with closing(source), pytest.raises(SourceDown, match="cannot be reached"):
            source.list()
        assert time.monotonic() - began < 20
        over.set()


def _waited(over: threading.Event) -> None:
    over.wait(9)
