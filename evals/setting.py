"""Tells what a run was taken on: machine, versions, and the state of everything that shapes an answer."""

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PACKAGES = ("numpy", "onnxruntime", "scikit-learn", "openai", "phonenumbers")
# What a change of which may move a figure; of `code` the Python files count, of the others the rest.
_SHAPING = {
    "code": (
        "shared/adapters/embedded",
        "shared/adapters/knowledge",
        "shared/adapters/openai",
        "shared/personal_data",
    ),
    "seeds": ("shared/adapters/embedded/seeds", "shared/adapters/embedded/glossary"),
    "words": ("shared/adapters/embedded/words",),
    "rules": ("shared/adapters/embedded/rules",),
    "replies": ("shared/adapters/embedded/replies",),
    "prompts": ("agents/prompts",),
    "playbooks": ("conversation/playbooks",),
    "knowledge": ("knowledge_base",),
}


def digests() -> dict[str, str]:
    """A short digest by part of the product; equal digests mean equal files."""
    return {name: _digest(folders, code=name == "code") for name, folders in _SHAPING.items()}


def _digest(folders: Sequence[str], *, code: bool) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc" and (path.suffix == ".py") == code:
                digest.update(f"{path.relative_to(ROOT)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def machine() -> dict[str, str]:
    """Cores, processor, versions and the commit."""
    return {
        "machine": f"{os.cpu_count()} cores, {_cpu()}, {platform.system()} {platform.machine()}",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _PACKAGES)]
        ),
        "commit": commit(),
    }


def commit() -> str:
    """The commit of the work tree, with `+` where files differ from it; empty outside git."""
    command = ("git", "describe", "--always", "--abbrev=8", "--dirty=+")
    try:
        said = subprocess.run(  # noqa: S603  a fixed command
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=10
        )
    except FileNotFoundError:  # an image without git
        return ""
    return said.stdout.strip()


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text("utf-8")) if info.exists() else None
    return found.group(1) if found else platform.processor() or platform.machine()
