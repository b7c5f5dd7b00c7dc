"""Writers that are killed, disks that are full, files that fill up: the chain holds."""

import asyncio
import fcntl
import json
import os
import random
import signal
import stat
import sys
from pathlib import Path

import pytest

from shared.adapters.local import audit_files
from shared.errors import AuditDown, VaultDown
from shared.ports import Deed
from tests.audit.log import Log
from tests.vaults import open_audit

ROOT = Path(__file__).parents[2]
# Long lines: over a page of the disk's cache, so that a killed write may stop in the middle of one.
WRITER = """
import asyncio, sys
from pathlib import Path
from shared.ports import Deed
from tests.vaults import open_audit

async def main(path, key, name, size):
    async with open_audit(Path(path), Path(key), size=int(size)) as log:
        n = 0
        while True:
            tokens = tuple(f"TOKEN_{name}-{n}-{k}" for k in range(300))
            deed = Deed(action="reveal", purpose="delivery", conversation_id=f"{name}-{n}", tokens=tokens)
            await asyncio.gather(*(log.write(deed) for _ in range(3)))
            print(n, flush=True)
            n += 1

asyncio.run(main(*sys.argv[1:]))
"""


async def start(log: Log, name: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(log.path), str(log.key), name, str(log.size),
        stdout=asyncio.subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


async def said(child: asyncio.subprocess.Process, times: int) -> int:
    """Wait until the child has confirmed so many rounds; the last one's number."""
    assert child.stdout is not None
    for _ in range(times):
        last = await child.stdout.readline()
    return int(last)


@pytest.mark.parametrize("size", [1 << 30, 40_000])
async def test_killed_writers(tmp_path: Path, size: int) -> None:
    """Of four writers killed again and again, nothing confirmed is lost, and the chain is whole.

    Once in one file, once with the files turning over all the time.
    """
    log, confirmed, dice = Log(tmp_path, size=size), {}, random.Random(5)
    children: dict[str, asyncio.subprocess.Process] = {}
    for round_ in range(4):
        for lane in range(4):
            name = f"w{round_}{lane}"
            children[name] = await start(log, name)
        for name, child in children.items():
            confirmed[name] = await said(child, 2 + dice.randrange(4))
        await asyncio.sleep(dice.random() / 20)
        for child in children.values():
            child.send_signal(signal.SIGKILL)
        for child in children.values():
            await child.wait()
        children.clear()
    report = await log.verify()
    assert report.findings == ()
    await log.write("after")
    report = await log.verify()
    assert report.findings == ()
    assert report.lines > 3 * sum(confirmed.values())
    assert (report.files > 3) == (size == 40_000)
    async with open_audit(log.path, log.key) as opened:
        for name, last in confirmed.items():
            for number in (0, last):
                assert len(await opened.about(f"{name}-{number}")) == 3


@pytest.mark.parametrize("torn", [b"{", b'{"seq":12,"at":17', b"\0" * 5000])
async def test_half_a_line(tmp_path: Path, torn: bytes) -> None:
    """What a crash left of a line is taken away by the next one, noted, and never a finding."""
    log = Log(tmp_path)
    await log.write("c1", "c2")
    with log.path.open("ab") as file:
        file.write(torn)
    report = await log.verify()
    assert report.findings == ()
    assert f"half a line of {len(torn)} bytes" in report.notes[0]
    await log.write("c3")
    report = await log.verify()
    assert report.findings == ()
    assert (report.lines, len(report.notes)) == (5, 1)
    assert [json.loads(line)["action"] for line in log.lines()][2:] == ["reveal", "tail_healed", "reveal"]


async def test_killed_between_line_and_anchor(tmp_path: Path) -> None:
    """A line that the anchor does not know yet is no finding."""
    log = Log(tmp_path)
    await log.write("c1")
    behind = log.anchor.read_bytes()
    await log.write("c2")
    log.anchor.write_bytes(behind)
    assert await log.wrong() == []
    await log.write("c3")
    assert await log.wrong() == []
    assert log.anchor.read_bytes() > behind


async def test_the_disk_works_without_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others may write meanwhile, and the anchor follows: a power cut never leaves it ahead of the log."""
    log = Log(tmp_path)
    await log.write("c1")
    seen: list[int] = []

    def sync(handle: int) -> None:
        with log.anchor.open("rb") as anchor:
            fcntl.flock(anchor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen.append(int(anchor.read(20)))
        assert os.pread(handle, 1, os.fstat(handle).st_size - 1) == b"\n"

    monkeypatch.setattr(audit_files, "_SYNC", sync)
    await log.write("c2", "c3")
    assert seen == [2, 3]
    assert int(log.anchor.read_bytes()[:20]) == 4


async def test_full_files(tmp_path: Path) -> None:
    """A full file is put aside, the chain goes on in the next, and a file taken away or changed is found."""
    log = Log(tmp_path, size=10_000)
    names = [f"c{number}" for number in range(120)]
    for name in names:
        await log.write(name)
    report = await log.verify()
    assert (report.files, report.lines, report.findings) == (4, 121, ())
    files = [log.path, *(tmp_path / f"audit.log.{number}" for number in (1, 2, 3))]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    async with open_audit(log.path, log.key) as opened:
        assert [len(await opened.about(name)) for name in names] == [1] * 120

    second = tmp_path / "audit.log.2"
    data = second.read_bytes()
    first, last = (json.loads(line)["seq"] for line in (data.splitlines()[0], data.splitlines()[-1]))
    second.write_bytes(data.replace(b"delivery", b"delivere", 1))
    assert await log.wrong() == [("audit.log.2", 1, "changed: its hash is not that of what it says")]
    second.unlink()
    assert await log.wrong() == [("audit.log.3", 1, f"before it lines {first} to {last} are missing")]


async def test_all_but_full_files_gone(tmp_path: Path) -> None:
    """The current file is gone: found, and written on after what the anchor says."""
    log = Log(tmp_path, size=10_000)
    for number in range(40):
        await log.write(f"c{number}")
    log.path.unlink()
    (found,) = await log.wrong()
    assert found[2].endswith("missing at the end: the anchor remembers line 41")
    await log.write("c99")
    (found,) = await log.wrong()
    assert found[:2] == ("audit.log", 1)
    assert found[2].endswith("to 41 are missing")


FULL = """
import asyncio, resource, sys
from pathlib import Path
from shared.errors import AuditDown
from shared.ports import Deed
from tests.vaults import open_audit

async def main(path, key, room):
    deed = Deed(action="reveal", purpose="delivery", conversation_id="c1")
    async with open_audit(Path(path), Path(key)) as log:
        await log.write(deed)
        size = Path(path).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(room), resource.RLIM_INFINITY))
        for _ in range(2):
            try:
                await log.write(deed)
            except AuditDown as error:
                print(error)
            assert Path(path).stat().st_size == size
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        await log.write(deed)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("room", [0, 40])
async def test_full_disk(tmp_path: Path, room: int) -> None:
    """A line that does not fit is refused and leaves nothing behind; with room again the log goes on."""
    log = Log(tmp_path)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FULL, str(log.path), str(log.key), str(room), stdout=asyncio.subprocess.PIPE,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    output = (await child.communicate())[0].decode().splitlines()
    assert child.returncode == 0
    assert len(output) == 2
    assert all("ree disk space" in line and "nothing is" in line for line in output)
    report = await log.verify()
    assert (report.lines, report.findings, report.notes) == (3, (), ())


async def test_held_lock(tmp_path: Path) -> None:
    """A lock held too long is an error that may be tried again, and tells where to look."""
    log = Log(tmp_path)
    await log.write("c1")
    async with open_audit(log.path, log.key, patience=0.05) as opened:
        with log.anchor.open("rb") as anchor:
            fcntl.flock(anchor, fcntl.LOCK_EX)
            with pytest.raises(AuditDown, match=r"is locked by another process for 0\.05 s") as caught:
                await opened.write(Deed(action="reveal", purpose="delivery"))
            assert caught.value.retry
        await opened.write(Deed(action="reveal", purpose="delivery"))
    assert await log.wrong() == []


async def test_no_key(tmp_path: Path) -> None:
    """Without the vault's key file nothing is written, and no other key is made."""
    async with open_audit(tmp_path / "audit.log", tmp_path / "key") as log:
        with pytest.raises(VaultDown, match="key is missing"):
            await log.write(Deed(action="reveal", purpose="delivery"))
    assert not (tmp_path / "key").exists()
