"""No log line quotes what an exception quotes: neither ours nor those of libraries, tasks and threads."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable

import pytest

from launch.logs import WithoutWords, on_loop_trouble
from shared.errors import StoreDown
from tests.shop import ROOT

SECRET = "Quackenbush"


def plain() -> None:
    raise ValueError(f"cannot read {SECRET}")


def chained() -> None:
    try:
        plain()
    except ValueError as error:
        raise KeyError(SECRET) from error


def in_context() -> None:
    try:
        plain()
    except ValueError:
        int(SECRET)


def grouped() -> None:
    raise ExceptionGroup(SECRET, [ValueError(SECRET), ExceptionGroup(SECRET, [OSError(SECRET)])])


def noted() -> None:
    error = TypeError()
    error.add_note(SECRET)
    raise error


@pytest.mark.parametrize(
    ("fail", "named"),
    [
        (plain, ["ValueError"]),
        (chained, ["ValueError", "KeyError"]),
        (in_context, ["ValueError"]),
        (grouped, ["ExceptionGroup", "ValueError", "OSError"]),
        (noted, ["TypeError"]),
    ],
)
def test_an_exception_is_located_and_not_quoted(fail: Callable[[], None], named: list[str]) -> None:
    """Types and frames of everything in the chain, no text."""
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "it broke", (), None)
    try:
        fail()
    except Exception:  # noqa: BLE001  whatever it is
        record.exc_info = sys.exc_info()
    told = WithoutWords("%(message)s").format(record)
    assert SECRET not in told
    assert f"in {fail.__name__}" in told
    assert all(name in told for name in named)


def test_our_own_errors_keep_their_words() -> None:
    """They are written for operators and say what to do."""
    error = StoreDown("the disk is full; free some space")
    assert "free some space" in WithoutWords().formatException((StoreDown, error, None))


async def test_a_task_nobody_waited_for_is_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    """Asyncio's own handler shows the task with its exception's text."""
    caplog.handler.setFormatter(WithoutWords("%(message)s"))
    asyncio.get_running_loop().set_exception_handler(on_loop_trouble)

    async def fail() -> None:
        plain()

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    await asyncio.sleep(0)
    assert "never retrieved" in caplog.text
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "crash",
    [
        "raise ValueError(secret)",
        "thread = threading.Thread(target=int, args=(secret,)); thread.start(); thread.join()",
        "class Bad:\n    def __del__(self): raise ValueError(secret)\nBad()",
    ],
)
def test_a_crash_is_not_quoted(crash: str) -> None:
    """Of the process, a thread, or a destructor."""
    before = "import sys, threading\nfrom launch import logs\nlogs.start('WARNING')\nsecret = sys.argv[1]\n"
    done = subprocess.run(
        [sys.executable, "-c", before + crash, SECRET], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "ValueError" in done.stderr
    assert SECRET not in done.stderr + done.stdout
