"""A running shop for tests: `python -m launch all` as its own process, and a client that talks to it."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.kept import models, put_knowledge

ROOT = Path(__file__).parents[1]
START_SECONDS = 180.0
"""A cold start trains the classifier and embeds the knowledge base on two busy cores."""


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Chat:
    """One customer's conversation over HTTP."""

    http: httpx.Client
    token: str = ""
    conversation_id: str = ""
    conversation_token: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """Who asks."""
        found = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return found | ({"X-Conversation-Token": self.conversation_token} if self.conversation_token else {})

    def say(self, message: str, **fields: Any) -> dict[str, Any]:
        """Send a message in this conversation; the answer's body."""
        body = {"message": message, **fields}
        if self.conversation_id:
            body["conversation_id"] = self.conversation_id
        response = self.http.post("/v1/chat", json=body, headers=self.headers)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        self.conversation_id = answer["conversation_id"]
        self.conversation_token = answer["conversation_token"]
        self.answers.append(answer)
        return answer


@dataclass
class Shop:
    """The running process and how to reach it."""

    url: str
    process: "subprocess.Popen[str]"
    data_dir: Path
    http: httpx.Client
    staff: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name and password by role, as they were shown at the first start."""

    def guest(self) -> Chat:
        """A new conversation of nobody in particular."""
        return Chat(self.http)

    def customer(self, name: str) -> Chat:
        """A new conversation of a demo customer, by first name."""
        found = next(c for c in self.customers() if c["name"].startswith(name))
        response = self.http.post("/demo/token", json={"customer_id": found["id"]})
        return Chat(self.http, token=response.json()["token"])

    def customers(self) -> list[dict[str, Any]]:
        """The demo customers as the shop lists them."""
        listed: list[dict[str, Any]] = self.http.get("/demo/customers").json()["customers"]
        return listed

    def order(self, number: str) -> dict[str, Any]:
        """A demo order as the shop lists it."""
        return next(o for c in self.customers() for o in c["orders"] if o["number"].lstrip("#") == number)


MANY_GUESTS = {"ORDER_PROOF_TRIES": "100", "ORDER_PROOF_ADDRESS_TRIES": "10000"}
"""All guests of a test come from one address, and many prove the same few orders, some wrongly."""


@contextmanager
def running_shop(data_dir: Path, **env: str) -> Iterator[Shop]:
    """Start everything in one process on a free port; stopped by SIGINT as a person would."""
    port = free_port()
    log = data_dir / "stderr.log"
    data_dir.mkdir(parents=True, exist_ok=True)
    # Cold starts have tests of their own (tests/durability); here the models and the documents are known.
    if not (data_dir / "cache").exists():
        (data_dir / "cache").symlink_to(models())
    if not (data_dir / "knowledge.db").exists():
        put_knowledge(data_dir / "knowledge.db", hashing=env.get("EMBEDDER_URL") == "hashing://")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "launch", "all"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "DATA_DIR": str(data_dir)} | MANY_GUESTS | env,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            staff = _wait_ready(process, log)
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, timeout=40) as http:
                yield Shop(url, process, data_dir, http, staff)
        finally:
            process.send_signal(2)
            process.communicate(timeout=20)


def _wait_ready(process: "subprocess.Popen[str]", log: Path) -> dict[str, tuple[str, str]]:
    assert process.stdout is not None
    staff = {}
    deadline = time.monotonic() + START_SECONDS
    for line in process.stdout:
        if line.startswith("all: ready"):
            return staff
        if shown := re.fullmatch(r"  (\S+) +(\S+)   \((agent|lead|operator|admin)\)\n", line):
            staff[shown[3]] = (shown[1], shown[2])
        assert time.monotonic() < deadline, f"not ready in {START_SECONDS} s"
    raise AssertionError(f"the process ended: {log.read_text()[-3000:]}")
