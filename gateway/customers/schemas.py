"""What customers send and get, as OpenAPI shows it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.contracts import LANGUAGES, ActionKind

_ID = r"^[A-Za-z0-9_-]{1,64}$"
ClientMessageId = Annotated[str, Field(pattern=_ID)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ChatRequest(_Strict):
    """One message of a customer, 1 to 5,000 characters."""

    message: str
    conversation_id: Annotated[str, Field(pattern=_ID)] | None = None
    conversation_token: Annotated[str, Field(max_length=300)] | None = None
    client_message_id: ClientMessageId | None = None
    locale: Annotated[str, Field(max_length=35)] | None = None

    @field_validator("locale")
    @classmethod
    def _known_language(cls, value: str | None) -> str | None:
        """`fr-CA` is read as `fr`; a language we do not speak is an error, not a guess."""
        if value is None:
            return None
        language = value.replace("_", "-").split("-")[0].lower()
        if language not in LANGUAGES:
            raise ValueError(f"{value!r} is not a language we speak; use one of {', '.join(LANGUAGES)}")
        return language


class FeedbackRequest(_Strict):
    """A thumb on one reply."""

    turn_id: Annotated[str, Field(pattern=_ID)]
    rating: Literal["up", "down"]
    comment: Annotated[str, Field(max_length=2000)] = ""


class CitationOut(BaseModel):
    """Where a statement of the reply can be read: in a document, or in a record of the shop.

    For a document `source` is its file and `quote` what stands there. For a record `source` is `order:NUMBER`
    or `product:HANDLE`, `fields` are those that were read (`status`, `expected_on`, `variants` for price and
    stock, ...), `section` says the same in the customer's language, and `quote` is empty: no value of a
    record is repeated.
    """

    source: str
    title: str
    section: str
    quote: str
    fields: list[str]


class NeedOut(BaseModel):
    """One thing the customer wants."""

    intent: str
    confidence: float


class ActionOut(BaseModel):
    """What was done at the shop."""

    kind: ActionKind
    status: Literal["done", "refused", "half"]
    order_number: str
    reference: str
    summary: str


class EscalationOut(BaseModel):
    """The place in a person's queue; `sla_due` in seconds since 1970."""

    id: str
    reason: str
    priority: Literal["low", "normal", "high", "urgent"]
    queue: str
    position: int | None
    sla_due: float
    ticket: str | None


class ChatReply(BaseModel):
    """The answer to a message.

    `confidence` is how sure we are of what was understood: of `understood_as` where the conversation made
    another `intent` of it, else of `intent`.
    """

    conversation_id: str
    conversation_token: str
    turn_id: str
    answered_with: str | None
    reply: str
    who: Literal["bot", "staff", "system"]
    name: str | None
    status: Literal["answered", "asked", "handed_over", "refused", "with_person", "told"]
    with_person: bool
    intent: str | None
    intents: list[NeedOut]
    confidence: float
    understood_as: str | None
    language: Literal["en", "fr", "es"]
    citations: list[CitationOut]
    actions: list[ActionOut]
    escalation: EscalationOut | None
    engine: str
    trace_id: str


class ChatWorking(BaseModel):
    """Accepted, and still being worked on: the answer comes on the conversation's event stream."""

    conversation_id: str
    conversation_token: str
    turn_id: str
    status: Literal["working"]
