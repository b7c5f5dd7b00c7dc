"""A case: what becomes of a conversation that a person has, told by events; nothing in it is ever changed.

bot -> waiting -> person -> returned or closed; a person may also give it back to those who wait.
`shared.cases` says which event may follow which. Text is tokenized; `by` is who did it, as the audit log
names them: `staff:<member>`, `bot`, `customer`, `clock` or a vendor (`zendesk`). What the customer must hear
of has the `turn_id` of the turn that brings it there.
"""

from typing import Literal

from shared.contracts.actions import Receipt
from shared.contracts.words import Citation, ContactWish, HandOver, Language, Priority, Value

Phase = Literal["waiting", "person", "returned", "closed"]
OPEN: tuple[Phase, ...] = ("waiting", "person")
"""Phases in which the bot is silent."""


class CaseOpened(Value, frozen=True, kw_only=True, tag="opened"):
    """The conversation waits for a person. `taken`: staff took it over before anybody asked."""

    at: float
    by: str
    hand_over: HandOver
    taken: bool = False


class CaseClaimed(Value, frozen=True, kw_only=True, tag="claimed"):
    """One member of staff has it from here on, and only they speak.

    `name` is their account, for staff; `display` what customers read, here and in what follows: empty is
    "our team" in their language.
    """

    at: float
    by: str
    name: str
    display: str = ""
    turn_id: str


class CaseReleased(Value, frozen=True, kw_only=True, tag="released"):
    """It waits again, at its old place."""

    at: float
    by: str
    why: Literal["gave_back", "silent", "signed_out", "transferred", "lead"] = "gave_back"


class CaseMoved(Value, frozen=True, kw_only=True, tag="moved"):
    """Another queue, priority or due time. `waited`: the minutes of waiting after which the clock did it."""

    at: float
    by: str
    queue: str
    priority: Priority
    due_at: float
    why: str = ""
    waited: int = 0


class StaffSpoke(Value, frozen=True, kw_only=True, tag="spoke"):
    """The owner said this to the customer.

    `draft` is the turn of the held reply that this is, `edited` when they changed it. `sources` are what they
    quote.
    """

    at: float
    by: str
    name: str
    display: str = ""
    text: str
    turn_id: str
    draft: str = ""
    edited: bool = False
    sources: tuple[Citation, ...] = ()


class StaffNoted(Value, frozen=True, kw_only=True, tag="noted"):
    """For staff only; no customer ever hears it. `source` is where it was written, if not here."""

    at: float
    by: str
    name: str
    text: str
    source: str = ""


class CustomerWrote(Value, frozen=True, kw_only=True, tag="wrote"):
    """The customer said something while the case was open."""

    at: float
    turn_id: str
    by: str = "customer"


class CaseRaised(Value, frozen=True, kw_only=True, tag="raised"):
    """The customer told of something that cannot wait; `reason` is a key of queues.toml, with `raises`.

    Where the case stands after it. Nothing is lowered by this (`shared.cases.never_lowered`).
    """

    at: float
    reason: str
    queue: str
    priority: Priority
    due_at: float
    turn_id: str
    by: str = "customer"


class ContactAsked(Value, frozen=True, kw_only=True, tag="contact"):
    """The customer does not want to wait here: they are to be called, or written to."""

    at: float
    wish: ContactWish
    turn_id: str
    by: str = "customer"


class ReplyHeld(Value, frozen=True, kw_only=True, tag="held"):
    """The bot's reply was on its way when a person took over: the customer did not get it, staff may use it.

    `actions` were carried out all the same.
    """

    at: float
    turn_id: str
    text: str
    actions: tuple[Receipt, ...] = ()
    by: str = "bot"


class DraftRejected(Value, frozen=True, kw_only=True, tag="rejected"):
    """Nobody will send that held reply; the reason becomes a case to measure the bot with."""

    at: float
    by: str
    turn_id: str
    reason: str


class CaseReturned(Value, frozen=True, kw_only=True, tag="returned"):
    """The bot has it again, believing nothing of what it believed before."""

    at: float
    by: str
    name: str = ""
    display: str = ""
    turn_id: str


