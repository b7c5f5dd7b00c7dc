"""Keeps members of staff and their sessions in this process only, for tests."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from shared.adapters.tries import MOST_KEYS, Tries
from shared.ports import StaffMember, StaffSession


@dataclass
class MemoryStaff:
    """`StaffStore` without a disk."""

    _begun: bool = False
    _members: dict[str, StaffMember] = field(default_factory=dict)
    _sessions: dict[str, StaffSession] = field(default_factory=dict)
    _tries: dict[str, Tries] = field(default_factory=dict)

    async def begin_with(self, members: Sequence[StaffMember]) -> bool:
        """Once."""
        if self._begun:
            return False
        self._begun = True
        self._members.update({member.id: member for member in members})
        return True

    async def members(self) -> Sequence[StaffMember]:
        """By name."""
        return sorted(self._members.values(), key=lambda member: (member.name, member.id))

    async def member(self, member_id: str) -> StaffMember | None:
        """By id."""
        return self._members.get(member_id)

    async def named(self, name: str) -> StaffMember | None:
        """By name, of those with a password."""
        return next((m for m in self._members.values() if m.password and m.name == name), None)

    async def add(self, member: StaffMember) -> bool:
        """False when taken."""
        if member.id in self._members or (member.password and await self.named(member.name)):
            return False
        self._begun = True
        self._members[member.id] = member
        return True

    async def change(self, member: StaffMember) -> bool:
        """End the sessions of who became somebody else."""
        old = self._members.get(member.id)
        if old is None:
            return False
        self._members[member.id] = replace(member, display=old.display, contact=old.contact)
        if (old.role, old.password) != (member.role, member.password):
            await self.end_sessions(member.id)
        return True

    async def set_display(self, member_id: str, display: str, contact: str | None) -> bool:
        """Nothing else."""
        old = self._members.get(member_id)
        if old is None:
            return False
        kept = old.contact if contact is None else contact
        self._members[member_id] = replace(old, display=display, contact=kept)
        return True

    async def remove(self, member_id: str) -> bool:
        """With their sessions."""
        await self.end_sessions(member_id)
        return self._members.pop(member_id, None) is not None

    async def open_session(self, session: StaffSession, *, most: int) -> None:
        """Keep it, and end what is over or too many."""
        self._sessions[session.key] = session
        extra = (await self.sessions(session.member_id))[most:]
        over = [s for s in self._sessions.values() if s.ends_at <= session.begun_at]
        for gone in (*extra, *over):
            self._sessions.pop(gone.key, None)

    async def session(self, key: str) -> tuple[StaffSession, StaffMember] | None:
        """With its member as they are now."""
        session = self._sessions.get(key)
        member = self._members.get(session.member_id) if session else None
        return (session, member) if session and member else None

    async def sessions(self, member_id: str) -> Sequence[StaffSession]:
        """The newest first."""
        mine = [session for session in self._sessions.values() if session.member_id == member_id]
        return sorted(mine, key=lambda session: (session.begun_at, session.key), reverse=True)

    async def seen(self, key: str, *, at: float) -> None:
        """It was used."""
        if key in self._sessions:
            self._sessions[key] = replace(self._sessions[key], seen_at=at)

    async def end_session(self, key: str) -> None:
        """End it, if it is there."""
        self._sessions.pop(key, None)

    async def end_sessions(self, member_id: str) -> int:
        """All of a member."""
        mine = await self.sessions(member_id)
        for session in mine:
            del self._sessions[session.key]
        return len(mine)

    async def attempt(self, free: Mapping[str, int], *, at: float) -> float:
        """Count a try for all, or none."""
        wait = max((self._tries.get(key, Tries()).wait(at) for key in free), default=0.0)
        if wait > 0:
            return wait
        for key, count in free.items():
            self._tries[key] = self._tries.pop(key, Tries()).after(at, free=count)
        while len(self._tries) > MOST_KEYS:
            del self._tries[min(self._tries, key=lambda key: self._tries[key].last_at)]
        return 0.0

    async def forgive(self, key: str, *, tries: int | None = None) -> None:
        """Take tries back."""
        if key not in self._tries:
            return
        if tries is None:
            del self._tries[key]
        else:
            self._tries[key] = self._tries[key].less(tries)

    async def ping(self) -> None:
        """Always there."""


@asynccontextmanager
async def open_memory_staff() -> AsyncIterator[MemoryStaff]:
    """Nobody yet."""
    yield MemoryStaff()
