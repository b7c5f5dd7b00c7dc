"""Renders what a run measured as Markdown: ours, floor, ratio, and each aim met or not met."""

import math
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.processes import nats_binary

_SETTING = (
    "Scripted model of zero latency, hashing embedder, every room a process of its own on one nats-server "
    "with JetStream on disk."
)
_PACKAGES = ("nats-py", "langgraph", "fastapi", "uvicorn", "uvloop", "msgspec", "numpy", "onnxruntime")


@dataclass(frozen=True)
class Aim:
    """A limit of issue 2 and what was measured; `at_least` is for speeds, otherwise less is better."""

    text: str
    measured: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """False also for what is not a number."""
        if math.isnan(self.measured):
            return False
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


@dataclass(frozen=True)
class Row:
    """One figure beside its floor; a floor of None was not measured."""

    what: str
    unit: str
    ours: float
    floor: float | None = None

    @property
    def ratio(self) -> str:
        """Ours divided by the floor."""
        return "" if not self.floor else f"{self.ours / self.floor:.2f}"


@dataclass(frozen=True)
class Table:
    """A heading, a word on it, and lines of cells; the first line is the head."""

    title: str
    lines: Sequence[Sequence[str]]
    note: str = ""


@dataclass
class Report:
    """What one run found, in the order it is shown."""

    quick: bool
    seconds: float = 0.0
    busy: float = 0.0
    aims: list[Aim] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def number(value: float) -> str:
    """A figure with the digits that mean something."""
    if math.isnan(value):
        return "not measured"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def floor_table(title: str, rows: Sequence[Row], note: str = "") -> Table:
    """Ours, floor, ratio."""
    lines = [("", "ours", "floor", "ours / floor", "unit")]
    lines += [
        (row.what, number(row.ours), "" if row.floor is None else number(row.floor), row.ratio, row.unit)
        for row in rows
    ]
    return Table(title, lines, note)


def markdown(table: Table) -> str:
    """The table with its heading."""
    head, *body = table.lines
    lines = [f"## {table.title}", ""]
    if table.note:
        lines += [table.note, ""]
    lines += ["| " + " | ".join(head) + " |", "|" + "|".join(" --- " for _ in head) + "|"]
    lines += ["| " + " | ".join(line) + " |" for line in body]
    return "\n".join([*lines, ""])


def aims_table(aims: Sequence[Aim]) -> Table:
    """Each aim of the issue with what was measured."""
    lines = [("aim", "measured", "unit", "")]
    lines += [
        (aim.text, number(aim.measured), "", "")
        if math.isnan(aim.measured)
        else (aim.text, number(aim.measured), aim.unit, "met" if aim.met else "**not met**")
        for aim in aims
    ]
    return Table("Aims of issue 2", lines)


def render(report: Report, machine: Mapping[str, str]) -> str:
    """The whole of RESULTS.md."""
    kind = "short (`--quick`)" if report.quick else "full"
    lines = [
        "# Speed",
        "",
        f"Written by `python -m bench{' --quick' if report.quick else ''}`; do not edit.",
        _SETTING,
        "",
        f"A {kind} run of {report.seconds:.0f} s. Other work took {report.busy:.0%} of the machine.",
        "",
        *(f"- {name}: {value}" for name, value in machine.items()),
        "",
        markdown(aims_table(report.aims)),
        *(markdown(table) for table in report.tables),
    ]
    if report.remarks:
        lines += ["## Remarks", "", *(f"- {remark}" for remark in report.remarks), ""]
    return "\n".join(lines)


def machine() -> dict[str, str]:
    """What this was measured on."""
    server = subprocess.run([nats_binary(), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {_cpu()}, {platform.system()} {platform.release()}",
        "versions": ", ".join(
            [
                f"Python {platform.python_version()}",
                server.stdout.strip().replace(": v", " "),
                *(f"{name} {version(name)}" for name in _PACKAGES),
            ]
        ),
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text("utf-8")) if info.exists() else None
    return found.group(1) if found else platform.processor() or platform.machine()