class CaseClosed(Value, frozen=True, kw_only=True, tag="closed"):
    """It is settled. What the customer writes next is a new question.

    `outcome` is a key of `shared/routing/outcomes.toml`, `resolution` what staff said of it besides.
    """

    at: float
    by: str
    name: str = ""
    display: str = ""
    outcome: str = ""
    resolution: str = ""
    turn_id: str


class CaseReopened(Value, frozen=True, kw_only=True, tag="reopened"):
    """Closing it was a mistake: who opens it again has it, as if they had claimed it."""

    at: float
    by: str
    name: str
    display: str = ""
    turn_id: str


class CaseMerged(Value, frozen=True, kw_only=True, tag="merged"):
    """The same customer wrote twice: it is closed, and goes on in the case `into` of another conversation."""

    at: float
    by: str
    name: str
    into: str
    into_conversation: str
    turn_id: str


class CaseAbsorbed(Value, frozen=True, kw_only=True, tag="absorbed"):
    """The case `case_id`, of another conversation of this customer, goes on in this one.

    Its packet and notes are read there: a token opens in its own conversation only, and what is erased
    there must be gone here.
    """

    at: float
    by: str
    name: str
    case_id: str
    conversation_id: str


CaseEvent = (
    CaseOpened
    | CaseClaimed
    | CaseReleased
    | CaseMoved
    | StaffSpoke
    | StaffNoted
    | CustomerWrote
    | CaseRaised
    | ContactAsked
    | ReplyHeld
    | DraftRejected
    | CaseReturned
    | CaseClosed
    | CaseReopened
    | CaseMerged
    | CaseAbsorbed
)


class Case(Value, frozen=True, kw_only=True):
    """Where a case stands after `version` events. Times are seconds since 1970, 0 for never.

    `owner` is whose it is (`staff:<member>`), empty while it waits, `owner_display` what customers call them.
    `heard_at` is the customer's last word, `spoke_at` the owner's, `unanswered_at` the first that no person
    has answered. `outcome` and `resolution` say how it ended. `drafts` are turns whose held replies nobody
    has decided about. `silent` are members who lost it because they left the customer without an answer,
    `contact` is how the customer wants to be answered, `waited` for each queue the minutes of the last step
    that waiting has led to, `raised` the turn that told of each reason that came later, the last at
    `raised_at`.
    `merged_into` is the case in which this one goes on, `absorbed` are those that go on in this one.
    """

    id: str
    conversation_id: str
    phase: Phase
    version: int
    hand_over: HandOver
    queue: str
    priority: Priority
    language: Language
    opened_at: float
    due_at: float
    owner: str = ""
    owner_name: str = ""
    owner_display: str = ""
    claimed_at: float = 0.0
    heard_at: float = 0.0
    spoke_at: float = 0.0
    first_spoke_at: float = 0.0
    ended_at: float = 0.0
    outcome: str = ""
    resolution: str = ""
    drafts: tuple[str, ...] = ()
    unanswered_at: float = 0.0
    silent: tuple[str, ...] = ()
    contact: ContactWish | None = None
    waited: dict[str, int] = {}
    merged_into: str = ""
    absorbed: tuple[str, ...] = ()
    raised: dict[str, str] = {}
    raised_at: float = 0.0

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why a person is needed, in the order in which it was told."""
        return (self.hand_over.reason, *self.raised)

    @property
    def open(self) -> bool:
        """Whether a person has it or it waits for one."""
        return self.phase in OPEN


class CaseChanged(Value, frozen=True, kw_only=True):
    """A passing sign for who watches now, never stored: look again at this case."""

    conversation_id: str
    case_id: str
    version: int
    kind: str
    by: str = ""


class StaffSeen(Value, frozen=True, kw_only=True):
    """A passing sign for who watches now, never stored: staff have this case before them.

    `heard`: the customer may know, because it is the person who talks with them; `display` is what they read.
    """

    conversation_id: str
    case_id: str
    by: str
    name: str
    display: str = ""
    doing: Literal["looking", "typing", "left"]
    heard: bool = False
