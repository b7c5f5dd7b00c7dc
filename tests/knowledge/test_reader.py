"""The process that reads files: it may be slow, die or be taken over, and costs no more than its file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.adapters.knowledge import reader as reader_module
from shared.adapters.knowledge.reader import Reader
from tests.knowledge.papers import with_stream


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    """A PDF made to be slow costs its time limit, not the service."""
    slow = with_stream(b"q BT /F1 9 Tf (a) Tj ET Q\n" * 200_000)
    with Reader(seconds=2) as reader:
        found = reader.read("slow.pdf", slow, None).rejected
        assert found is not None
        assert "longer than 2 s" in found.reason
        assert reader.read("good.csv", b"question,answer\na,b\n", None).document is not None


def test_a_slow_start_is_not_counted_against_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is busy the process takes its time to load, and the file is read."""
    program = (
        "import os, runpy, time; time.sleep(3); runpy.run_module('shared.adapters.knowledge.reading',"
        " run_name='__main__')"
    )

    def start() -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", program], env=os.environ, stdin=pipe, stdout=pipe)

    monkeypatch.setattr(reader_module, "_start", start)
    with Reader(seconds=2) as reader:
        assert reader.read("good.csv", b"question,answer\na,b\n", None).document is not None


def test_a_file_that_breaks_the_reading_process_is_rejected_alone() -> None:
    """However the process died, the file is named and the next one is read by a new process."""
    good = b"question,answer\na,b\n"
    with Reader() as reader:
        assert reader.read("good.csv", good, None).document is not None
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
        found = reader.read("bad.csv", good, None).rejected
        assert found is not None
        assert "breaks the program that reads it (exit code -9)" in found.reason
        assert reader.read("good.csv", good, None).document is not None


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_reading_process_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that took the process over would find no setting in its environment."""
    monkeypatch.setenv("MODEL_API_KEY", "sk-not-for-readers")
    with Reader() as reader:
        assert reader.read("a.csv", b"question,answer\na,b\n", None).document is not None
        assert reader._process is not None
        assert b"sk-not-for-readers" not in Path(f"/proc/{reader._process.pid}/environ").read_bytes()
