"""Two instances live side by side; one that would share a port or a folder says so and does not start."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.processes import Process, everything
from tests.shop import Chat, free_port

STOP_SECONDS = 15.0


class Instance:
    """`launch all` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process = everything(folder, port=self.port)

    def again(self) -> None:
        """Start it a second time, on the same port and folder."""
        self.process = everything(self.folder, port=self.port)
        self.process.wait_ready()

    @contextmanager
    def http(self) -> Iterator[httpx.Client]:
        """A client of it."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=40) as client:
            yield client


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, Instance]]:
    instances = [Instance(tmp_path_factory.mktemp("instance")) for _ in range(2)]
    try:
        for instance in instances:
            instance.process.wait_ready()
        yield instances[0], instances[1]
    finally:
        for instance in instances:
            if instance.process.running:
                instance.process.kill()


def _refused(process: Process) -> str:
    """What a start said that ended by itself with code 2."""
    code = process.ended(seconds=30)
    said = process.said()
    assert (code, "Traceback" in said) == (2, False), said
    return said


def test_two_instances_answer_and_share_nothing(pair: tuple[Instance, Instance]) -> None:
    """Another PORT and DATA_DIR make another desk: each answers its own customers and knows no other's."""
    first, second = pair
    with first.http() as here, second.http() as there:
        chats = [Chat(here), Chat(there)]
        for chat in chats:
            said = chat.say("GENERAL_INQUIRY: what is your return policy?")
            assert said["reply"] == f"Scripted reply to {said['turn_id']}."
        mine = chats[0]
        url = f"/v1/conversations/{mine.conversation_id}"
        assert here.get(url, headers=mine.headers).status_code == 200
        assert there.get(url, headers=mine.headers).status_code == 404


def test_a_second_instance_on_the_same_port_says_so(pair: tuple[Instance, Instance], tmp_path: Path) -> None:
    """The port is named with the remedy, nothing is started, and the first instance does not notice."""
    first, _ = pair
    said = _refused(everything(tmp_path, port=first.port))
    assert f"PORT={first.port}" in said
    assert "set another PORT" in said
    assert not (tmp_path / "data" / "nats").exists()
    with first.http() as http:
        assert http.get("/health/ready").status_code == 200


def test_a_second_instance_on_the_same_folder_says_so(
    pair: tuple[Instance, Instance], tmp_path: Path
) -> None:
    """The folder and the process that has it are named with the remedy; the first instance lives on."""
    first, _ = pair
    said = _refused(everything(tmp_path, port=free_port(), data_dir=first.folder / "data"))
    assert str(first.folder / "data") in said
    assert f"process {first.process.pid}" in said
    assert "DATA_DIR" in said
    with first.http() as http:
        assert http.get("/health/ready").status_code == 200


def test_ctrl_c_and_a_new_start_keep_every_conversation(pair: tuple[Instance, Instance]) -> None:
    """SIGINT with a stream open ends everything within 5 s, code 0; the next start goes on."""
    _, instance = pair
    with instance.http() as http:
        chat = Chat(http)
        before = chat.say("ORDER_STATUS: where is it?")
        assert before["status"] == "asked"
        url = f"/v1/conversations/{chat.conversation_id}"
        with http.stream("GET", f"{url}/events", headers=chat.headers) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("id: ")
            instance.process.interrupt()
            asked = time.monotonic()
            # The stream ends in order; a broken one would raise here.
            assert before["turn_id"] in "".join(lines)
            assert instance.process.ended(STOP_SECONDS) == 0
            assert time.monotonic() - asked < STOP_SECONDS
    said = instance.process.said()
    assert "Traceback" not in said
    assert "all: stopping" in said

    instance.again()
    with instance.http() as http:
        chat.http = http
        kept = http.get(url, headers=chat.headers).json()
        assert [line["who"] for line in kept["messages"]] == ["customer", "bot"]
        assert kept["messages"][1]["text"] == before["reply"]
        chat.say("I want to talk to a human")
        after = http.get(url, headers=chat.headers).json()["messages"]
        assert after[:2] == kept["messages"]
        assert len(after) == 4
