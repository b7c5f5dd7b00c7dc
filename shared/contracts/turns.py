"""The turn: what a customer was promised, what came of it, and what is said about it."""

from typing import Literal

from shared.contracts.actions import Action, Receipt, Refund
from shared.contracts.approvals import ActionDecided, ApprovalAsked
from shared.contracts.digest import Digest
from shared.contracts.gaps import Unanswered
from shared.contracts.turnover import Turnover
from shared.contracts.words import (
    Citation,
    ContactWish,
    Fact,
    HandOver,
    Intent,
    Language,
    Need,
    Said,
    Sentence,
    Usage,
    Value,
)

TurnStatus = Literal["answered", "asked", "handed_over", "refused", "with_person", "told"]
"""`told`: nothing was asked; staff or the house said something (see `Speaker`)."""
Speaker = Literal["bot", "staff", "system"]


class StaffSaid(Value, frozen=True, kw_only=True, tag="said"):
    """The person who has the conversation says this to the customer; tokenized. `sources` as they quote."""

    name: str
    text: str
    sources: tuple[Citation, ...] = ()


class StaffJoined(Value, frozen=True, kw_only=True, tag="joined"):
    """A person has the conversation from here on."""

    name: str


class GivenBack(Value, frozen=True, kw_only=True, tag="given_back"):
    """A person gave the conversation back to the bot."""

    name: str


class CaseEnded(Value, frozen=True, kw_only=True, tag="ended"):
    """The case is closed; `ask_rating` asks the customer how it was."""

    name: str
    ask_rating: bool = True


class Notice(Value, frozen=True, kw_only=True, tag="notice"):
    """Something the customer should hear without having asked: a reply goal with its values and facts."""

    goal: str
    values: dict[str, str] = {}
    facts: tuple[Fact, ...] = ()


class PaymentDue(Value, frozen=True, kw_only=True, tag="payment_due"):
    """What was agreed to for a return has arrived: it is paid, under this `key`.

    `agreed`: a person or the customer's yes within the limit has settled the amount already; else `why` is
    what of the rule of refunds it goes beyond.
    """

    action: Refund
    key: str
    agreed: bool = True
    why: tuple[str, ...] = ()


StaffAct = StaffSaid | StaffJoined | GivenBack | CaseEnded | Notice | ActionDecided | PaymentDue
"""What staff or the house do to a conversation in a turn of its own, in order with the customer's."""


class TurnAccepted(Value, frozen=True, kw_only=True):
    """A customer message the gateway promised to answer; its storage on the bus is that promise.

    `token_issued`: when the conversation token that came with it was (seconds since 1970; 0 for none).
    `place` is a pseudonym of the address it came from, `customer_mark` one of the signed-in customer: the
    gateway, which opens no tokens, knows them by it. `act`: no message of the customer's (`text` is empty),
    but something that staff or the house do.
    """

    conversation_id: str
    turn_id: str
    text: str
    accepted_at: float
    locale: Language | None = None
    customer: str = ""
    customer_mark: str = ""
    token_issued: int = 0
    place: str = ""
    act: StaffAct | None = None


