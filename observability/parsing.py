"""Asks Microsoft's own parser (npm `@kusto/language-service-next`) whether queries are right."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from observability.schema import tables
from shared.errors import DeskError

_HERE = Path(__file__).parent
MODULES = _HERE.parent / ".venv" / "kusto" / "node_modules"
_SECONDS = 100


class NoParser(DeskError):
    """There is no node, or no parser for it to run."""


@dataclass(frozen=True)
class Diagnostic:
    """What the parser says of one place; `line` and `column` count from 1."""

    code: str
    severity: str
    line: int
    column: int
    message: str


def diagnostics(queries: Mapping[str, str], *, modules: Path = MODULES) -> Mapping[str, Sequence[Diagnostic]]:
    """What there is to say of each query, by name; nothing of those that are right.

    Raises:
        NoParser: it is not installed.
    """
    node = shutil.which("node")
    if node is None or not modules.is_dir():
        raise NoParser("no Kusto parser: install npm, then `make kql-check`")
    asked = json.dumps({"tables": tables(), "queries": queries})
    done = subprocess.run(  # noqa: S603  a program of ours; the queries are its input
        [node, str(_HERE / "parsing.js")],
        input=asked,
        env=os.environ | {"NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    told = json.loads(done.stdout)
    return {name: [Diagnostic(**each) for each in found] for name, found in told.items()}
