"""What a person has to approve before it is done: the request, and the decision or why it did not count.

Text is tokenized. `decided_by` is who did it, as the audit log names them (`staff:<member>`).
"""

from typing import Annotated, Literal

import msgspec

from shared.contracts.actions import Action, Refund
from shared.contracts.standing import Standing
from shared.contracts.words import Language, Value

ApprovalStatus = Literal["open", "approved", "edited", "denied", "expired", "void"]
"""`void`: the customer took the wish back. `expired`: nobody decided in time."""
Decision = Literal["approve", "edit", "deny"]
DenialReason = Literal["window", "used", "final_sale", "evidence", "other"]
"""What the customer is told in their own language: too late, used, sold as final, something is missing."""
APPROVAL_SECONDS = 14 * 86_400.0
"""How long a request waits. What was agreed to a fortnight ago may be wished for no longer."""


class ApprovalAsked(Value, frozen=True, kw_only=True):
    """A wish that goes beyond what its rule allows, asked of staff by the turn that previewed it.

    `why` is what it goes beyond (`amount`, `window`, `abuse`, ...), `preview` what would be done, in the
    languages of staff. `customer` is a token.
    """

    id: str
    case_id: str
    action: Action
    why: tuple[str, ...]
    preview: dict[Language, str]
    language: Language
    customer: str = ""


class Approval(Value, frozen=True, kw_only=True):
    """A request and what became of it. Times are seconds since 1970, 0 for never.

    `edited` is what is done instead. `reason` and `words` are what the customer is told of a denial. `key`
    names the wish at the shop, edited or not.
    """

    id: str
    conversation_id: str
    asked: ApprovalAsked
    asked_at: float
    status: ApprovalStatus = "open"
    decided_by: str = ""
    decided_name: str = ""
    decided_at: float = 0.0
    edited: Action | None = None
    reason: DenialReason | Literal[""] = ""
    words: Annotated[str, msgspec.Meta(max_length=2000)] = ""

    @property
    def key(self) -> str:
        """The idempotency key of the logical action: what was asked for, whatever is done of it."""
        return self.asked.action.key

    @property
    def is_owed(self) -> bool:
        """Whether it is the money of a return that has arrived, which no word of the customer takes back."""
        action = self.asked.action
        return isinstance(action, Refund) and bool(action.of_return)

    @property
    def turn_id(self) -> str:
        """The turn by which the customer hears of the decision; one for each request."""
        return f"d-{self.id}"

    def expired(self, now: float) -> bool:
        """Whether it has waited too long."""
        return self.status == "open" and now > self.asked_at + APPROVAL_SECONDS


class DecisionMade(Value, frozen=True, kw_only=True):
    """This decision counts."""

    approval: Approval


class DecisionLost(Value, frozen=True, kw_only=True):
    """It does not, and nothing has happened. `approval` is how it stands; None where there is none.

    `decided`: somebody was faster (`approval.decided_name`). `changed`: the order is another one than when
    it was asked for, as `standing` tells.
    """

    why: Literal["unknown", "decided", "void", "expired", "changed"]
    approval: Approval | None = None
    standing: Standing | None = None


class ActionDecided(Value, frozen=True, kw_only=True, tag="decided"):
    """A person decided on what the customer had asked for: it is done, done otherwise, or denied.

    Not `asked`: staff do it of their own accord.
    """

    approval_id: str
    decision: Decision
    action: Action
    key: str
    name: str = ""
    reason: DenialReason | Literal[""] = ""
    words: str = ""
    asked: bool = True
