"""Gets one program out of a package of the machine's own package manager, without root where that can be."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

_SECONDS = 120


def from_apt(package: str, program: str, target: Path) -> Path | None:
    """The file `program` of Debian's package, at `target`; None where there is no apt.

    The package is unpacked, not installed. Raises `OSError` or `subprocess.SubprocessError`.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return None
    with tempfile.TemporaryDirectory() as folder:
        try:
            _run(["apt-get", "download", package], cwd=folder)
        except subprocess.CalledProcessError:
            if os.geteuid() != 0:
                raise
            _run(["apt-get", "update", "-qq"], cwd=folder)  # a fresh container has no package lists
            _run(["apt-get", "download", package], cwd=folder)
        found = next(Path(folder).glob(f"{package}_*.deb"))
        _run(["dpkg", "-x", str(found), f"{folder}/out"], cwd=folder)
        return place(Path(folder, "out", program).read_bytes(), target)


def from_brew(package: str, program: str) -> Path | None:
    """The program, after Homebrew installed its package; None where there is no Homebrew."""
    if not shutil.which("brew"):
        return None
    _run(["brew", "install", "--quiet", package], cwd=".")
    found = shutil.which(program)
    return Path(found) if found else None


def place(content: bytes, target: Path) -> Path:
    """Put the program in place at once, so that a half-written one is never started."""
    fresh = target.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.chmod(0o755)
    fresh.replace(target)
    return target


def _run(command: Sequence[str], *, cwd: str) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603  names are ours
