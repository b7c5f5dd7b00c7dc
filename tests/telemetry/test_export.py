"""Where traces go: OTLP or Application Insights by setting, sent by the real exporters to a real socket."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from shared import telemetry
telemetry.start(traces_url=sys.argv[1], service="answerdesk-test", ratio=1.0)
with telemetry.span("chat", root=True, agent="gateway", gen_ai__conversation__id="c-77"):
    pass
telemetry.stop()
"""


@pytest.fixture
def taken() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server that takes whatever is posted, and what it took."""
    requests: list[tuple[str, bytes]] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            requests.append((self.path, gzip.decompress(body) if zipped else body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"itemsReceived": 1, "itemsAccepted": 1, "errors": []}')

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Taker)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()
    thread.join()


def _send(traces_url: str) -> "subprocess.CompletedProcess[str]":
    env = os.environ | {"APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true"}
    command = [sys.executable, "-c", PROGRAM, traces_url]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_spans_reach_an_otlp_collector(taken: tuple[str, list[tuple[str, bytes]]]) -> None:
    """OTLP over HTTP, on the path collectors listen on."""
    url, requests = taken
    done = _send(f"otlp+{url}")
    assert done.returncode == 0, done.stderr
    assert [path for path, _ in requests] == ["/v1/traces"]
    assert b"c-77" in requests[0][1]


def test_spans_reach_application_insights(taken: tuple[str, list[tuple[str, bytes]]]) -> None:
    """The real Azure Monitor exporter, by connection string; our attributes arrive."""
    url, requests = taken
    key = "InstrumentationKey=00000000-0000-0000-0000-000000000001"
    done = _send(f"{key};IngestionEndpoint={url}/")
    assert done.returncode == 0, done.stderr
    tracked = [body for path, body in requests if path.endswith("/track")]
    assert tracked, requests
    envelopes = [e for body in tracked for e in json.loads(body)]
    properties = [e["data"]["baseData"].get("properties", {}) for e in envelopes]
    assert any(p.get("gen_ai.conversation.id") == "c-77" and p.get("agent") == "gateway" for p in properties)


def test_an_unknown_place_for_traces_is_refused() -> None:
    """The setting is named, with what it may be."""
    done = _send("jaeger://somewhere")
    assert "TRACES_URL='jaeger://somewhere'" in done.stderr
    assert "otlp+http://host:4318" in done.stderr
