"""What each role of staff may do: one table, read by whoever guards a door."""

from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from shared.ports import StaffRole

ROLES: tuple[StaffRole, ...] = get_args(StaffRole)


class Permission(StrEnum):
    """One thing that staff can do."""

    OWN_SESSIONS = "own-sessions"
    QUEUE = "queue"
    CONVERSATIONS = "conversations"
    GAPS = "gaps"
    KNOWLEDGE = "knowledge"
    """Edit documents; who sees gaps reads them."""
    APPROVALS = "approvals"
    BULK = "bulk"
    TRACES = "traces"
    DEAD_LETTERS = "dead-letters"
    METRICS = "metrics"
    AUDIT = "audit"
    MEMBERS = "members"
    RIGHTS = "rights"
    """Erase a customer's data, or export it."""


@dataclass(frozen=True)
class Member:
    """Who of staff does something; `display` and `contact` as in `StaffMember`."""

    id: str
    name: str
    role: StaffRole
    display: str = ""
    contact: str = ""

    @property
    def actor(self) -> str:
        """Them in the audit log."""
        return f"staff:{self.id}"

    @property
    def known_as(self) -> str:
        """Them as colleagues read it."""
        return known_as(self.name, self.display)

    def may(self, permission: Permission) -> bool:
        """Whether their role allows it."""
        return permission in ALLOWED[self.role]


def known_as(name: str, display: str) -> str:
    """An account and what customers call it: `robin (Ana)`; once where both are the same."""
    return f"{name} ({display})" if display and display.casefold() != name.casefold() else name


_P = Permission
_ANYBODY = frozenset({_P.OWN_SESSIONS})
_AGENT = _ANYBODY | {_P.QUEUE, _P.CONVERSATIONS, _P.GAPS}

# A lead is an agent and more; an operator is neither: who runs the machines opens no customer's values.
ALLOWED: dict[StaffRole, frozenset[Permission]] = {
    "agent": _AGENT,
    # Who answers for what the bot says has to see why it said so.
    "lead": _AGENT | {_P.APPROVALS, _P.BULK, _P.KNOWLEDGE, _P.TRACES},
    "operator": _ANYBODY | {_P.TRACES, _P.DEAD_LETTERS, _P.METRICS, _P.AUDIT},
    "admin": frozenset(Permission),
}
