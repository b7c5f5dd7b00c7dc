"""The Application Insights that runs with the desk, when its file is damaged, when it ends or hangs."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest

from mock_apis import __main__
from mock_apis.insights_store import Telemetry, Unreadable
from shared import telemetry
from shared.adapters.insights import embedded
from shared.adapters.insights.embedded import EmbeddedInsights, answers, listens, running_at
from shared.ports.traces import BadQuery, Table, TracesDown
from shared.settings import Settings
from shared.telemetry import sending
from shared.telemetry.holding import Kept
from shared.telemetry.taking import UNREACHABLE, Losses, Sent
from shared.wiring import tracing as tracing_room
from shared.wiring.tracing import Tracing, open_tracing
from tests.bus.sample import until
from tests.telemetry.insights import serving
from tests.telemetry.recorded import recording

ROWS = "AppRequests | project Conversation = tostring(Properties['gen_ai.conversation.id'])"


async def asked(tracing: Tracing, *, rows: int) -> Table:
    """The rows there are, once there are so many."""
    assert tracing.traces is not None
    async with asyncio.timeout(60):
        while True:
            with suppress(TracesDown):
                found = await tracing.traces.query(ROWS, back=timedelta(hours=1))
                if len(found.rows) >= rows:
                    return found
            await asyncio.sleep(0.2)  # a service of its own, on its way


async def test_it_begins_anew_on_a_damaged_file_and_comes_back_when_it_is_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to do anything: what was damaged is kept aside, what was taken is there again.

    A turn while it was away is there as well.
    """
    caplog.set_level(logging.ERROR, logger="answerdesk.telemetry")
    folder = tmp_path / "insights"
    folder.mkdir()
    (folder / "telemetry.duckdb").write_bytes(b"no database" * 100)
    settings = Settings(data_dir=tmp_path, traces_url="embedded://", traces_slow_seconds=0.001)
    monkeypatch.setattr(sending, "_LINGER_S", 0.0)
    monkeypatch.setattr(sending, "_PAUSE_S", 0.2)
    async with open_tracing(settings, "answerdesk-test", alone=True) as tracing:
        assert tracing.embedded is not None
        assert tracing.traces is not None
        assert tracing.holding is not None
        tracing.holding._settle = 0.0
        tracing.begin()
        with pytest.raises(TracesDown):
            await tracing.traces.query(ROWS, back=timedelta(hours=1))
        await asked(tracing, rows=0)
        assert [path.name.split(".")[-1].split("-")[0] for path in folder.glob("*.damaged-*")] == ["damaged"]
        assert time.time() - 60 < tracing.embedded.renewed() <= time.time(), "what came before is not there"
        with telemetry.root("turn", conversation="c-1", turn="t-1", agent="gateway"):
            pass
        assert (await asked(tracing, rows=1)).rows == [("c-1",)]
        with pytest.raises(BadQuery, match=r"no operator sumarize; did you mean summarize\?$") as wrong:
            await tracing.traces.query("AppRequests\n| sumarize", back=timedelta(hours=1))
        assert (wrong.value.line, wrong.value.column) == (2, 3)
        process, standing = tracing.embedded._process, tracing.embedded.standing
        assert process is not None
        assert (standing.up, standing.restarts) == (True, 1), "the first one ended over the damaged file"
        assert re.fullmatch(r"its file was damaged; it is telemetry\.damaged-\d+ now, .*anew", standing.said)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        await until(lambda: not standing.up, 20)
        with telemetry.root("turn", conversation="c-2", turn="t-1", agent="gateway"):
            pass
        assert sorted((await asked(tracing, rows=2)).rows) == [("c-1",), ("c-2",)]
        assert (standing.up, standing.restarts) == (True, 2)
        assert tracing.embedded.held() > 0
        assert (tracing.losses, tracing.taking.sent) == (Losses(), 2)
        place = running_at(folder)
        assert place == tracing.embedded.place
        assert oct((folder / "place.json").stat().st_mode)[-3:] == "600"
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 9, "whose connections are open is waited for"
    assert "the traces' file was damaged" in caplog.text
    assert "Failed to derive" not in caplog.text
    assert json.loads((folder / "place.json").read_text())["signing_key"] not in caplog.text


def test_the_folder_of_all_data_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """On a first start traces come first, and nobody narrows what is there."""
    EmbeddedInsights(tmp_path / "new" / "data" / "insights", days=1)
    assert oct((tmp_path / "new" / "data").stat().st_mode)[-3:] == "700"


