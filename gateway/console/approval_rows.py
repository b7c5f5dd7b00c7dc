"""Shows requests for approval: one row each, for their own page and for the case they belong to."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.console import approval_forms as forms
from gateway.console.task_page import hidden
from shared.contracts import Approval, ApprovalStatus
from shared.contracts.standing import FITS, Standing

_OUTCOMES: dict[ApprovalStatus, str] = {
    "approved": "approved",
    "edited": "approved with a change",
    "denied": "denied",
    "expired": "waited too long",
    "void": "taken back by the customer",
}


@dataclass(frozen=True)
class Row:
    """One request as people read it, personal values hidden. `outcome` is empty while it `waits`.

    `said` is how the customer asked for it, tokenized; empty where their words stand beside it anyway.
    `meanwhile` is what has happened to the order since, `most` the amount that could be approved instead.
    """

    approval: Approval
    preview: str
    why: str
    asked: str
    machine_asked: str
    waits: bool
    outcome: str
    said: str = ""
    meanwhile: str = ""
    most: str = ""


def row_of(approval: Approval, now: float, said: str = "", since: Standing = FITS) -> Row:
    """The row of a request at `now`, seconds since 1970; `since` is how the order stands by then."""
    at = datetime.fromtimestamp(approval.asked_at, UTC)
    expired = approval.expired(now)
    return Row(
        approval=approval,
        preview=hidden(approval.asked.preview.get("en", "")),
        why=", ".join(forms.WHY.get(each, each) for each in approval.asked.why),
        asked=at.strftime("%a %d %b %Y, %H:%M UTC"),
        machine_asked=at.isoformat(timespec="minutes"),
        waits=approval.status == "open" and not expired,
        outcome=_OUTCOMES.get("expired" if expired else approval.status, ""),
        said=said,
        meanwhile=forms.meanwhile(since),
        most=since.most,
    )
