"""The store of staff, in memory and in a file that several processes open: one contract for both."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from shared.adapters.memory.staff import open_memory_staff
from shared.adapters.sqlite.duty import open_duty
from shared.adapters.sqlite.staff import open_staff
from shared.adapters.tries import MEMORY_SECONDS, MOST_KEYS
from shared.errors import StoreDown
from shared.ports import StaffMember, StaffSession, StaffStore

ANA = StaffMember(id="m-1", name="ana", role="agent", password="scrypt$1")
LEE = StaffMember(id="m-2", name="lee", role="lead", password="scrypt$2")


def session(key: str, of: str = "m-1", *, begun: float = 100.0, ends: float = 900.0) -> StaffSession:
    return StaffSession(key=key, member_id=of, begun_at=begun, seen_at=begun, ends_at=ends)


@pytest.fixture(params=["memory", "sqlite"])
async def stores(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[StaffStore, StaffStore]]:
    """The same store as two processes see it."""
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            one: StaffStore = await stack.enter_async_context(open_memory_staff())
            yield one, one
        else:
            path = tmp_path / "data" / "staff.db"
            yield (
                await stack.enter_async_context(open_staff(path)),
                await stack.enter_async_context(open_staff(path)),
            )


Stores = tuple[StaffStore, StaffStore]


async def test_the_first_members_are_made_once(stores: Stores) -> None:
    """By the first process that comes, and never again, even when all of them are gone."""
    here, there = stores
    assert await here.begin_with([LEE, ANA]) is True
    assert await there.begin_with([replace(ANA, id="m-9", name="other")]) is False
    assert list(await there.members()) == [ANA, LEE]
    assert await here.remove("m-1") is True
    assert await here.remove("m-2") is True
    assert await here.remove("m-2") is False
    assert await there.begin_with([ANA]) is False
    assert list(await there.members()) == []


async def test_whoever_was_added_is_a_first_member_too(stores: Stores) -> None:
    """An account made by hand before the first start keeps the generated ones away."""
    here, there = stores
    assert await here.add(ANA) is True
    await here.remove("m-1")
    assert await there.begin_with([LEE]) is False


async def test_names(stores: Stores) -> None:
    """One account with a password for a name; of those without one there may be many."""
    here, there = stores
    assert await here.add(ANA) is True
    assert await there.add(replace(LEE, name="ana")) is False
    assert await there.add(replace(LEE, id="m-1")) is False
    for number in (7, 8):
        assert await here.add(StaffMember(id=f"m-{number}", name="ana", role="lead")) is True
    assert await there.named("ana") == ANA
    assert await there.named("lee") is None
    assert await there.member("m-8") == StaffMember(id="m-8", name="ana", role="lead")
    assert await there.member("m-9") is None


async def test_what_customers_call_them(stores: Stores, tmp_path: Path) -> None:
    """Another name ends no session."""
    here, there = stores
    await here.add(ANA)
    await here.open_session(session("k1"), most=5)
    called = replace(ANA, display="Ana", contact="555 0100")
    assert await here.set_display("m-1", "Ana", "555 0100") is True
    assert await there.session("k1") == (session("k1"), called)
    demoted = replace(ANA, role="admin", display="as it was read before")
    assert await here.change(demoted) is True
    assert await there.set_display("m-1", "Bo", None) is True
    assert await here.member("m-1") == replace(demoted, display="Bo", contact="555 0100")
    assert await here.set_display("m-9", "Bo", "") is False


BEFORE = """
CREATE TABLE members (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, password TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE sessions (
    key TEXT PRIMARY KEY, member_id TEXT NOT NULL, begun_at REAL NOT NULL, seen_at REAL NOT NULL,
    ends_at REAL NOT NULL
) WITHOUT ROWID;
INSERT INTO members VALUES ('m-1', 'ana', 'agent', 'scrypt$1');
"""
"""The file of a version that knew of no display names."""
WIDENED = "ALTER TABLE members ADD COLUMN display TEXT NOT NULL DEFAULT 'x';"
"""What a version between two releases did to it."""


@pytest.mark.parametrize("schema", [BEFORE, BEFORE + WIDENED])
async def test_a_file_of_before_display_names(tmp_path: Path, schema: str) -> None:
    """Everybody in it is there, and customers read "our team", whoever opens it first."""
    path = tmp_path / "staff.db"
    with sqlite3.connect(path) as db:
        db.executescript(schema)
    async with open_duty(path) as duty:
        assert await duty.say("m-1", "available", at=10.0) == await duty.duty("m-1")
        for _ in range(2):
            async with open_staff(path) as store:
                assert list(await store.members()) == [ANA]
                assert await store.add(LEE) is True
                assert await store.remove("m-2") is True
        async with open_staff(path) as store:
            assert await store.set_display("m-1", "Ana", None) is True
        assert [each.display for each in await duty.on_duty(since=0.0)] == ["Ana"]


async def test_beside_processes_of_the_version_before(tmp_path: Path) -> None:
    """They add, change and remove members, with the statements they have; no profile outlives its member."""
    path = tmp_path / "staff.db"
    async with open_staff(path) as store:
        await store.add(replace(ANA, display="Ana", contact="555 0100"))
        with sqlite3.connect(path) as older:
            older.execute("INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?)", ("m-2", "lee", "lead", ""))
            older.execute("REPLACE INTO members VALUES (?, ?, ?, ?)", ("m-1", "ana", "admin", "scrypt$1"))
        as_admin = replace(ANA, role="admin", display="Ana", contact="555 0100")
        assert list(await store.members()) == [as_admin, replace(LEE, password="")]
        with older:
            older.execute("DELETE FROM members WHERE id = 'm-1'")
        older.close()
        await store.add(ANA)
        assert await store.member("m-1") == ANA


async def test_sessions(stores: Stores) -> None:
    """What one process begins another one finds, uses and ends."""
    here, there = stores
    await here.begin_with([ANA, LEE])
    for key, of, begun in (("k1", "m-1", 100.0), ("k2", "m-1", 200.0), ("k3", "m-2", 150.0)):
        await here.open_session(session(key, of, begun=begun), most=5)
    assert await there.session("k1") == (session("k1"), ANA)
    assert await there.session("k4") is None
    assert [each.key for each in await there.sessions("m-1")] == ["k2", "k1"]
    await there.seen("k1", at=300.0)
    assert await here.session("k1") == (replace(session("k1"), seen_at=300.0), ANA)
    await there.end_session("k1")
    await there.end_session("k1")
    assert await here.session("k1") is None
    assert await there.end_sessions("m-1") == 1
    assert await here.sessions("m-1") == []
    assert await here.session("k3") is not None


async def test_sessions_do_not_pile_up(stores: Stores) -> None:
    """A member has so many and no more, the oldest end first; what is over is not kept."""
    here, there = stores
    await here.begin_with([ANA, LEE])
    await here.open_session(session("old", "m-2", ends=250.0), most=2)
    for number in (1, 2, 3):
        await here.open_session(session(f"k{number}", begun=100.0 * number), most=2)
    assert [each.key for each in await there.sessions("m-1")] == ["k3", "k2"]
    assert await there.session("old") is None


@pytest.mark.parametrize("other", [{"role": "admin"}, {"password": "scrypt$9"}])
async def test_another_role_or_password_ends_the_sessions(stores: Stores, other: dict[str, str]) -> None:
    """Of that member, in the same step; another name alone ends none, and nobody else's end."""
    here, there = stores
    await here.begin_with([ANA, LEE])
    await here.open_session(session("k1"), most=5)
    await here.open_session(session("k2", "m-2"), most=5)
    assert await there.change(replace(ANA, name="ana maria")) is True
    found = await here.session("k1")
    assert found is not None
    assert found[1].name == "ana maria"
    assert await there.change(replace(ANA, **other)) is True  # type: ignore[arg-type]
    assert await here.session("k1") is None
    assert await here.session("k2") is not None
    assert await there.change(replace(ANA, id="m-9")) is False


async def test_removed_members_have_no_session(stores: Stores) -> None:
    """Not one that was open, nor one that was opened at that moment."""
    here, there = stores
    await here.begin_with([ANA])
    await here.open_session(session("k1"), most=5)
    await there.remove("m-1")
    await here.open_session(session("k2"), most=5)
    assert await here.session("k1") is None
    assert await here.session("k2") is None


async def test_pauses_grow(stores: Stores) -> None:
    """Five tries are free, then each pause is twice the one before, up to a quarter of an hour."""
    here, there = stores
    at, waits = 1000.0, []
    for _ in range(5):
        assert await here.attempt({"name:ana": 5}, at=at) == 0
    for _ in range(12):
        waits.append(await there.attempt({"name:ana": 5, "address:x": 1}, at=at))
        at += waits[-1]
        assert await here.attempt({"name:ana": 5}, at=at) == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert await here.attempt({"address:x": 2}, at=at) == 0  # nothing was counted while the name was paused
    at += 1
    assert await here.attempt({"name:ana": 5}, at=at + MEMORY_SECONDS) == 0
    assert await here.attempt({"name:ana": 5}, at=at + MEMORY_SECONDS) == 0


async def test_tries_are_taken_back(stores: Stores) -> None:
    """All of a name, one of an address: who has an account does not free the address for guesses."""
    here, there = stores
    for _ in range(3):
        await here.attempt({"name:ana": 9, "address:x": 3}, at=10.0)
    await there.forgive("name:ana")
    await there.forgive("address:x", tries=1)
    await there.forgive("never")
    assert await here.attempt({"address:x": 3}, at=11.0) == 0
    assert await here.attempt({"address:x": 3}, at=11.0) > 0
    assert await here.attempt({"name:ana": 2}, at=11.0) == 0
    assert await here.attempt({"name:ana": 2}, at=11.0) == 0
    assert await here.attempt({"name:ana": 2}, at=11.0) > 0


async def test_tries_do_not_pile_up(stores: Stores) -> None:
    """Whoever tries under ever new names leaves so many rows and no more."""
    here, _ = stores
    keys = {f"name:{number}": 1 for number in range(MOST_KEYS)}
    assert await here.attempt({"name:first": 1}, at=1.0) == 0
    assert await here.attempt(keys, at=2.0) == 0
    assert await here.attempt({"name:first": 1}, at=2.0) == 0  # was paused until 2, and is forgotten anyway
    assert await here.attempt({"name:0": 1, "name:1": 1, "name:2": 1}, at=2.0) > 0


async def test_two_processes_count_together(tmp_path: Path) -> None:
    """Guesses that go to every process at the same moment are one row of tries."""
    async with open_staff(tmp_path / "staff.db") as here, open_staff(tmp_path / "staff.db") as there:
        waits = await asyncio.gather(*(store.attempt({"k": 5}, at=1.0) for store in (here, there) * 10))
    assert sum(wait == 0 for wait in waits) == 5


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_the_file_is_its_owners(tmp_path: Path) -> None:
    """0600, its log too; a file that is no database is told as such."""
    async with open_staff(tmp_path / "staff.db") as store:
        await store.begin_with([ANA])
        await store.ping()
        found = modes(tmp_path)
    assert found["staff.db"] == found["staff.db-wal"] == 0o600
    (tmp_path / "other.db").write_text("no database at all, but long enough to be looked at\n" * 99)
    with pytest.raises(StoreDown, match="it is damaged: restore a copy"):
        async with open_staff(tmp_path / "other.db"):
            pass
