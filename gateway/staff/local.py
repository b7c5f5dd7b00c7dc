"""Local sign-in: a name and its password, with pauses that grow for whoever guesses."""

import asyncio
import hmac
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.doors import group_of
from gateway.staff.members import Members, told
from gateway.staff.passwords import LONGEST
from gateway.staff.roles import Member
from shared.logs import happened

_LOG = logging.getLogger("answerdesk.sign_in")
_FREE_OF_NAME, _FREE_OF_ADDRESS = 5, 20
_AT_ONCE = 2
_WAITING = 16
"""More who wait for the two that are being checked are sent away: a check takes 32 MB and 0.1 s."""
_REMEMBERED_SECONDS, _REMEMBERED = 300.0, 500


class Paused(Exception):
    """No password is looked at now; `seconds` until the next try."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"paused for {seconds:.0f} s")
        self.seconds = int(seconds) + 1


@dataclass
class LocalSignIn:
    """Checks names and passwords. Unknown names are treated as known ones with another password."""

    members: Members
    secret: str = field(repr=False)
    clock: Callable[[], float] = time.time
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _good: "OrderedDict[bytes, tuple[str, str, float]]" = field(default_factory=OrderedDict, repr=False)
    _checks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _waiting: int = 0

    async def member(self, name: str, password: str, *, address: str) -> Member | None:
        """Who this is, or None.

        Raises:
            Paused: too many tries for this name or from this address.
            StoreDown: the store of staff cannot be reached.
        """
        proof = hmac.new(self._key, f"{name}\n{password}".encode("utf-8", "surrogatepass"), "sha256").digest()
        remembered = await self._remembered(proof)
        if remembered:
            return remembered
        keys = (self._hidden("name", name), self._hidden("address", group_of(address)))
        # Counted before the password is looked at: guesses sent all at once are counted all the same.
        wait = await self.members.store.attempt(
            dict(zip(keys, (_FREE_OF_NAME, _FREE_OF_ADDRESS), strict=True)), at=self.clock()
        )
        if wait > 0:
            # Who tried stays out of it: the audit log has that.
            happened(_LOG, "sign_in_locked", level=logging.WARNING, wait_s=round(wait, 1))
            raise Paused(wait)
        row = await self.members.store.named(name)
        kept = row.password if row else ""
        if not await self._matches(password, kept) or row is None:
            return None
        await self.members.store.forgive(keys[0])
        await self.members.store.forgive(keys[1], tries=1)
        self._remember(proof, row.id, kept)
        return told(row)

    async def _matches(self, password: str, kept: str) -> bool:
        if self._waiting >= _WAITING:
            raise Paused(1.0)
        self._waiting += 1
        try:
            async with self._checks:
                long = len(password) > LONGEST
                return await asyncio.to_thread(
                    self.members.passwords.matches, password[:LONGEST], "" if long else kept
                )
        finally:
            self._waiting -= 1

    async def _remembered(self, proof: bytes) -> Member | None:
        """Scripts send their password each time; within five minutes one look at the store is enough."""
        member_id, kept, until = self._good.get(proof, ("", "", 0.0))
        if self.clock() >= until:
            self._good.pop(proof, None)
            return None
        row = await self.members.store.member(member_id)
        return told(row) if row and row.password == kept else None

    def _remember(self, proof: bytes, member_id: str, kept: str) -> None:
        self._good[proof] = (member_id, kept, self.clock() + _REMEMBERED_SECONDS)
        if len(self._good) > _REMEMBERED:
            self._good.popitem(last=False)

    def _hidden(self, kind: str, text: str) -> str:
        """What stands in the store: people type passwords where names go, and an address is personal."""
        said = f"tries|{kind}|{text}".encode("utf-8", "surrogatepass")
        return f"{kind}:{hmac.new(self.secret.encode(), said, 'sha256').hexdigest()[:32]}"
