"""The audit log: who did what to which conversation and what for, written before it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

AuditAction = Literal[
    "reveal",
    "erase",
    "export",
    "retention",
    "staff_sign_in",
    "staff_sign_out",
    "staff_changed",
    "gap_settled",
    # Begun; what came of it is the other one.
    "knowledge_publishing",
    "knowledge_published",
    "task_changed",
    "approval_decided",
    "action_taken",
    "promise_settled",
    "access_denied",
    "hand_over_claim",
    "values_shown",
    "value_searched",
    "cases_merged",
    "bulk_act",
    "dead_letter_resent",
    "dead_letter_discarded",
    "traces_queried",
    # What the log says of itself: where its chain began, that half a line of a crash was taken away, that
    # the place which remembers its end was empty.
    "chain_begun",
    "tail_healed",
    "anchor_lost",
]


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What somebody is about to do; holds no personal value, only tokens, hashes and counts.

    `actor` is `service:<role>`, `staff:<name>`, `command:<name>` or `customer:<pseudonym>`; empty stands for
    the process that writes. `counts` are numbers by name.
    """

    action: AuditAction
    purpose: str
    conversation_id: str = ""
    actor: str = ""
    tokens: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """A deed as it stands in the log; `at` is seconds since 1970, `sequence` counts from 1 without a gap."""

    sequence: int
    at: float
    deed: Deed


@dataclass(frozen=True)
class Damage:
    """Something wrong with the log: in which file, at which line (from 1; 0 is the file as a whole)."""

    file: str
    line: int
    what: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a verification saw. All is well when `findings` is empty; `notes` are worth knowing, not wrong.

    `last` is `<sequence>:<hash>` of the last line: noted elsewhere, it proves later that nothing before it
    was cut off, whatever else was put back to an older state.
    """

    files: int
    lines: int
    unchained: int
    last: str
    findings: Sequence[Damage] = ()
    notes: Sequence[str] = ()


class AuditLog(Protocol):
    """Append-only. Raises `AuditDown`, and then what was to be written down must not be done."""

    async def write(self, deed: Deed) -> None:
        """Returns when the line is on disk. Lines of one caller stand in the order of the calls."""
        ...

    async def about(self, conversation_id: str) -> Sequence[AuditLine]:
        """Every line about this conversation, oldest first."""
        ...

    async def verify(self, *, noted: str = "") -> Verified:
        """Look for changed, missing, reordered, inserted and cut-off lines.

        `noted` is the `last` of an earlier verification; a ValueError says when it is none.
        """
        ...

    def pseudonym(self, kind: str, value: str) -> str:
        """`<kind>:<16 hex digits>`: the same for the same value, and of no use to who lacks the key."""
        ...

    async def ping(self) -> None:
        """Raises `AuditDown` when nothing can be written now."""
        ...
