"""Keeps who is on duty in this process only, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from shared.contracts import LANGUAGES, Language
from shared.ports import Duty, DutyState, StaffStore


@dataclass
class MemoryDuty:
    """`DutyStore` without a disk, beside a store of staff."""

    staff: StaffStore
    _said: dict[str, Duty] = field(default_factory=dict)

    async def duty(self, member_id: str) -> Duty | None:
        """See `DutyStore.duty`."""
        member = await self.staff.member(member_id)
        if member is None:
            self._said.pop(member_id, None)
            return None
        said = self._said.get(member_id, Duty(member_id=member_id, name=member.name))
        sessions = await self.staff.sessions(member_id)
        seen = max((session.seen_at for session in sessions), default=0.0)
        return replace(said, name=member.name, display=member.display, seen_at=max(said.seen_at, seen))

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
        old = await self.duty(member_id)
        if old is None:
            return None
        self._said[member_id] = replace(
            old,
            state=state,
            since=old.since if old.state == state else at,
            seen_at=at,
            languages=old.languages if languages is None else ordered(languages),
            skills=old.skills if skills is None else tuple(sorted(set(skills))),
        )
        return await self.duty(member_id)

    async def alive(self, member_id: str, *, at: float) -> None:
        """See `DutyStore.alive`."""
        said = self._said.get(member_id)
        if said is not None and said.state != "off":
            self._said[member_id] = replace(said, seen_at=max(said.seen_at, at))

    async def given(self, member_id: str, *, at: float) -> None:
        """See `DutyStore.given`."""
        if member_id in self._said:
            self._said[member_id] = replace(self._said[member_id], given_at=at)

    async def on_duty(self, *, since: float) -> Sequence[Duty]:
        """See `DutyStore.on_duty`."""
        found = [await self.duty(member_id) for member_id in tuple(self._said)]
        there = [duty for duty in found if duty and duty.state != "off" and duty.seen_at >= since]
        return sorted(there, key=lambda duty: (duty.name, duty.member_id))


def ordered(languages: Sequence[Language]) -> tuple[Language, ...]:
    """Each once, in our order."""
    return tuple(each for each in LANGUAGES if each in languages)