class ConversationState(Value, frozen=True, kw_only=True):
    """What a conversation remembers between turns; all text is tokenized.

    `person_offered`: the last reply did not know, and asked whether a person should.
    `pending_action` is what was offered and not answered yet, for as many turns as `offer_turns` says;
    `declined_action` what was said no to with the last message.
    `strikes` are times of refused messages. `bot_speaks` is false while a person owns the conversation.
    `tokens_used` and `nano_usd_used` (nano-dollars) are what all its turns took at model services.
    `first_name` is the signed-in customer's, once the shop told it.
    `turnover`: which of its tokens were replaced. `contact_channel`: how the customer wants to be answered
    by a person, while they were asked where.
    `history` are the last utterances, `notes` the same exchanges in short; what fell out is in `earlier`.
    """

    language: Language | None = None
    customer: str = ""
    customer_mark: str = ""
    first_name: str = ""
    last_intent: str = ""
    open_intent: str = ""
    open_slot: str = ""
    slots: dict[str, str] = {}
    proved_orders: tuple[str, ...] = ()
    failed_proofs: int = 0
    unclear: int = 0
    contacts: dict[str, int] = {}
    strikes: tuple[float, ...] = ()
    paused_until: float = 0.0
    hand_over_id: str = ""
    history: tuple[Said, ...] = ()
    pending_action: Action | None = None
    tokens_used: int = 0
    nano_usd_used: int = 0
    person_offered: bool = False
    notes: tuple[Digest, ...] = ()
    earlier: Digest = Digest()
    turnover: Turnover = Turnover()
    contact_channel: str = ""
    offer_turns: int = 0
    declined_action: Action | None = None

    @property
    def recalled(self) -> tuple[Said, ...]:
        """The history as agents get it: what fell out of it comes first, as one line by `summary`."""
        told = self.earlier.text
        return (Said(who="summary", text=told), *self.history) if told else self.history


class Understood(Value, frozen=True, kw_only=True):
    """What a message by itself was understood as, and `because` of what it was taken for another intent."""

    intent: Intent
    confidence: float
    because: str = ""


class TurnFinished(Value, frozen=True, kw_only=True):
    """The one result of a turn.

    `confidence` is how sure we were of what was understood. That is `intent`, or else stands in `understood`:
    an open question, an offer or plain words may make something else of a message than a classifier does.

    `answered_with` names the turn that answers this one too, when a burst was answered together.
    `usages` are the engines and prices of what was paid; `timings_ms` milliseconds by step. `said` is the
    customer's text, `state` what the conversation remembers from here on: who finds this result after a
    crash needs nothing else. `gap` marks a question the knowledge base could not answer, `unanswered` says
    which; results stored before there were records of gaps have the mark alone. `customer_mark` is who
    may hear it: of the signed-in customer who wrote, or empty for a guest. `speaker` says whose words these
    are, `speaker_name` the person's name. `approval` is what a person is to decide, `contact` how who waits
    wants to be answered from here on.
    """

    conversation_id: str
    turn_id: str
    finished_at: float
    accepted_at: float
    status: TurnStatus
    sentences: tuple[Sentence, ...]
    intent: Intent | None
    language: Language
    intents: tuple[Need, ...] = ()
    confidence: float = 0.0
    citations: tuple[Citation, ...] = ()
    actions: tuple[Receipt, ...] = ()
    escalation: HandOver | None = None
    approval: ApprovalAsked | None = None
    engine: str = ""
    trace_id: str = ""
    answered_with: str = ""
    usages: tuple[Usage, ...] = ()
    timings_ms: dict[str, float] = {}
    gap: bool = False
    unanswered: Unanswered | None = None
    said: str = ""
    customer_mark: str = ""
    speaker: Speaker = "bot"
    speaker_name: str = ""
    contact: ContactWish | None = None
    state: ConversationState | None = None
    understood: Understood | None = None

    @property
    def reply(self) -> str:
        """The whole reply as one text."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def waited(self) -> float | None:
        """Seconds from acceptance to the bot's answer, however often it began; None where it gave none."""
        if self.status in {"told", "with_person"}:  # what staff said would make the bot look quick
            return None
        return max(0.0, self.finished_at - self.accepted_at)


Stage = Literal["understanding", "looking_up", "acting", "writing", "checking", "handing_over"]


class TurnProgress(Value, frozen=True, kw_only=True):
    """A passing sign of work, for who watches now; never stored."""

    conversation_id: str
    turn_id: str
    stage: Stage


class FeedbackGiven(Value, frozen=True, kw_only=True):
    """A customer's thumb on one reply; the comment is tokenized."""

    conversation_id: str
    turn_id: str
    rating: Literal["up", "down"]
    given_at: float
    comment: str = ""
