"""Finds a nats-server, or gets one: from apt without root, from brew, or a release from where one is kept."""

import hashlib
import io
import logging
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from functools import partial
from pathlib import Path

import httpx

_LOG = logging.getLogger("answerdesk.nats")
_RELEASE = "2.10.10"
_SHA256 = {
    "linux-amd64": "c8cd7e19b906a5f8a7f9f7e70fc4bfa492d66a069d9664c4db19fdee1b6aa640",
    "darwin-amd64": "5b6bfed8f75ecb2f6465b87334f4e757a66c32b6c5f802e964a080a3716ffffb",
    "darwin-arm64": "8af6cbd8f3f21bcec164d17bc879d3e7807cd98e1c7839ac668986a71c4e52c6",
}
"""Of the release's tar.gz by platform; the release's own SHA256SUMS states the same."""
_SECONDS = 120


def find_binary(folder: Path, *, releases: str = "") -> Path | None:
    """A nats-server that runs, or None with the reasons in the log. What is fetched lands in `folder`.

    `releases` is the address that holds the project's releases by version (`NATS_RELEASES`), if any.
    """
    on_path = shutil.which("nats-server")
    if on_path:
        return Path(on_path)
    here = folder / "nats-server"
    if here.is_file():
        return here
    folder.mkdir(parents=True, exist_ok=True)
    for name, fetch in (
        ("apt", _from_apt),
        ("brew", _from_brew),
        ("release", partial(_from_release, releases)),
    ):
        try:
            found = fetch(here)
        except (OSError, subprocess.SubprocessError, httpx.HTTPError, tarfile.TarError, ValueError) as error:
            _LOG.warning("nats-server by %s: %s", name, error)
            continue
        if found is not None:
            print(f"nats-server: got it by {name}", file=sys.stderr)  # noqa: T201  a slow first start explains itself
            return found
    return None


def _from_apt(target: Path) -> Path | None:
    """Debian's package, downloaded and unpacked without root."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return None
    with tempfile.TemporaryDirectory() as folder:
        try:
            _run(["apt-get", "download", "nats-server"], cwd=folder)
        except subprocess.CalledProcessError:
            if os.geteuid() != 0:
                raise
            _run(["apt-get", "update", "-qq"], cwd=folder)  # a fresh container has no package lists
            _run(["apt-get", "download", "nats-server"], cwd=folder)
        package = next(Path(folder).glob("nats-server_*.deb"))
        _run(["dpkg", "-x", str(package), f"{folder}/out"], cwd=folder)
        return _place(Path(folder, "out/usr/sbin/nats-server").read_bytes(), target)


def _from_brew(_: Path) -> Path | None:
    if not shutil.which("brew"):
        return None
    _run(["brew", "install", "--quiet", "nats-server"], cwd=".")
    found = shutil.which("nats-server")
    return Path(found) if found else None


def _from_release(releases: str, target: Path) -> Path | None:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    system = f"{platform.system().lower()}-{machine}"
    if not releases or system not in _SHA256:
        return None
    name = f"nats-server-v{_RELEASE}-{system}"
    url = f"{releases.rstrip('/')}/v{_RELEASE}/{name}.tar.gz"
    archive = httpx.get(url, follow_redirects=True, timeout=_SECONDS).raise_for_status().content
    if hashlib.sha256(archive).hexdigest() != _SHA256[system]:
        raise ValueError(f"{name}.tar.gz does not have the pinned checksum; not used")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile(f"{name}/nats-server")
        if member is None:
            raise ValueError(f"{name}.tar.gz holds no nats-server")
        return _place(member.read(), target)


def _place(content: bytes, target: Path) -> Path:
    """Put the program in place at once, so that a half-written one is never started."""
    fresh = target.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.chmod(0o755)
    fresh.replace(target)
    return target


def _run(command: list[str], *, cwd: str) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603  fixed commands
