"""Writes down who came in and who was turned away, without saying who or from where in the clear."""

import logging
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from gateway.doors import group_of
from gateway.identity import Identity
from shared.errors import DeskError
from shared.ports import AuditAction, AuditLog, Deed

_LOG = logging.getLogger("answerdesk.gateway")
_OURS = re.compile(r"c-[0-9A-Za-z]{1,24}")
_SIGN_IN_SECONDS = 3600.0
_MOST_SIGN_INS = 1000
_DENIALS_PER_MINUTE = 60
_MOST_COUNTED = 1000


def ours(conversation_id: str) -> str:
    """The id itself when we made it, else nothing: what strangers call an id may be anything, a name too."""
    return conversation_id if _OURS.fullmatch(conversation_id) else ""


@dataclass
class Entries:
    """The audit's view of the gateway's doors."""

    audit: AuditLog
    _signed_in: dict[str, float] = field(default_factory=dict)
    _minute: int = 0
    _denied: Counter[str] = field(default_factory=Counter)
    _untold: Counter[str] = field(default_factory=Counter)

    def mark(self, identity: Identity) -> str:
        """A pseudonym of this customer, for what travels and is kept; empty for a guest."""
        return self.audit.pseudonym("customer", identity.customer_id) if identity.customer_id else ""

    def place(self, address: str) -> str:
        """A pseudonym of where a request comes from; a household's IPv6 network is one place."""
        return self.audit.pseudonym("address", group_of(address))

    async def staff(self, member_id: str, *, address: str) -> None:
        """Staff came in. Scripts bring the password each time: one line an hour for each of them and address.

        Raises `AuditDown`: nobody comes in unseen.
        """
        place = self.place(address)
        now = time.monotonic()
        key = f"{member_id} {place}"
        if now - self._signed_in.get(key, -_SIGN_IN_SECONDS) < _SIGN_IN_SECONDS:
            return
        await self.audit.write(
            Deed(action="staff_sign_in", purpose=f"console from {place}", actor=f"staff:{member_id}")
        )
        if len(self._signed_in) >= _MOST_SIGN_INS:
            self._signed_in.clear()
        self._signed_in[key] = now

    async def did(
        self, actor: str, action: AuditAction, purpose: str, *, conversation_id: str = "", **counts: int
    ) -> None:
        """Staff (`Member.actor`) are about to do something. Raises `AuditDown`: then they may not."""
        await self.audit.write(
            Deed(action=action, purpose=purpose, actor=actor, conversation_id=conversation_id, counts=counts)
        )

    async def denied(
        self, purpose: str, *, customer: str, address: str, conversation_id: str = "", actor: str = ""
    ) -> None:
        """Somebody was turned away (`actor`: a member of staff).

        A minute takes 60 lines of each member, customer and, for strangers, purpose, so that knocking at one
        door hides nobody at another; the next line says how many more there were.

        Whoever knocks stays outside even when the audit cannot be written, so that is only logged.
        """
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute = minute
            self._denied.clear()
        key = actor or customer or purpose
        if key not in self._denied and len(self._denied) >= _MOST_COUNTED:
            key = "others"
        self._denied[key] += 1
        if self._denied[key] > _DENIALS_PER_MINUTE:
            if key in self._untold or len(self._untold) < _MOST_COUNTED:
                self._untold[key] += 1
            return
        more = self._untold.pop(key, 0)
        who = self.audit.pseudonym("customer", customer) if customer else self.place(address)
        try:
            await self.audit.write(
                Deed(
                    action="access_denied",
                    purpose=purpose,
                    conversation_id=ours(conversation_id),
                    actor=actor or who,
                    counts={"more_before": more} if more else {},
                )
            )
        except DeskError as error:
            _LOG.warning("a denied access could not be written down: %s", error)