async def test_a_process_beside_it_follows_where_it_goes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It starts alone and says so, with the remedy; its spans wait, and go to each service that comes."""
    folder = tmp_path / "insights"
    settings = Settings(data_dir=tmp_path, traces_url="embedded://", traces_slow_seconds=9.0)
    async with open_tracing(settings, "answerdesk-intent", alone=False) as tracing:
        assert caplog.text.count("nobody takes the traces of this process") == 1
        assert "`python -m launch all`" in caplog.text
        assert tracing.traces is not None
        with pytest.raises(TracesDown, match="launch all"):
            await tracing.traces.query(ROWS, back=timedelta(hours=1))
        sends = tracing_room._to_place(partial(running_at, folder), "answerdesk-intent")
        (spans,) = [[Kept(span, 1.0) for span in recorded("c-early")]]
        assert sends.send(spans) == Sent(0, UNREACHABLE, again=True)
        for name in ("first", "second"):
            with serving(tmp_path / name) as service:
                assert await answers(service.place, 20)
                folder.mkdir(exist_ok=True)
                (folder / "place.json").write_bytes(msgspec.json.encode(service.place))
                assert listens(running_at(folder))
                assert sends.send(spans) == Sent(1)
                assert (await asked(tracing, rows=1)).rows == [("c-early",)]
        assert sends.send(spans).why == UNREACHABLE
        assert not listens(running_at(folder))
        sends.close()


def recorded(name: str) -> list[telemetry.Span]:
    """The one span of a conversation."""
    with recording() as found, telemetry.root("turn", conversation=name, turn="t-1", agent="intent"):
        pass
    return found.spans


async def test_it_is_ended_when_it_hangs_and_not_when_it_is_slow(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is stopped still has its connections taken; who watches it counts in a row."""
    service = Hanging(tmp_path / "insights", [])
    with socket.create_server(("127.0.0.1", service._port)):
        assert listens(service.place)
        assert not await answers(service.place, 0.05)
    heard = iter([False, True, *[False, True] * 9, *[False] * 5, True, *[False] * 6])
    standing, stood = service.standing, list[bool | None]()

    async def answered(*_: object) -> bool:
        stood.append(standing.up)
        return next(heard)

    monkeypatch.setattr(embedded, "answers", answered)
    monkeypatch.setattr(embedded, "_PROBE_S", 0.001)
    monkeypatch.setattr(embedded, "_LOOK_S", 0.001)
    async with started_again(service):
        assert next(heard, None) is None, "it was ended sooner"
        assert stood[2:20] == [True] * 18, "a probe alone that is late says nothing"
        assert (stood[-1], standing.up, standing.restarts) == (False, False, 1)
        assert "it had not answered for 0 s and was ended" in caplog.text


async def test_it_moves_when_another_has_taken_its_port(tmp_path: Path) -> None:
    """The file that tells the place tells the new one."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as ended:
        __main__._bound(taken.getsockname()[1])
    service = Dying(tmp_path / "insights", [str(ended.value)])
    before = service.place
    async with started_again(service):
        assert service.place.url != before.url
        assert running_at(service._folder) == service.place
        assert service.place.instrumentation_key == before.instrumentation_key


class Dying(EmbeddedInsights):
    """A service that ends at once with these last words, or cannot be started."""

    def __init__(self, folder: Path, said: list[str | OSError]) -> None:
        super().__init__(folder, days=1)
        self.said = said
        self.started_again = asyncio.Event()
        self._file.write_bytes(b"traces")

    async def _run(self) -> None:
        if not self.said:
            self.started_again.set()
            await asyncio.Event().wait()
        words = self.said.pop(0)
        if isinstance(words, OSError):
            raise words
        (self._folder / "service.log").write_text(words)


class Hanging(Dying):
    """A service that runs until somebody ends it, the first time."""

    async def _run(self) -> None:
        if self._process is not None:
            await super()._run()
        self._process = await asyncio.create_subprocess_exec("sleep", "60")
        await self._watched(self._process)


@asynccontextmanager
async def started_again(service: Dying) -> AsyncIterator[None]:
    """Once it has died, and runs."""
    service.begin()
    try:
        await asyncio.wait_for(service.started_again.wait(), 20)
        yield
    finally:
        await service.close()


def locked_out(file: Path) -> str:
    """What the service says of a file that another process has open."""
    code = "import duckdb, sys; db = duckdb.connect(sys.argv[1]); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(Unreadable) as told:
            Telemetry(file)
        holder.communicate(b"\n")
    return str(told.value)


async def test_a_file_that_another_process_has_open_stays_where_it_is(tmp_path: Path) -> None:
    """A service of a run before, or of another shop here, writes to it: it is not damaged."""
    words = locked_out(tmp_path / "other.duckdb")
    assert "stop the process" in words
    service = Dying(tmp_path / "insights", [words])
    async with started_again(service):
        assert not list(service._folder.glob("*.damaged-*"))
        assert service._file.read_bytes() == b"traces"


async def test_a_file_that_is_no_longer_what_was_written_is_set_aside(tmp_path: Path) -> None:
    """DuckDB has another kind of error for it than for a file that is none."""
    file = tmp_path / "bad.duckdb"
    Telemetry(file).close()
    with file.open("r+b") as bad:
        bad.seek(4110)
        bad.write(b"other bytes")
    with pytest.raises(Unreadable, match="Corrupt") as told:
        Telemetry(file)
    far = "far/" * 200
    service = Dying(tmp_path / "insights", [f"{far}{told.value}"])
    async with started_again(service):
        (aside,) = service._folder.glob("*.damaged-*")
        assert aside.read_bytes() == b"traces"
        assert not service._file.exists()
    os.utime(aside, (0, time.time() - 1.1 * 86400))
    service = Dying(tmp_path / "insights", ["ended"])
    async with started_again(service):
        assert not aside.exists(), "it is as old as traces may become"


async def test_it_is_started_again_when_it_could_not_be(tmp_path: Path) -> None:
    """No process is to be had, or the disk is full: that passes."""
    service = Dying(tmp_path / "insights", [OSError("no more processes")])
    async with started_again(service):
        assert not service.said
