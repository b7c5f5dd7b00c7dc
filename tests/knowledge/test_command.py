"""`python -m launch knowledge-sync`, and the sync that runs beside the service."""

import asyncio
import logging
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from launch.knowledge import kept_in_sync
from shared.adapters.knowledge.index import Index
from shared.adapters.knowledge.sources.folder import FolderSource
from shared.adapters.knowledge.sync import KnowledgeSync
from shared.errors import DeskError, SettingsError, SourceDown
from shared.ports.publishing import Rejected, SyncReport, Warned
from shared.settings import read_settings
from tests.knowledge.folders import opened, write

ROOT = Path(__file__).parents[2]


def command(data: Path, *options: str, **settings: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DATA_DIR": str(data), "EMBEDDER_URL": "hashing://", **settings}
    return subprocess.Popen(
        [sys.executable, "-m", "launch", "knowledge-sync", *options],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ran(data: Path, *options: str, **settings: str) -> tuple[int, str, str]:
    with command(data, *options, **settings) as process:
        out, error = process.communicate(timeout=60)
        return process.returncode, out, error


def test_the_report_names_files_and_the_exit_code_tells_how_it_went(tmp_path: Path) -> None:
    """0: all good; 1: something was rejected, the rest serves; without a terminal there is no bar."""
    folder = tmp_path / "kb"
    write(folder, "returns.md")
    code, out, error = ran(tmp_path / "data", str(folder), "--dry-run")
    assert (code, error) == (0, "")
    assert out == (
        "  + returns.md\n"
        "knowledge-sync: 1 added, 0 changed, 0 removed, 0 unchanged, 0 rejected, 0 warnings; "
        "nothing was written (dry run)\n"
    )
    write(folder, "broken.md", version="x")
    code, out, error = ran(tmp_path / "data", KNOWLEDGE_DIR=str(folder))
    assert (code, error) == (1, "")
    assert out == (
        "  + returns.md\n"
        "  ! rejected: broken.md:6: version: 'x' is not a whole number; use 1, 2, 3 and so on\n"
        "knowledge-sync: 1 added, 0 changed, 0 removed, 0 unchanged, 1 rejected, 0 warnings; "
        "1 texts embedded\n"
    )


def test_a_terminal_shows_a_bar_for_each_stage(tmp_path: Path) -> None:
    """Reading, then embedding, which takes longest; both are wiped away at the end."""
    for n in range(40):
        write(tmp_path / "kb", f"part-{n}.md", title=f"Part {n}")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    os.set_blocking(ours, False)
    environment = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "EMBEDDER_URL": "hashing://"}
    done = subprocess.run(
        [sys.executable, "-m", "launch", "knowledge-sync", str(tmp_path / "kb")],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=theirs, text=True, check=True, timeout=60,
    )  # fmt: skip
    shown = os.read(ours, 100_000).decode()
    os.close(theirs)
    os.close(ours)
    assert shown.index("reading:") < shown.index("embedding:")
    assert "0/40" in shown
    assert "embed" not in shown.split("\r")[-1]
    assert "reading" not in done.stdout


@pytest.mark.parametrize(
    ("source", "settings", "words"),
    [
        ("nowhere", {}, "'nowhere' is not there"),
        ("s3://bucket/kb?sig=canary", {}, "KNOWLEDGE_SOURCE='s3://...': unknown scheme"),
        ("knowledge_base", {"KNOWLEDGE_INTERVAL": "7200"}, "KNOWLEDGE_INTERVAL='7200'"),
        (
            "http://127.0.0.1:1/a/kb?sp=rl&sv=2024-01-01&sig=canary",
            {"KNOWLEDGE_HOSTS": "127.0.0.1"},
            "cannot be reached",
        ),
    ],
)
def test_a_wrong_setting_or_a_dead_source_is_exit_code_2(
    tmp_path: Path, source: str, settings: dict[str, str], words: str
) -> None:
    """One line says what is wrong, and holds no signature."""
    code, out, error = ran(tmp_path / "data", source, **settings)
    assert (code, out) == (2, "")
    assert words in error
    assert error.count("\n") == 1
    assert "canary" not in error


def test_watch_goes_on_until_it_is_stopped(tmp_path: Path) -> None:
    """A document written later is taken by itself."""
    folder = tmp_path / "kb"
    write(folder, "returns.md")
    with command(tmp_path / "data", str(folder), "--watch", KNOWLEDGE_INTERVAL="1") as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "  + returns.md\n"
            assert process.stdout.readline().startswith("knowledge-sync: 1 added")
            write(folder, "shipping.md", title="Shipping")
            assert process.stdout.readline() == "  + shipping.md\n"
        finally:
            process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0


def test_the_source_has_two_names_and_is_no_readable_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """KNOWLEDGE_DIR still works, and a SAS in the URL is not in the settings' text."""
    assert read_settings().knowledge_source.get_secret_value() == "knowledge_base"
    assert read_settings(knowledge_dir=Path("kb")).knowledge_source.get_secret_value() == "kb"
    monkeypatch.setenv("KNOWLEDGE_DIR", "https://shop.blob.core.windows.net/kb?sig=canary")
    settings = read_settings()
    assert settings.knowledge_source.get_secret_value().endswith("sig=canary")
    assert "canary" not in repr(settings)
    monkeypatch.setenv("KNOWLEDGE_SOURCE", "elsewhere")
    assert read_settings().knowledge_source.get_secret_value() == "elsewhere"


class Scripted:
    """A sync that does what a test wrote down, one step a run; the last one again and again."""

    def __init__(self, *steps: Callable[[], SyncReport]) -> None:
        self._steps = list(steps)
        self.runs = 0
        self.enough = asyncio.Event()

    async def run(self) -> SyncReport:
        self.runs += 1
        step = self._steps[min(self.runs, len(self._steps)) - 1]
        if self.runs > len(self._steps):
            self.enough.set()
        return step()


def report(**changes: tuple[object, ...]) -> SyncReport:
    empty = dict.fromkeys(("added", "changed", "removed", "unchanged", "rejected", "warnings"), ())
    return SyncReport(**{**empty, **changes}, embedded=0)  # type: ignore[arg-type]


def failing(error: Exception) -> Callable[[], SyncReport]:
    def step() -> SyncReport:
        raise error

    return step


async def index_with(tmp_path: Path, index: Index) -> None:
    write(tmp_path / "kb", "returns.md")
    await index.sync(tmp_path / "kb")


async def test_the_service_takes_a_changed_file_while_it_runs(tmp_path: Path) -> None:
    """Within the interval, without a restart."""
    folder = tmp_path / "kb"
    write(folder, "returns.md")
    synced = asyncio.Event()
    async with opened(tmp_path) as index:

        class Telling(KnowledgeSync):
            async def run(self, **options: object) -> SyncReport:
                done = await super().run()
                if done.changed:
                    synced.set()
                return done

        async with kept_in_sync(Telling(FolderSource(folder), index), index, 0.05):
            write(folder, "returns.md", text="You can return most items within 45 days of delivery.")
            await asyncio.wait_for(synced.wait(), 30)
            (passage, *_) = (await index.search("how long may I return an item", language="en", k=1)).passages
            assert "45 days" in passage.text


async def test_no_failure_ends_the_background_sync(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A dead source, a wrong setting and a fault of our own are logged, and the next turn runs."""
    sync = Scripted(
        report,
        failing(SourceDown("no answer")),
        failing(SettingsError("gone")),
        failing(ValueError("ours")),
        report,
    )
    async with opened(tmp_path) as index, kept_in_sync(sync, index, 0.01):
        await asyncio.wait_for(sync.enough.wait(), 10)
    for words in ("no answer", "gone", "ours"):
        assert f"knowledge serves as it was, the sync failed: {words}" in caplog.text


async def test_a_complaint_is_logged_when_it_appears(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at every turn, and again when it comes back."""
    bad = report(rejected=(Rejected("a.md", 1, "id", "is wrong", "mend it"),))
    odd = report(warnings=(Warned("b.md", "is odd"),))
    caplog.set_level(logging.WARNING)
    sync = Scripted(lambda: bad, lambda: bad, report, lambda: bad, lambda: odd, report)
    async with opened(tmp_path) as index, kept_in_sync(sync, index, 0.01):
        await asyncio.wait_for(sync.enough.wait(), 10)
    assert caplog.text.count("a.md:1: id: is wrong; mend it") == 2
    assert caplog.text.count("b.md: is odd") == 1


@pytest.mark.parametrize(
    ("error", "served", "starts"),
    [
        (SourceDown("no answer"), False, True),
        (SourceDown("no answer"), True, True),
        (SettingsError("no such folder"), True, True),
        (SettingsError("no such folder"), False, False),
    ],
)
async def test_a_failing_first_sync_stops_only_a_start_without_anything_to_serve(
    tmp_path: Path, error: DeskError, served: bool, starts: bool
) -> None:
    """The last good version serves through an expired signature; a fresh wrong setting is told at once."""
    async with opened(tmp_path) as index:
        if served:
            await index_with(tmp_path, index)
        sync = Scripted(failing(error))
        if starts:
            async with kept_in_sync(sync, index, 600):
                assert sync.runs == 1
        else:
            with pytest.raises(SettingsError, match="no such folder"):
                async with kept_in_sync(sync, index, 600):
                    pass
