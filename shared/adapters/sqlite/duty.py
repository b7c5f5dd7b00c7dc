"""Who is on duty, in the file of members and sessions, by a connection of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from shared.adapters.sqlite import profiles
from shared.adapters.sqlite.room import Room
from shared.contracts import LANGUAGES, Language
from shared.ports import Duty, DutyState

# Who is removed is on duty no more.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS duty (
    member_id TEXT PRIMARY KEY, state TEXT NOT NULL, languages TEXT NOT NULL, skills TEXT NOT NULL,
    since REAL NOT NULL, seen_at REAL NOT NULL, given_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS duty_of_member AFTER DELETE ON members BEGIN
    DELETE FROM duty WHERE member_id = OLD.id;
END;
"""
_SELECT = f"""
SELECT m.id, m.name, {profiles.DISPLAY}, COALESCE(d.state, 'off'), d.languages, COALESCE(d.skills, ''),
    COALESCE(d.since, 0.0),
    MAX(COALESCE(d.seen_at, 0.0), COALESCE((SELECT MAX(s.seen_at) FROM sessions AS s
        WHERE s.member_id = m.id), 0.0)) AS seen, COALESCE(d.given_at, 0.0)
FROM {profiles.JOINED} LEFT JOIN duty AS d ON d.member_id = m.id
"""  # noqa: S608  ours
_SAY = """
INSERT INTO duty VALUES (?, ?, ?, ?, ?, ?, 0.0) ON CONFLICT (member_id) DO UPDATE SET
    since = CASE WHEN state = excluded.state THEN since ELSE excluded.since END,
    state = excluded.state, languages = excluded.languages, skills = excluded.skills,
    seen_at = excluded.seen_at
"""


@asynccontextmanager
async def open_duty(path: Path) -> AsyncIterator["SqliteDuty"]:
    """Duty in the file at `path`, which `open_staff` has made."""
    duty = await asyncio.to_thread(SqliteDuty, path)
    try:
        yield duty
    finally:
        duty.close()


class SqliteDuty(Room):
    """A `DutyStore` on SQLite. What is lost in a power cut, the next sign of life tells again."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "store of who is on duty", schema=profiles.SCHEMA + _SCHEMA)

    async def duty(self, member_id: str) -> Duty | None:
        """See `DutyStore.duty`."""
        return self._try(lambda: self._one(member_id))

    async def say(
        self,
        member_id: str,
        state: DutyState,
        *,
        at: float,
        languages: Sequence[Language] | None = None,
        skills: Sequence[str] | None = None,
    ) -> Duty | None:
        """See `DutyStore.say`."""

        def work() -> Duty | None:
            old = self._one(member_id)
            if old is None:
                return None
            spoken = old.languages if languages is None else languages
            known = old.skills if skills is None else sorted(set(skills))
            self._db.execute(_SAY, (member_id, state, " ".join(spoken), "\n".join(known), at, at))
            return self._one(member_id)

        return self._try(work)

    async def alive(self, member_id: str, *, at: float) -> None:
        """See `DutyStore.alive`."""
        statement = "UPDATE duty SET seen_at = MAX(seen_at, ?) WHERE member_id = ? AND state != 'off'"
        self._try(lambda: self._db.execute(statement, (at, member_id)))

    async def given(self, member_id: str, *, at: float) -> None:
        """See `DutyStore.given`."""
        statement = "UPDATE duty SET given_at = MAX(given_at, ?) WHERE member_id = ?"
        self._try(lambda: self._db.execute(statement, (at, member_id)))

    async def on_duty(self, *, since: float) -> Sequence[Duty]:
        """See `DutyStore.on_duty`."""
        where = "WHERE d.state != 'off' AND seen >= ? ORDER BY m.name, m.id"
        return self._try(lambda: [_duty(*row) for row in self._db.execute(_SELECT + where, (since,))])

    def _one(self, member_id: str) -> Duty | None:
        row = self._db.execute(_SELECT + "WHERE m.id = ?", (member_id,)).fetchone()
        return _duty(*row) if row else None


def _duty(
    member_id: str, name: str, display: str, state: DutyState, languages: str | None, skills: str,
    since: float, seen_at: float, given_at: float,
) -> Duty:  # fmt: skip
    said = LANGUAGES if languages is None else languages.split()
    return Duty(
        member_id=member_id,
        name=name,
        display=display,
        state=state,
        languages=tuple(each for each in LANGUAGES if each in said),
        skills=tuple(skills.split("\n")) if skills else (),
        since=since,
        seen_at=seen_at,
        given_at=given_at,
    )
