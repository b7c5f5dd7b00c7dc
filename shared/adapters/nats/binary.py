"""Finds a nats-server, or gets one: from apt without root, from brew, or a release from where one is kept."""

import hashlib
import io
import logging
import platform
import shutil
import subprocess
import sys
import tarfile
from functools import partial
from pathlib import Path

import httpx

from shared.adapters.packages import from_apt, from_brew, place

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
    fetches = {
        "apt": partial(from_apt, "nats-server", "usr/sbin/nats-server", here),
        "brew": partial(from_brew, "nats-server", "nats-server"),
        "release": partial(_from_release, releases, here),
    }
    for name, fetch in fetches.items():
        try:
            found = fetch()
        except (OSError, subprocess.SubprocessError, httpx.HTTPError, tarfile.TarError, ValueError) as error:
            _LOG.warning("nats-server by %s: %s", name, error)
            continue
        if found is not None:
            print(f"nats-server: got it by {name}", file=sys.stderr)  # noqa: T201  a slow first start explains itself
            return found
    return None


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
        return place(member.read(), target)
