"""`python -m launch audit`, as a person or a nightly job calls it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit.log import Log

ROOT = Path(__file__).parents[2]


def ran(data: Path, *options: str, **settings: str) -> tuple[int, str, str]:
    environment = {**os.environ, "DATA_DIR": str(data), "AUDIT_ANCHOR": str(data / "vault/anchors/anchor")}
    process = subprocess.run(
        [sys.executable, "-m", "launch", "audit", *options],
        cwd=ROOT, env={**environment, **settings}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return process.returncode, process.stdout, process.stderr


@pytest.fixture
async def log(tmp_path: Path) -> Log:
    folder = tmp_path / "vault"
    folder.mkdir()
    log = Log(folder)
    await log.write("c1", "c2", "c1")
    return log


def test_verify(log: Log, tmp_path: Path) -> None:
    """0 with the counts when all is well; 1 with file, line and what is wrong."""
    code, out, error = ran(tmp_path, "verify")
    assert (code, error) == (0, "")
    assert out.startswith("audit: 4 lines in 1 files; all is well; last line 4:")
    noted = out.split()[-1]
    assert ran(tmp_path, "verify", "--noted", noted)[0] == 0
    lines = log.lines()
    log.put([lines[0], lines[1].replace(b"c1", b"c7"), *lines[2:]])
    code, out, error = ran(tmp_path, "verify", "--noted", noted)
    assert (code, error) == (1, "  ! audit.log line 2: changed: its hash is not that of what it says\n")
    assert "1 thing wrong" in out


def test_wrong_settings(log: Log, tmp_path: Path) -> None:
    """2 for a mistyped option, a wrong setting and a missing key, with the remedy."""
    code, _, error = ran(tmp_path, "verify", "--noted", "4")
    assert (code, "--noted='4' is not <sequence>:<64 hex digits>" in error) == (2, True)
    code, _, error = ran(tmp_path, "verify", AUDIT_FILE_BYTES="12")
    assert (code, "AUDIT_FILE_BYTES='12'" in error) == (2, True)
    log.key.unlink()
    code, _, error = ran(tmp_path, "verify")
    assert (code, "key is missing" in error) == (2, True)
    assert not (tmp_path / "vault" / "key").exists()


def test_show(log: Log, tmp_path: Path) -> None:
    """Who opened what of a conversation: one line each; 1 when nothing is known of it."""
    code, out, _ = ran(tmp_path, "show", "--conversation", "c1")
    assert code == 0
    first, second = out.splitlines()
    assert first.endswith("#2  service:test  reveal  for delivery  tokens TOKEN_c1")
    assert "#4" in second
    assert ran(tmp_path, "show", "--conversation", "c")[::2] == (
        1,
        "audit: no line is about conversation 'c'\n",
    )
