"""What is small where it comes from and huge where it is unpacked costs a bound, not the service."""

import gzip
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from shared.adapters.knowledge import reader as reader_module
from shared.adapters.knowledge.reader import Reader
from shared.adapters.vendor_http import exchange
from shared.errors import VendorDown
from tests.knowledge.papers import with_stream

SECONDS = 1.2
"""For a bomb; thirty in the product, which is too long for a test."""
GOOD = b"question,answer\na,b\n"


def nested_pdf(opening: bytes, closing: bytes, depth: int) -> bytes:
    """A catalog whose value nests so deep."""
    deep = opening * depth + closing * depth
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /X " + deep + b" >>\nendobj\n"
    return body + b"trailer << /Size 3 /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def object_stream_bomb() -> bytes:
    """A compressed stream of objects that unpacks to a hundred times its size."""
    packed = zlib.compress(b" " * 120_000_000, 1)
    head = f"3 0 obj\n<< /Type /ObjStm /N 9 /First 90 /Length {len(packed)} /Filter /FlateDecode >>\nstream\n"
    table = zlib.compress(bytes([1, 0, 0, 0, 2, 0, 3, 0, 2, 0, 3, 1, 1, 0, 9, 0]))
    body = b"%PDF-1.7\n" + head.encode() + packed + b"\nendstream\nendobj\n"
    xref = (
        f"4 0 obj\n<< /Type /XRef /Size 4 /Root 1 0 R /W [1 2 1] /Length {len(table)} "
        "/Filter /FlateDecode >>\nstream\n"
    )
    end = f"\nendstream\nendobj\nstartxref\n{len(body)}\n%%EOF\n"
    return body + xref.encode() + table + end.encode()


BOMBS: dict[str, Callable[[], bytes]] = {
    "flate.pdf": lambda: with_stream(b"(a) Tj " * 5_000_000),
    "objects.pdf": object_stream_bomb,
    "dictionaries.pdf": lambda: nested_pdf(b"<< /A ", b">>", 300_000),
    "kids.pdf": lambda: with_stream(b"q Q").replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"),
    "deep.html": lambda: b"<div>" * 200_000,
    "field.csv": lambda: b'question,answer\n"' + b"x" * 9_000_000,
    "columns.csv": lambda: b",".join(b"%d" % n for n in range(600_000)) + b"\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_document_that_unpacks_to_too_much_is_refused_alone(name: str) -> None:
    """In its time, without a byte of it in our memory, and the next document is read."""
    bomb, began = BOMBS[name](), time.monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Reader(seconds=SECONDS) as reader:
        answer = reader.read(name, bomb, None)
        assert answer.document is None
        assert answer.rejected is not None
        assert answer.rejected.file == name
        assert len(answer.rejected.reason) < 500
        assert time.monotonic() - began < SECONDS + 20
        reader._seconds = 30
        assert reader.read("good.csv", GOOD, None).document is not None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200_000, "kilobytes"


@pytest.mark.parametrize("line", ["'x' * (1 << 20)", "'{' * (1 << 20)"])
def test_a_reading_process_that_was_taken_over_is_not_listened_to_for_ever(
    monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """Whatever it says, as long as it likes: no more of it is kept than a document can have."""
    monkeypatch.setattr(reader_module, "_LONGEST_ANSWER", 4 << 20)
    program = f"import sys\nwhile True: sys.stdout.write({line})"
    monkeypatch.setattr(
        reader_module,
        "_start",
        lambda: subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ),
    )
    with Reader(seconds=20) as reader:
        answer = reader.read("a.csv", GOOD, None)
    assert answer.rejected is not None
    assert "more than it can have to say" in answer.rejected.reason


def test_a_reading_process_writes_no_file() -> None:
    """Neither what a document makes it write nor its memory when it breaks."""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    with Reader() as reader:
        assert reader.read("good.csv", GOOD, None).document is not None
        assert reader._process is not None
        limits = {
            kind: resource.prlimit(reader._process.pid, kind)
            for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_AS)
        }
    assert limits == {
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_AS: (1 << 30, 1 << 30),
    }


@contextmanager
def vendor(body: bytes, *, coding: str = "", repeat: int = 1) -> Iterator[str]:
    """Answers everything with this, as often as is listened to."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if coding:
                self.send_header("Content-Encoding", coding)
            self.end_headers()
            try:
                for _ in range(repeat):
                    self.wfile.write(body)
            except OSError:
                self.close_connection = True  # hung up on us, as it should

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
async def test_a_vendors_answer_is_bounded_as_it_is_unpacked(coding: str) -> None:
    """Sixty megabytes, plain or in sixty kilobytes, are an error; what is read of them ends at the bound."""
    plain = b" " * 1_000_000
    pack = {"": None, "gzip": gzip.compress, "deflate": zlib.compress}[coding]
    body, repeat = (pack(plain * 60, 9), 1) if pack else (plain, 60)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with vendor(body, coding=coding, repeat=repeat) as url:
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(VendorDown, match="more than 8,388,608 bytes"):
                await exchange(client, "GET", url, vendor="shop")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000, "kilobytes"


async def test_a_packed_answer_of_a_vendor_is_read() -> None:
    """As before, and once: what is told of the wire does not stand beside the unpacked body."""
    with vendor(gzip.compress(b'{"a": 1}'), coding="gzip") as url:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await exchange(client, "GET", url, vendor="shop")
    assert answer.json() == {"a": 1}
    assert "content-encoding" not in answer.headers


async def test_an_answer_that_cannot_be_unpacked_is_the_vendors_trouble() -> None:
    """It may pass, and its text is not quoted."""
    with vendor(b"canary canary", coding="gzip") as url:
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(VendorDown, match="garbage") as caught:
                await exchange(client, "GET", url, vendor="shop")
    assert "canary" not in str(caught.value)
