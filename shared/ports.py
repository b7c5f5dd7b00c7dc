"""What the house needs from outside, as small protocols; adapters implement them, fakes share their tests.

Networked ports have `ping()`, which raises when the thing is not usable now and says why.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from shared.contracts import (
    Action,
    Answer,
    Ask,
    AssessMessage,
    Body,
    Call,
    ClassifyIntent,
    Customer,
    Event,
    FeedbackGiven,
    HandOver,
    IntentClassified,
    JudgeReply,
    Language,
    MessageAssessed,
    MessageScreened,
    Order,
    Passage,
    Product,
    Receipt,
    ReplyJudged,
    ReplyWritten,
    Said,
    ScreenMessage,
    TurnAccepted,
    TurnFinished,
    TurnProgress,
    Value,
    WriteReply,
)


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        ...


# --- skills: where an engine meets an agent ---------------------------------------------------------


class Understanding(Protocol):
    """Tells what a customer wants. `embedded` and `openai` adapters."""

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        """Intent, needs, entities, sentiment and language of `ask.text` in its context."""
        ...


class Writer(Protocol):
    """Puts what policy decided into words."""

    async def write(self, ask: WriteReply) -> ReplyWritten:
        """A draft that says `ask.topics` in `ask.language`, each factual sentence with its sources."""
        ...


class Judge(Protocol):
    """The critic's two looks: at what comes in, at what goes out."""

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """Is this customer text safe to work on?"""
        ...

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """May this draft be sent?"""
        ...


class Embedder(Protocol):
    """Turns texts into vectors. `name` identifies model and dimensions; an index remembers it."""

    name: str
    dimensions: int

    async def embed(self, texts: Sequence[str]) -> "list[list[float]]":
        """One unit-length vector of `dimensions` floats per text."""
        ...


class RiskWatch(Protocol):
    """Finds in a customer's words the reasons to involve a person."""

    def assess(self, ask: AssessMessage) -> MessageAssessed:
        """Signals, strongest first."""
        ...


# --- the bus ---------------------------------------------------------------------------------------------

Handler = Callable[[Ask], Awaitable[Answer]]


class Agent(Protocol):
    """What the bus needs to know of an agent: its name and its handlers by call (see shared/agent.py)."""

    name: str

    @property
    def handlers(self) -> "dict[Call, Handler]":  # type: ignore[type-arg]
        """Each call this agent answers, with its handler."""
        ...


@dataclass(frozen=True)
class Delivered:
    """A stored turn result with its position; `seq` grows with every result on the bus."""

    seq: int
    turn: TurnFinished


class TurnWorker(Protocol):
    """Answers one conversation's waiting turns. Called in order per conversation, never twice at once.

    Gets every turn that waits (a burst) and returns one result for each, in the same order.
    """

    async def __call__(self, turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]: ...


class Bus(Protocol):
    """How rooms talk. Durable, at least once, the same step answered once, one result per turn."""

    kind: str

    async def ask(self, call: Call[Ask, Answer], ask: Ask, *, timeout: float) -> Answer:
        """Ask an agent and wait. Raises `AskFailed` on its problem or when `timeout` seconds pass.

        The answer to a step that was answered before comes back at once, nothing is computed again.
        """
        ...

    def serve(self, agent: Agent) -> AbstractAsyncContextManager[None]:
        """Answer asks with the agent's handlers while the context is open; drains on exit."""
        ...

    async def publish(self, event: Event[Body], body: Body, *, key: str) -> None:
        """Tell whoever listens; returns when stored. The same `key` is stored once."""
        ...

    def listen(
        self, event: Event[Body], handler: Callable[[Body], Awaitable[None]], *, name: str
    ) -> AbstractAsyncContextManager[None]:
        """Hear every event once per durable listener `name`; a raising handler is retried, then dead-lettered."""
        ...

    async def submit(self, turn: TurnAccepted) -> None:
        """Store a customer's turn; returning is the promise that it will be answered. Same id: once."""
        ...

    def work(
        self, worker: TurnWorker, *, finished: Callable[[Sequence[Delivered]], Awaitable[None]]
    ) -> AbstractAsyncContextManager[None]:
        """Own a fair share of the partitions and answer turns. `finished` runs after results are stored
        and before the turns are acknowledged; it may see a result again after a crash."""
        ...

    async def progress(self, sign: TurnProgress) -> None:
        """A passing sign for who watches now; may be lost."""
        ...

    def watch(self) -> AbstractAsyncContextManager["AsyncIterator[Delivered | TurnProgress]"]:
        """Every result and sign of every conversation from now on, in order per conversation."""
        ...

    async def results(self, conversation_id: str, *, after: int = 0) -> Sequence[Delivered]:
        """Stored results of one conversation with `seq` > `after`, oldest first."""
        ...

    async def result(self, conversation_id: str, turn_id: str) -> Delivered | None:
        """The stored result of one turn, if there is one."""
        ...

    async def dead_letters(self) -> Sequence["DeadLetter"]:
        """What could not be handled after all tries, with the reason."""
        ...

    async def ping(self) -> None:
        """Raises `BusDown` when messages cannot be stored now."""
        ...


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up on: subject, raw bytes, why, and when (seconds since 1970)."""

    subject: str
    data: bytes
    reason: str
    at: float


# --- stores ------------------------------------------------------------------------------------------------


class ConversationState(Value):
    """What a conversation remembers between turns; all text is tokenized.

    `strikes` are times of refused messages. `bot_speaks` is false while a person owns the conversation.
    """

    language: Language | None = None
    customer: str = ""
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


@dataclass(frozen=True)
class StoredMessage:
    """One line of a conversation as a page shows it; `text` is tokenized."""

    id: str
    who: Literal["customer", "bot", "staff", "system"]
    text: str
    at: float
    turn_id: str
    result: TurnFinished | None = None


@dataclass(frozen=True)
class StoredConversation:
    """A conversation with its lines, oldest first."""

    conversation_id: str
    customer: str
    state: ConversationState
    messages: Sequence[StoredMessage] = field(default_factory=tuple)


class ConversationStore(Protocol):
    """Conversations, hand-overs, feedback and knowledge gaps. Raises `StoreDown`."""

    async def load(self, conversation_id: str) -> ConversationState | None:
        """What the conversation remembers, or None when it is new."""
        ...

    async def record(
        self, turns: Sequence[TurnAccepted], results: Sequence[Delivered], state: ConversationState
    ) -> None:
        """Store what was said and the new state in one transaction; the same turns twice change nothing."""
        ...

    async def read(self, conversation_id: str) -> StoredConversation | None:
        """The whole conversation, or None."""
        ...

    async def open_hand_over(self, hand_over: HandOver) -> HandOver:
        """Put it in the queue, or return the one with this id that is there. Position is computed."""
        ...

    async def attach_ticket(self, hand_over_id: str, ticket: str) -> None:
        """Remember the helpdesk's ticket number."""
        ...

    async def waiting(self) -> Sequence[HandOver]:
        """The queue: urgent first, then oldest; positions filled, 1 is next."""
        ...

    async def add_feedback(self, feedback: FeedbackGiven) -> None:
        """Keep a customer's thumb; the last one for a turn counts."""
        ...

    async def ping(self) -> None:
        """Raises `StoreDown` when it cannot write."""
        ...


