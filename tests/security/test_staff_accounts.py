"""The accounts that a first start makes, and the command that changes them: passwords are told once."""

import argparse
import contextlib
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.staff.members import Members
from gateway.staff.roles import ROLES
from launch import staff
from launch.banner import accounts
from shared.adapters.memory.staff import MemoryStaff
from shared.adapters.sqlite.staff import open_staff
from shared.errors import SettingsError
from shared.ports import StaffMember
from tests.processes import Process
from tests.shop import free_port
from tests.staff import QUICK

TOLD = re.compile(r"  (\S+) +((?:[a-z2-9]{5}-){4}[a-z2-9]{5})   \((\w+)\)")


def command(data: Path, *options: str, **env: str) -> str:
    """What `python -m launch staff ...` prints, in this process: an interpreter takes a second to start."""
    parser, told = argparse.ArgumentParser(), io.StringIO()
    staff.add_arguments(parser)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(told):
        for name, value in {"DATA_DIR": str(data), **env}.items():
            patch.setenv(name, value)
        assert staff.run(parser.parse_args(options)) == 0
    return told.getvalue()


@dataclass
class Run:
    """A gateway that was started on an empty folder, with what the command did while it ran."""

    data: Path
    first: dict[str, str]
    added: str
    statuses: list[int]


def gateway(folder: Path, port: int) -> Process:
    env = {"PORT": str(port), "DATA_DIR": str(folder / "data"), "BUS_URL": "memory://"}
    command = [sys.executable, "-m", "launch", "gateway"]
    return Process("gateway", command, ready="gateway: ready", folder=folder / "logs", env=env)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder, port = tmp_path_factory.mktemp("staff"), free_port()
    process = gateway(folder, port)
    statuses: list[int] = []
    try:
        process.wait_ready()
        told = process.out.read_text()
        first = {name: password for name, password, _ in TOLD.findall(told)}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            tried = [http.get("/console/queue", auth=(role, first[role])) for role in ROLES]
            statuses += [answer.status_code for answer in tried]
            added = command(folder / "data", "add", "ana.maria", "--role", "lead", "--display", "Ana")
            new = added.split("password ")[1].split()[0]
            statuses.append(http.get("/console/queue", auth=("ana.maria", new)).status_code)
            command(folder / "data", "remove", "ana.maria")
            statuses.append(http.get("/console/queue", auth=("ana.maria", new)).status_code)
        process.interrupt()
        assert process.ended(20) == 0
        yield Run(folder / "data", first, new, statuses)
    finally:
        if process.running:
            process.kill()


async def test_shown_once(run: Run) -> None:
    """One account for each role at the first start; at the next one there is nothing to show."""
    assert set(run.first) == set(ROLES)
    assert len(set(run.first.values())) == 4
    async with open_staff(run.data / "staff.db") as store:
        assert await Members(store).first() == ()


def test_they_open_what_their_role_may(run: Run) -> None:
    """Agent, lead and admin the queue, the operator not; an account that was removed nothing any more."""
    assert run.statuses == [200, 200, 403, 200, 200, 401]


def test_no_password_is_kept(run: Run) -> None:
    """In no file under DATA_DIR; the store of staff is for its owner only."""
    passwords = [*run.first.values(), run.added]
    for path in run.data.rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            assert not [p for p in passwords if p.encode() in kept], path
    assert (run.data / "staff.db").stat().st_mode & 0o077 == 0


def test_changes_are_written_down(run: Run) -> None:
    """Who was added and removed, by the id and not by the name."""
    log = (run.data / "vault" / "audit.log").read_text()
    assert '"actor":"command:staff","action":"staff_changed"' in log
    assert re.search(r'"purpose":"remove m-[0-9a-f]{16}"', log)
    assert "ana.maria" not in log


def test_the_command_tells_what_is_wrong(run: Run) -> None:
    """The name or setting, and the remedy; nothing is changed."""
    with pytest.raises(SettingsError, match=r"NAME='nobody'.*staff list"):
        command(run.data, "reset", "nobody")
    with pytest.raises(SettingsError, match=r"OIDC_ISSUER=.*give them a role there"):
        command(run.data, "add", "bob", "--role", "agent", OIDC_ISSUER="https://login.example")
    assert [line.split()[:2] for line in command(run.data, "list").splitlines()] == [
        [role, role] for role in sorted(ROLES)
    ]
    with pytest.raises(SettingsError, match=r"DISPLAY='a\\u202eb'.*printable"):
        command(run.data, "display", "lead", "--display", "a\u202eb")
    assert "is Ana B. for customers" in command(run.data, "display", "lead", "--display", " Ana  B. ")
    assert "is our team for customers" in command(run.data, "display", "lead", "--display", "")
    assert command(run.data, "role", "lead", "--role", "agent") == "staff: lead is agent now\n"


async def test_names_of_accounts() -> None:
    """Taken and impossible ones are refused, and so is what the provider decides."""
    members = Members(MemoryStaff(), QUICK)
    made = await members.first()
    assert "agent" in accounts(made)
    assert await members.first() == ()
    assert accounts([]) == ""
    assert made[0].password not in repr(made)
    for name in ("", "Ana", "-ana", "a" * 33, "ana b", "ana\n", "<b>"):
        with pytest.raises(SettingsError, match="is no name of an account"):
            await members.add(name, "agent")
    with pytest.raises(SettingsError, match="is taken"):
        await members.add("agent", "admin")
    known = await members.known(issuer="https://login.example", subject="42", name="Ana", role="agent")
    for change in (members.reset(known.name), members.assign(known.id, "admin"), members.remove("nobody")):
        with pytest.raises(SettingsError, match="NAME="):
            await change
    assert (await members.remove(known.id)).name == "Ana"


async def test_what_customers_call_somebody_is_all_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their role is taken away between the look and the change: it stays away."""
    members = Members(MemoryStaff(), QUICK)
    await members.add("robin", "admin")
    one = Members._one

    async def demoted(self: Members, name: str) -> StaffMember:
        row = await one(self, name)
        monkeypatch.setattr(Members, "_one", one)
        await self.assign("robin", "agent")
        return row

    monkeypatch.setattr(Members, "_one", demoted)
    told = await members.introduce("robin", "Rob", "555")
    assert (told.role, told.display, told.contact) == ("agent", "Rob", "555")
