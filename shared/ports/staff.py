"""Who staff are: members, their sessions, and the tries to be one of them that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

StaffRole = Literal["agent", "lead", "operator", "admin"]


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """Somebody who may sign in. `password` is its salted hash; empty for who signs in elsewhere.

    `display` is what customers call them (empty: "our team"), `contact` a phone number or address of theirs
    that they may give to customers.
    """

    id: str
    name: str
    role: StaffRole
    display: str = ""
    contact: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class StaffSession:
    """A sign-in. `key` is the hash of what the browser holds; times are seconds since 1970."""

    key: str
    member_id: str
    begun_at: float
    seen_at: float
    ends_at: float


class StaffStore(Protocol):
    """Shared by all processes of the gateway. Every method raises `StoreDown` when it cannot be reached."""

    async def begin_with(self, members: Sequence[StaffMember]) -> bool:
        """Add the first members; False, and nothing done, where there ever was one."""
        ...

    async def members(self) -> Sequence[StaffMember]:
        """Everybody, by name."""
        ...

    async def member(self, member_id: str) -> StaffMember | None:
        """By id."""
        ...

    async def named(self, name: str) -> StaffMember | None:
        """By name, of those who have a password here: elsewhere two persons may share a name."""
        ...

    async def add(self, member: StaffMember) -> bool:
        """False when the id, or the name of somebody with a password, is taken."""
        ...

    async def change(self, member: StaffMember) -> bool:
        """Replace who has this id, and end their sessions if role or password differ; False: nobody has.

        `display` and `contact` stay as they are.
        """
        ...

    async def set_display(self, member_id: str, display: str, contact: str | None) -> bool:
        """Replace `display`, and `contact` unless it is None, and nothing else; False: nobody has this id."""
        ...

    async def remove(self, member_id: str) -> bool:
        """Take a member and their sessions away; False when there is none."""
        ...

    async def open_session(self, session: StaffSession, *, most: int) -> None:
        """Keep it; the member's oldest beyond `most` end, and so do all that are past their end."""
        ...

    async def session(self, key: str) -> tuple[StaffSession, StaffMember] | None:
        """A session with its member as they are now; whether it is still good is the caller's to say."""
        ...

    async def sessions(self, member_id: str) -> Sequence[StaffSession]:
        """A member's sessions, the newest first."""
        ...

    async def seen(self, key: str, *, at: float) -> None:
        """The session was used."""
        ...

    async def end_session(self, key: str) -> None:
        """End one session, if it is there."""
        ...

    async def end_sessions(self, member_id: str) -> int:
        """End all of a member's sessions; how many there were."""
        ...

    async def attempt(self, free: Mapping[str, int], *, at: float) -> float:
        """Count a try for each of these keys in one step, before it is known whether it succeeds.

        `free` is how many tries a key has before pauses begin. Returns the seconds to wait, with nothing
        counted, when any key is paused; else 0. A try is forgotten a day after the last one.
        """
        ...

    async def forgive(self, key: str, *, tries: int | None = None) -> None:
        """Take back this many tries of a key and its pause; None takes back all."""
        ...

    async def ping(self) -> None:
        """Raises `StoreDown` when it is not usable now."""
        ...
