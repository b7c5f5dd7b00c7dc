"""The Application Insights that runs with the desk, when its file is damaged and when it is killed."""

import asyncio
import json
import logging
import os
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from shared import telemetry
from shared.adapters.insights.embedded import running_at
from shared.ports.traces import BadQuery, Table, TracesDown
from shared.settings import Settings
from shared.wiring.tracing import Tracing, open_tracing

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
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody has to do anything; what was damaged is kept aside, and what was taken is there again."""
    caplog.set_level(logging.ERROR, logger="answerdesk.telemetry")
    folder = tmp_path / "insights"
    folder.mkdir()
    (folder / "telemetry.duckdb").write_bytes(b"no database" * 100)
    settings = Settings(data_dir=tmp_path, traces_url="embedded://", traces_slow_seconds=0.001)
    async with open_tracing(settings, "answerdesk-test", alone=True) as tracing:
        assert tracing.embedded is not None
        assert tracing.traces is not None
        assert tracing.holding is not None
        tracing.begin()
        with pytest.raises(TracesDown):
            await tracing.traces.query(ROWS, back=timedelta(hours=1))
        await asked(tracing, rows=0)
        assert [path.name.split(".")[-1].split("-")[0] for path in folder.glob("*.damaged-*")] == ["damaged"]
        with telemetry.root("turn", conversation="c-1", turn="t-1", agent="gateway"):
            pass
        assert (await asked(tracing, rows=1)).rows == [("c-1",)]
        with pytest.raises(BadQuery, match=r"mismatched input") as wrong:
            await tracing.traces.query("AppRequests\n| sumarize", back=timedelta(hours=1))
        assert (wrong.value.line, wrong.value.column) == (2, 1)
        process = tracing.embedded._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        assert (await asked(tracing, rows=1)).rows == [("c-1",)]
        place = running_at(folder)
        assert place == tracing.embedded.place
        assert oct((folder / "place.json").stat().st_mode)[-3:] == "600"
    assert "the traces' file was damaged" in caplog.text
    assert "Failed to derive" not in caplog.text
    assert json.loads((folder / "place.json").read_text())["signing_key"] not in caplog.text
