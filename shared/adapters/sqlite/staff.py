"""Members of staff, their sessions and failed tries in one SQLite file; secrets are there as hashes."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from shared.adapters.sqlite import profiles, views
from shared.adapters.sqlite.room import Room
from shared.adapters.tries import MEMORY_SECONDS, MOST_KEYS, Tries
from shared.ports import StaffMember, StaffSession

_SCHEMA = """
CREATE TABLE IF NOT EXISTS begun (once INTEGER PRIMARY KEY CHECK (once = 1));
CREATE TABLE IF NOT EXISTS members (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, password TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS members_by_name ON members (name) WHERE password != '';
CREATE TABLE IF NOT EXISTS sessions (
    key TEXT PRIMARY KEY, member_id TEXT NOT NULL, begun_at REAL NOT NULL, seen_at REAL NOT NULL,
    ends_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_of_member ON sessions (member_id, begun_at);
CREATE TABLE IF NOT EXISTS tries (
    key TEXT PRIMARY KEY, failed INTEGER NOT NULL, last_at REAL NOT NULL, paused_until REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tries_by_time ON tries (last_at);
"""
_MEMBER = f"id, name, role, password, {profiles.DISPLAY}, {profiles.CONTACT}"
_INTO = "INTO members (id, name, role, password) VALUES (?, ?, ?, ?)"
_SESSION = "key, member_id, begun_at, seen_at, ends_at"


@asynccontextmanager
async def open_staff(path: Path) -> AsyncIterator["SqliteStaff"]:
    """The staff at `path`, a file for its owner only; several processes may open it."""
    staff = await asyncio.to_thread(SqliteStaff, path)
    try:
        yield staff
    finally:
        staff.close()


class SqliteStaff(Room):
    """`StaffStore` on SQLite (WAL), synced at each write: a session that was ended must stay so."""

    def __init__(self, path: Path) -> None:
        schema = _SCHEMA + views.SCHEMA + profiles.SCHEMA
        super().__init__(path, "store of staff", schema=schema, synced="FULL")

    async def begin_with(self, members: Sequence[StaffMember]) -> bool:
        """The first process to come adds them."""

        def work() -> bool:
            # Not "is the table empty": accounts that were removed do not come back with the next start.
            if self._db.execute("INSERT OR IGNORE INTO begun VALUES (1)").rowcount == 0:
                return False
            for member in members:
                self._put("INSERT", member)
            return True

        return self._write(work)

    async def members(self) -> Sequence[StaffMember]:
        """By name."""
        return self._try(lambda: self._members("ORDER BY name, id"))

    async def member(self, member_id: str) -> StaffMember | None:
        """By id."""
        return self._try(lambda: next(iter(self._members("WHERE id = ?", member_id)), None))

    async def named(self, name: str) -> StaffMember | None:
        """By name, of those with a password."""
        where = "WHERE name = ? AND password != ''"
        return self._try(lambda: next(iter(self._members(where, name)), None))

    async def add(self, member: StaffMember) -> bool:
        """False when taken."""

        def work() -> bool:
            self._db.execute("INSERT OR IGNORE INTO begun VALUES (1)")
            return self._put("INSERT OR IGNORE", member)

        return self._write(work)

    async def change(self, member: StaffMember) -> bool:
        """End the sessions of who became somebody else, in the same step."""

        def work() -> bool:
            old = next(iter(self._members("WHERE id = ?", member.id)), None)
            if old is None:
                return False
            self._put("REPLACE", replace(member, display=old.display, contact=old.contact))
            if (old.role, old.password) != (member.role, member.password):
                self._db.execute("DELETE FROM sessions WHERE member_id = ?", (member.id,))
            return True

        return self._write(work)

    async def set_display(self, member_id: str, display: str, contact: str | None) -> bool:
        """Nothing else is written: their role may change at this moment."""

        def work() -> bool:
            old = next(iter(self._members("WHERE id = ?", member_id)), None)
            if old is not None:
                kept = old.contact if contact is None else contact
                self._db.execute(profiles.KEEP, (member_id, display, kept))
            return old is not None

        return self._write(work)

    async def remove(self, member_id: str) -> bool:
        """With their sessions."""

        def work() -> bool:
            self._db.execute("DELETE FROM sessions WHERE member_id = ?", (member_id,))
            return self._db.execute("DELETE FROM members WHERE id = ?", (member_id,)).rowcount == 1

        return self._write(work)

    async def open_session(self, session: StaffSession, *, most: int) -> None:
        """Keep it, and end what is over or too many."""

        def work() -> None:
            row = (session.key, session.member_id, session.begun_at, session.seen_at, session.ends_at)
            self._db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row)
            self._db.execute("DELETE FROM sessions WHERE ends_at <= ?", (session.begun_at,))
            self._db.execute(
                "DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE member_id = ? "
                "ORDER BY begun_at DESC, key DESC LIMIT -1 OFFSET ?)",
                (session.member_id, most),
            )

        self._write(work)

    async def session(self, key: str) -> tuple[StaffSession, StaffMember] | None:
        """With its member as they are now."""

        def work() -> tuple[StaffSession, StaffMember] | None:
            found = next(iter(self._sessions("WHERE key = ?", key)), None)
            if found is None:
                return None
            member = next(iter(self._members("WHERE id = ?", found.member_id)), None)
            return (found, member) if member else None

        return self._try(work)

    async def sessions(self, member_id: str) -> Sequence[StaffSession]:
        """The newest first."""
        where = "WHERE member_id = ? ORDER BY begun_at DESC, key DESC"
        return self._try(lambda: self._sessions(where, member_id))

    async def seen(self, key: str, *, at: float) -> None:
        """It was used."""
        self._try(lambda: self._db.execute("UPDATE sessions SET seen_at = ? WHERE key = ?", (at, key)))

    async def end_session(self, key: str) -> None:
        """End it, if it is there."""
        self._try(lambda: self._db.execute("DELETE FROM sessions WHERE key = ?", (key,)))

    async def end_sessions(self, member_id: str) -> int:
        """All of a member."""
        sql = "DELETE FROM sessions WHERE member_id = ?"
        return self._try(lambda: self._db.execute(sql, (member_id,)).rowcount)

    async def attempt(self, free: Mapping[str, int], *, at: float) -> float:
        """Count a try for all, or none; processes that try at once take turns."""

        def work() -> float:
            known = {key: self._tries(key) for key in free}
            wait = max((tries.wait(at) for tries in known.values()), default=0.0)
            if wait > 0:
                return wait
            for key, tries in known.items():
                self._keep(key, tries.after(at, free=free[key]))
            self._db.execute("DELETE FROM tries WHERE last_at < ?", (at - MEMORY_SECONDS,))
            self._db.execute(
                "DELETE FROM tries WHERE key IN "
                "(SELECT key FROM tries ORDER BY last_at DESC LIMIT -1 OFFSET ?)",
                (MOST_KEYS,),
            )
            return 0.0

        return self._write(work)

    async def forgive(self, key: str, *, tries: int | None = None) -> None:
        """Take tries back."""

        def work() -> None:
            if tries is None:
                self._db.execute("DELETE FROM tries WHERE key = ?", (key,))
                return
            self._keep(key, self._tries(key).less(tries))

        self._write(work)

    async def ping(self) -> None:
        """Whether the file can be read."""
        self._try(lambda: self._db.execute("SELECT 1 FROM members LIMIT 1").fetchall())

    def _members(self, where: str, *values: str) -> list[StaffMember]:
        rows = self._db.execute(f"SELECT {_MEMBER} FROM {profiles.JOINED} {where}", values)  # noqa: S608  ours
        return [
            StaffMember(id=a, name=b, role=c, password=d, display=e, contact=f) for a, b, c, d, e, f in rows
        ]

    def _put(self, how: str, member: StaffMember) -> bool:
        row = (member.id, member.name, member.role, member.password)
        if self._db.execute(f"{how} {_INTO}", row).rowcount != 1:
            return False
        self._db.execute(profiles.KEEP, (member.id, member.display, member.contact))
        return True

    def _sessions(self, where: str, *values: str) -> list[StaffSession]:
        rows = self._db.execute(f"SELECT {_SESSION} FROM sessions {where}", values)  # noqa: S608  ours
        return [StaffSession(key=a, member_id=b, begun_at=c, seen_at=d, ends_at=e) for a, b, c, d, e in rows]

    def _tries(self, key: str) -> Tries:
        sql = "SELECT failed, last_at, paused_until FROM tries WHERE key = ?"
        row = self._db.execute(sql, (key,)).fetchone()
        return Tries(*row) if row else Tries()

    def _keep(self, key: str, tries: Tries) -> None:
        row = (key, tries.failed, tries.last_at, tries.paused_until)
        self._db.execute("REPLACE INTO tries VALUES (?, ?, ?, ?)", row)
