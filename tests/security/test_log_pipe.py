"""Whoever logs never waits for the reader of stderr, and no line shows what could not be written."""

import json
import logging
import os
import threading

import pytest

from launch.log_pipe import Pipe, stderr
from launch.logs import Lines

SECRET = "Quackenbush"


def put(pipe: Pipe, message: str, *args: object) -> None:
    """A line as a logger gives it to its handler."""
    pipe.handle(logging.LogRecord("x", logging.WARNING, "x.py", 1, message, args, None))


def test_a_line_that_cannot_be_made_shows_no_arguments(capfd: pytest.CaptureFixture[str]) -> None:
    """Logging's own way prints them."""
    pipe = Pipe(lambda data: os.write(2, data))
    put(pipe, "%d apples", SECRET)
    put(pipe, "and on")
    pipe.close()
    err = capfd.readouterr().err
    assert SECRET not in err
    assert "and on" in err
    assert pipe.lost == 1


def test_who_logs_never_waits_for_the_reader() -> None:
    """A pipe that takes nothing: lines are kept up to the bound, then lost and counted; it says so later."""
    opened, got = threading.Event(), bytearray()

    def write(data: bytes) -> int:
        opened.wait(20)
        got.extend(data)
        return len(data)

    pipe = Pipe(write, most=10_000)
    pipe.setFormatter(Lines("test"))
    for n in range(1000):
        put(pipe, "line %d", n)
    assert 0 < pipe.lost < 1000
    lost = pipe.lost
    opened.set()
    pipe.close()
    lines = [json.loads(line) for line in got.decode().splitlines()]
    assert sum(line["fields"]["count"] for line in lines if line.get("event") == "log_lines_lost") == lost
    assert [line["message"] for line in lines if not line.get("event")] == [
        f"line {n}" for n in range(1000 - lost)
    ]


def test_the_last_words_of_a_process_do_not_wait_for_the_reader_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What other libraries' exit hooks log comes after our end: written when it can be, never waited for."""
    monkeypatch.setattr("launch.log_pipe._CLOSE_SECONDS", 0.05)
    opened, writers = threading.Event(), set[str]()

    def write(data: bytes) -> int:
        writers.add(threading.current_thread().name)
        opened.wait(20)
        return len(data)

    stuck, fine = Pipe(write), Pipe(len)
    for pipe in (stuck, fine):
        put(pipe, "first")
        pipe.close()
        put(pipe, "last words")
    assert writers == {"log"}, "who logs wrote itself, to a reader that takes nothing"
    assert not fine._lines
    opened.set()


def test_nobody_reads_any_more() -> None:
    """Stderr was closed: the process goes on."""

    def write(data: bytes) -> int:
        raise BrokenPipeError

    pipe = Pipe(write)
    put(pipe, "hello")
    pipe.close()
    assert pipe.lost == 1


def test_a_pipe_that_does_not_block_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever shares it may have made it so; no line is lost by it."""
    got, full = bytearray(), [True]

    def write(descriptor: int, data: bytes) -> int:
        if full.pop() if full else False:
            raise BlockingIOError
        got.extend(data[:5])
        return min(5, len(data))

    monkeypatch.setattr("launch.log_pipe.os.write", write)
    pipe = Pipe(stderr)
    put(pipe, "a whole line")
    pipe.close()
    assert bytes(got) == b"a whole line\n"
    assert pipe.lost == 0
