"""A real Azurite: the blob service of Azure on this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Azurite's account and key are the same everywhere and known to all: they protect nothing.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@contextmanager
def running() -> Iterator[str]:
    """The account's URL at a running Azurite; its absence is an error in CI and a loud skip elsewhere."""
    local = ROOT / ".venv" / "azurite" / "node_modules" / ".bin" / "azurite-blob"
    binary = str(local) if local.exists() else shutil.which("azurite-blob")
    if binary is None:
        missing = (
            "no azurite-blob: `npm install --prefix .venv/azurite azurite@3.37.0` to test blob containers"
        )
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    command = [binary, "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    with subprocess.Popen(
        [*command, "--blobHost", "127.0.0.1", "--blobPort", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"listens on (http://\S+)", line):
                yield f"{found[1]}/{ACCOUNT}"
                break
        else:
            pytest.fail("azurite-blob ended before it listened")
        process.terminate()
        process.communicate()
