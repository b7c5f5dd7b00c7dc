"""Which members of staff are there now, for what, and whether they can be given a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.contracts import LANGUAGES, Language

DutyState = Literal["available", "away", "off"]


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A member as they have said it of themselves. Times are seconds since 1970, 0 for never.

    `seen_at` is the last sign of life of any of their browsers, `given_at` when they were last given a case.
    """

    member_id: str
    name: str
    display: str = ""
    state: DutyState = "off"
    languages: tuple[Language, ...] = LANGUAGES
    skills: tuple[str, ...] = ()
    since: float = 0.0
    seen_at: float = 0.0
    given_at: float = 0.0

    @property
    def actor(self) -> str:
        """Them in cases and in the audit log."""
        return f"staff:{self.member_id}"


class DutyStore(Protocol):
    """Beside members and sessions, shared by all processes of the gateway. Raises `StoreDown`."""

    async def duty(self, member_id: str) -> Duty | None:
        """What a member said last, however long ago; None when there is no such member.

        Who never said anything is off, and speaks every language.
        """
        ...

    async def say(
        self,
        member_id: str,
        state: DutyState,
        *,
        at: float,
        languages: Sequence[Language] | None = None,
        skills: Sequence[str] | None = None,
    ) -> Duty | None:
        """They are available, away or off from now on; languages and skills stay as they are when None."""
        ...

    async def alive(self, member_id: str, *, at: float) -> None:
        """A page of theirs is open and in front of them: a sign of life that uses no session."""
        ...

    async def given(self, member_id: str, *, at: float) -> None:
        """They were given a case just now."""
        ...

    async def on_duty(self, *, since: float) -> Sequence[Duty]:
        """Members who are available or away, with a sign of life not older than that, by name.

        Every request that a signed-in browser makes is one, as noted with its session.
        """
        ...
