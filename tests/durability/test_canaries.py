"""Personal data that a customer writes stands nowhere in the clear: not on disk, in a log, or in a trace."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.processes import everything
from tests.shop import Chat, free_port

MARK = "kumquatwobble"
"""No personal data: where this is found, a canary would have been found too."""
CANARIES = (
    "Quackenbush",
    "Zebulon",
    "z.quackenbush@canary-mail.example",
    "canary-mail",
    "+44 20 7946 0958",
    "2079460958",
    "4111 1111 1111 1111",
    "4111111111111111",
    "221 Wobblegate Street",
    "Wobblegate",
)
GUEST = (
    f"Hello, my name is Zebulon Quackenbush and I like your {MARK} tent.",
    "You can write to z.quackenbush@canary-mail.example or call +44 20 7946 0958.",
    "My address is 221 Wobblegate Street, Springfield, OR 97477.",
    "My card is 4111 1111 1111 1111, is that stored?",
    "ORDER_STATUS #1001 and my e-mail is Z.Quackenbush@Canary-Mail.example",
    "I want to talk to a human, I am Zebulon Quackenbush, +44 (20) 7946-0958",
    "One more thing for your colleague: z.quackenbush@canary-mail.example is my e-mail",
)


class _Traces(BaseHTTPRequestHandler):
    """Takes whatever an OTLP exporter sends."""

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append(sent)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def _collector() -> Iterator[tuple[int, list[bytes]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Traces)
    sent: list[bytes] = []
    server.sent = sent  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Remains:
    """What the conversations leave: files by name, the vendors' own apart, and what customers saw."""

    canaries: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    vendors: bytes = b""
    shown: str = ""

    def holders(self, text: str) -> set[str]:
        """Which of them hold this text, in any case."""
        wanted = text.casefold().encode()
        return {name for name, data in self.files.items() if wanted in data}


@pytest.fixture(scope="module")
def remains(tmp_path_factory: pytest.TempPathFactory) -> Remains:
    """A guest and a signed-in customer say personal things, one of them to a person; then all is stopped."""
    folder, port = tmp_path_factory.mktemp("canaries"), free_port()
    with _collector() as (traces, sent):
        url = f"otlp+http://127.0.0.1:{traces}"
        process = everything(folder, port=port, TRACES_URL=url, TRACES_RATIO="1", LOG_LEVEL="DEBUG")
        try:
            process.wait_ready()
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=40) as http:
                shown, own = _talk(http)
            process.interrupt()
            assert process.ended(20) == 0
        finally:
            if process.running:
                process.kill()
        found = _read(folder)
        found.files["the traces"] = b"".join(sent).lower()
    found.shown, found.canaries = shown, (*CANARIES, *own)
    return found


def _talk(http: httpx.Client) -> tuple[str, tuple[str, ...]]:
    guest = Chat(http)
    for message in GUEST:
        guest.say(message)
    assert guest.answers[-2]["status"] == "handed_over"
    comment = {
        "turn_id": guest.answers[0]["turn_id"],
        "rating": "up",
        "comment": "My name is Zebulon Quackenbush",
    }
    url = f"/v1/conversations/{guest.conversation_id}"
    assert http.post(f"{url}/feedback", json=comment, headers=guest.headers).status_code == 204

    me = http.get("/demo/customers").json()["customers"][0]
    token = http.post("/demo/token", json={"customer_id": me["id"]}).json()["token"]
    customer = Chat(http, token=token)
    customer.say(f"I am {me['name']}, my e-mail is {me['email']}, card 4111 1111 1111 1111, {MARK}")
    customer.say(f"ORDER_STATUS #{me['orders'][0]['number']} please")
    customer.say("ORDER_STATUS: all of them")
    customer.say(f"I want to talk to a human. {me['name']}, 221 Wobblegate Street, Springfield, OR 97477")
    shown = http.get(url, headers=guest.headers).text
    shown += http.get(f"/v1/conversations/{customer.conversation_id}", headers=customer.headers).text
    return shown, (me["email"], me["name"], me["name"].split()[-1], me["id"])


def _read(folder: Path) -> Remains:
    found = Remains(())
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name, data = str(path.relative_to(folder)), path.read_bytes()
        if name.startswith("data/mock/"):
            found.vendors += data
        else:
            # Lower case in one go; a SQLite page, a stream block and a log hold text as plain UTF-8.
            found.files[name] = data.lower()
    return found


def test_the_search_finds_what_is_not_secret(remains: Remains) -> None:
    """A harmless word of the same messages is found in the streams and the store, beside tokens."""
    holders = remains.holders(MARK)
    assert any(name.startswith("data/nats/") for name in holders)
    assert any(name.startswith("data/desk.db") for name in holders)
    assert {name for name in remains.holders("TOKEN_") if name.startswith(("data/nats/", "data/desk.db"))}
    assert remains.files["the traces"]
    assert remains.files["logs/all.out"]


def test_the_doors_open_for_those_who_may_see(remains: Remains) -> None:
    """The customers read their own words again, and the helpdesk's ticket has them for the staff."""
    for canary in ("Zebulon Quackenbush", "z.quackenbush@canary-mail.example", "4111 1111 1111 1111"):
        assert canary in remains.shown
    assert b"quackenbush" in remains.vendors.lower()


def test_no_canary_stands_in_the_clear(remains: Remains) -> None:
    """No file but the vendors' own, no line of stdout or stderr, and no span holds a personal value."""
    leaks = {canary: found for canary in remains.canaries if (found := remains.holders(canary))}
    assert not leaks
