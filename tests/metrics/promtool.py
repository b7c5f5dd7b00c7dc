"""Prometheus' own checker, and scrapes as it reads them in a test."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]


def promtool(*arguments: str | Path, given: str = "") -> str:
    """What it says; fails with that when it is not content. Without it CI fails, others skip."""
    local = ROOT / ".venv" / "bin" / "promtool"
    binary = shutil.which("promtool") or (str(local) if local.is_file() else "")
    if not binary:
        missing = "no promtool: `make .venv/promtool.ok`, or apt or brew install prometheus"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    command = [binary, *map(str, arguments)]
    # It collects its garbage after each of 40 small tests otherwise: a third of its time.
    env = os.environ | {"GOGC": "400"}
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def series(texts: Sequence[str]) -> Iterator[dict[str, str]]:
    """Two scrapes as a test of rules reads them: minutes 0 to 4 the first, 5 to 9 the second."""
    found: dict[str, list[float | None]] = {}
    for number, text in enumerate(texts):
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = {"job": "answerdesk", "instance": "127.0.0.1:9100"} | sample.labels
                inside = ",".join(f'{name}="{value}"' for name, value in labels.items())
                values = found.setdefault(f"{sample.name}{{{inside}}}", [None] * len(texts))
                values[number] = sample.value
    for name, values in found.items():
        written = " ".join(f"{'_' if value is None else value!r}x4" for value in values)
        yield {"series": name, "values": written}
