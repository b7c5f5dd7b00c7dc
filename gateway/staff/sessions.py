"""Sessions of staff: an opaque id in a cookie, kept as a hash, ended by idling, by age or by sign-out.

What the cookie must be: OWASP Session Management Cheat Sheet; the prefix: draft RFC 6265bis, section 4.1.3.
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.staff.members import told
from gateway.staff.roles import Member
from shared.ports import StaffSession, StaffStore

_ID_BYTES = 32
_ID_LENGTH = 43
_MOST_OF_ONE = 20
_SEEN_EVERY = 60.0
"""Seconds between two notes that a session is in use, so that a busy page does not write each time."""


@dataclass(frozen=True)
class Held:
    """A good session: whose it is, and what its forms must bring along."""

    member: Member
    session: StaffSession
    csrf: str = field(repr=False)


@dataclass(frozen=True)
class Sessions:
    """Begins, finds and ends sessions. `idle` and `most` in seconds; `secure` when pages come by https.

    Every method may raise `StoreDown`.
    """

    store: StaffStore
    secret: str = field(repr=False)
    idle: float = 3600.0
    most: float = 43_200.0
    secure: bool = False
    clock: Callable[[], float] = time.time

    @property
    def cookie(self) -> str:
        """The cookie's name. Browsers hold `__Host-` to https, this very host and every path of it.

        Over plain http, which is served on this machine only, some refuse such a cookie and Secure with it.
        """
        return "__Host-desk-staff" if self.secure else "desk-staff"

    async def begin(self, member: Member, *, instead_of: str = "") -> str:
        """A new session's id; the one that the browser came with ends, so that nobody else still has it."""
        if instead_of:
            await self.store.end_session(_key(instead_of))
        session_id, now = secrets.token_urlsafe(_ID_BYTES), self.clock()
        session = StaffSession(
            key=_key(session_id), member_id=member.id, begun_at=now, seen_at=now, ends_at=now + self.most
        )
        await self.store.open_session(session, most=_MOST_OF_ONE)
        return session_id

    async def of(self, session_id: str, *, used: bool = True) -> Held | None:
        """The session of this id while it is good, and its member as they are now.

        Not `used`: a page asks by itself, which keeps no session from idling.
        """
        if len(session_id) != _ID_LENGTH:
            return None
        key, now = _key(session_id), self.clock()
        found = await self.store.session(key)
        if found is None:
            return None
        session, row = found
        if now >= session.ends_at or now - session.seen_at >= self.idle:
            await self.store.end_session(key)
            return None
        if used and now - session.seen_at >= min(_SEEN_EVERY, self.idle / 10):
            await self.store.seen(key, at=now)
        return Held(told(row), session, self._csrf(session_id))

    async def others(self, member: Member) -> Sequence[StaffSession]:
        """The member's good sessions, the newest first."""
        now = self.clock()
        found = await self.store.sessions(member.id)
        return [each for each in found if now < each.ends_at and now - each.seen_at < self.idle]

    async def end(self, held: Held) -> None:
        """Sign out here."""
        await self.store.end_session(held.session.key)

    async def end_all(self, member: Member) -> int:
        """Sign out everywhere; how many sessions there were."""
        return await self.store.end_sessions(member.id)

    def _csrf(self, session_id: str) -> str:
        """A token that only this session's pages can know: who forges a request cannot read the cookie."""
        said = f"csrf|{session_id}".encode()
        return urlsafe_b64encode(hmac.new(self.secret.encode(), said, hashlib.sha256).digest()).decode()


def _key(session_id: str) -> str:
    """What is stored: 256 random bits need no salt, and the file opens no session."""
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()