class KnowledgeIndex(Protocol):
    """Passages of the knowledge base, searched by words and by meaning."""

    async def search(self, text: str, *, language: Language | None, k: int) -> Sequence[Passage]:
        """Up to `k` passages per locale over the floor, best first."""
        ...

    async def ping(self) -> None:
        """Raises when the index is empty or unreadable."""
        ...


class PIIVault(Protocol):
    """Personal data behind tokens. The same value in one conversation is the same `TOKEN_<uuid>`.

    A token of one conversation cannot be opened from another. Raises `VaultDown`, never passes raw text.
    """

    async def tokenize(
        self, text: str, *, conversation_id: str, owner: str, known: Sequence[str] = ()
    ) -> str:
        """`text` with every detected personal value replaced. `known` are values of the customer's own
        record (name, e-mail, phone, address), matched exactly and approximately. `owner` is whose data
        it is (a customer id, or the conversation id for a guest): `forget(owner)` makes it unreadable."""
        ...

    async def token(self, value: str, *, conversation_id: str, owner: str) -> str:
        """The token of one value known to be personal as a whole (a name field of a record)."""
        ...

    async def reveal(self, text: str, *, conversation_id: str, purpose: str) -> str:
        """`text` with this conversation's tokens opened; audited. Unknown tokens stay as they are."""
        ...

    async def forget(self, owner: str) -> int:
        """Destroy the owner's key; returns how many values became unreadable."""
        ...

    async def ping(self) -> None:
        """Raises `VaultDown` when values cannot be sealed or opened now."""
        ...


# --- vendors -------------------------------------------------------------------------------------------------


class CommerceApi(Protocol):
    """The shop. Customers and e-mails come and go as tokens of `conversation_id`; only the adapter opens
    them, for the purpose `commerce`. Raises `VendorDown` or `VendorRefused`; "no such order" is None."""

    async def customer(self, customer: str, *, conversation_id: str) -> Customer | None:
        """The customer behind the token of a shop customer id, with their order numbers, newest first."""
        ...

    async def order_of_customer(
        self, number: str, *, customer: str, conversation_id: str
    ) -> Order | None:
        """Their order of this number; None when there is none or it is someone else's."""
        ...

    async def order_by_proof(self, number: str, *, email: str, conversation_id: str) -> Order | None:
        """The order when number and e-mail (a token) belong together; None otherwise, whatever is wrong."""
        ...

    async def order_proved(self, number: str, *, conversation_id: str) -> Order | None:
        """An order the caller has proved earlier in this conversation."""
        ...

    async def orders_of_customer(
        self, *, customer: str, conversation_id: str, limit: int = 5
    ) -> Sequence[Order]:
        """Their newest orders."""
        ...

    async def products(self, query: str, *, limit: int = 3) -> Sequence[Product]:
        """Products that match, best first."""
        ...

    async def execute(
        self, action: Action, *, customer: str, conversation_id: str, key: str
    ) -> Receipt:
        """Carry out a return, cancellation or refund, once per `key`; a vendor's no is a refused receipt."""
        ...

    async def record_of(self, customer_id: str) -> Sequence[str]:
        """The raw personal values of a signed-in customer (name, e-mail, phone, address lines), for the
        intake door only."""
        ...

    async def ping(self) -> None:
        """Raises `VendorDown` when the shop does not answer."""
        ...


class HelpdeskApi(Protocol):
    """Tickets. Text is revealed by the adapter for the purpose `helpdesk`."""

    async def open_ticket(self, hand_over: HandOver, *, transcript: Sequence[Said]) -> str:
        """Create the ticket of a hand-over, once per `hand_over.id`; returns the ticket number."""
        ...

    async def add_comment(self, ticket: str, text: str, *, conversation_id: str, key: str) -> None:
        """Add what the customer said meanwhile, once per `key`."""
        ...

    async def ping(self) -> None:
        """Raises `VendorDown` when the helpdesk does not answer."""
        ...
