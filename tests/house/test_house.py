"""The house keeps its own rules: sizes, layers, names, and pictures that cannot lie."""

import ast
import importlib.metadata
import re
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from conversation.graph import build_graph
from conversation.steps import Steps

ROOT = Path(__file__).parents[2]
ROOMS = ("agents", "conversation", "gateway", "shared", "mock_apis", "launch", "evals", "bench", "tuning")
MOST_LINES = 300


def _tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        ROOT / name for name in listed.splitlines() if name.endswith(suffixes) and (ROOT / name).is_file()
    ]


def _modules() -> list[Path]:
    return [path for path in _tracked(".py") if path.relative_to(ROOT).parts[0] in ROOMS]


def test_modules_fit_in_300_lines() -> None:
    """A newcomer reads a file top to bottom, a test file too."""
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in _tracked(".py")}
    long = [f"{path.relative_to(ROOT)} ({count})" for path, count in lines.items() if count > MOST_LINES]
    assert not long, f"more than {MOST_LINES} lines, split by subject: {', '.join(long)}"


def test_functions_fit_on_a_screen() -> None:
    """No function is longer than 60 lines."""
    long = []
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > 60:
                    long.append(f"{path.relative_to(ROOT)}:{node.name} has {lines} lines")
    assert not long


def test_the_flow_picture_is_the_graph() -> None:
    """docs/flow.md embeds the graph's own Mermaid text."""
    steps = Steps(**cast("dict[str, Any]", dict.fromkeys(Steps.__dataclass_fields__)))
    drawn = build_graph(steps).get_graph().draw_mermaid()
    shown = re.search(r"```mermaid\n(.*?)```", (ROOT / "docs" / "flow.md").read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1].strip() == drawn.strip()


def test_only_the_doors_reveal() -> None:
    """Personal data leaves through delivery and the vendors' adapters; who times the vault passes it on."""
    allowed = {"gateway/delivery.py", "shared/adapters/timed_vault.py"}
    callers = set()
    for path in _modules():
        name = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "reveal"
            ):
                callers.add(name)
    outside = {n for n in callers if not n.startswith(("shared/adapters/shopify", "shared/adapters/zendesk"))}
    assert outside == allowed


def test_no_installed_package_owns_one_of_our_roots() -> None:
    """`agents` and `shared` are ours: an installed package of that name would silently win."""
    owners = importlib.metadata.packages_distributions()
    assert not [room for room in ROOMS if room in owners]


def test_no_package_index_or_path_of_a_machine_is_committed() -> None:
    """Lock files hold hashes, not addresses."""
    # Written so that this file does not hold what it looks for.
    pattern = re.compile(
        r"--(?:extra-)?index[-]url|files[.]python[h]osted|/simple[/]|(?<![\w.])/work[/]|/root[/]"
    )
    tracked = _tracked(".lock", ".toml", ".py", ".yml", ".json", "Makefile", "run", ".md", ".sh")
    wrong = [path.name for path in tracked if pattern.search(path.read_text("utf-8", errors="replace"))]
    assert not wrong


@pytest.mark.parametrize("room", ["agents", "conversation", "shared", "gateway"])
def test_nothing_happens_on_import(room: str) -> None:
    """Modules define; they do not read the environment, open files or start clients when imported."""
    banned = {"open", "getenv", "connect", "basicConfig", "AsyncClient", "create_task", "run"}
    found = []
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Call):
                name = getattr(node.value.func, "id", getattr(node.value.func, "attr", ""))
                if name in banned:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found
