"""Rate limits and quotas over all gateway processes; this one spends what it has leased without asking.

Fields and problem type as in "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers-10).
"""

import asyncio
import hmac
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from gateway.problems import Problem
from shared.errors import BusDown
from shared.ports import Quotas

MINUTE = 60
DAY = 86400
_MOST = 50_000
_AWAY_SECONDS = 5.0
_AWAY_PART = 4
"""While nobody can be asked, a process alone lets a quarter of the limit pass: four of them the whole."""
_LOG = logging.getLogger("answerdesk.gateway")


@dataclass(frozen=True)
class Rule:
    """At most `most` for this key in each window of `seconds` (a minute or a day); 0 is no limit."""

    name: str
    key: str
    most: int
    seconds: int = MINUTE


@dataclass
class _Purse:
    """What is left to spend of a lease until its window ends; `empty` when there is no more to lease."""

    until: float
    left: int
    empty: bool = False


class Limits:
    """Spends leases by key, oldest forgotten first, so that many addresses cannot fill the memory.

    Keys leave this process as keyed hashes only. Without `quotas` the process counts alone.
    """

    def __init__(
        self, quotas: Quotas | None = None, *, secret: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self._quotas = quotas
        self._secret = hmac.digest(secret.encode(), b"quotas", "sha256")
        self._clock = clock
        self._purses: OrderedDict[str, _Purse] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._away_until = 0.0

    async def take(self, *rules: Rule) -> None:
        """Take one of each rule.

        Raises:
            Problem: 429 with Retry-After and RateLimit for the first that is used up.
        """
        for rule in rules:
            key = self._key(rule)
            while rule.most and not self._spend(key):
                await self._refill(rule, key)

    def _spend(self, key: str) -> bool:
        purse = self._purses.get(key)
        if purse is None or purse.left < 1 or self._clock() >= purse.until:
            return False
        purse.left -= 1
        self._purses.move_to_end(key)
        return True

    async def _refill(self, rule: Rule, key: str) -> None:
        """Lease more; of many that wait for one key, one asks."""
        purse = self._purses.get(key)
        if purse is not None and purse.empty and self._clock() < purse.until:
            raise _used_up(rule, purse.until - self._clock())
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._ask(rule, key))
            asking.add_done_callback(lambda _: self._asking.pop(key, None))
        # Shielded: who hangs up must not take the lease of the others along.
        await asyncio.shield(asking)

    async def _ask(self, rule: Rule, key: str) -> None:
        if self._quotas is not None and self._clock() >= self._away_until:
            try:
                lease = await self._quotas.lease(key, limit=rule.most, seconds=rule.seconds)
            except BusDown as error:
                _LOG.warning("limits are counted by this process alone for a moment: %s", error)
                self._away_until = self._clock() + _AWAY_SECONDS
            else:
                self._keep(key, _Purse(lease.until, lease.granted, empty=not lease.granted))
                return
        self._keep(key, self._alone(rule, key))

    def _alone(self, rule: Rule, key: str) -> _Purse:
        """One, out of a purse for the window: what is spent of it stays so when the bus comes and goes."""
        now = self._clock()
        whole = self._purses.get(f"alone {key}")
        if whole is None or now >= whole.until:
            most = rule.most if self._quotas is None else max(1, rule.most // _AWAY_PART)
            whole = _Purse(now + rule.seconds, most)
        granted = min(1, whole.left)
        whole.left -= granted
        self._keep(f"alone {key}", whole)
        again = whole.until if granted or self._quotas is None else min(whole.until, now + _AWAY_SECONDS)
        return _Purse(again, granted, empty=not granted)

    def _keep(self, key: str, purse: _Purse) -> None:
        self._purses[key] = purse
        self._purses.move_to_end(key)
        if len(self._purses) > _MOST:
            self._purses.popitem(last=False)

    def _key(self, rule: Rule) -> str:
        named = f"{rule.name}|{rule.seconds}|{rule.key}".encode()
        return hmac.digest(self._secret, named, "sha256").hex()[:40]


def _used_up(rule: Rule, left: float) -> Problem:
    seconds = max(1, math.ceil(left))
    what = "messages" if rule.seconds == MINUTE else "messages for one day"
    return Problem(
        429,
        "too-many-requests",
        "Slow down",
        f"Too many {what}; the next one is welcome in {seconds} s.",
        headers={
            "Retry-After": str(seconds),
            "RateLimit-Policy": f'"{rule.name}";q={rule.most};w={rule.seconds}',
            "RateLimit": f'"{rule.name}";r=0;t={seconds}',
        },
        extra={"violated-policies": [rule.name]},
    )
