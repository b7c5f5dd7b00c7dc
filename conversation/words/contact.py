"""Hears, by words alone, that who waits wants a call or an e-mail instead, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conversation.words import contact_words as words
from conversation.words.replies import folded
from shared.contracts import Case, Channel, ContactWish, ConversationState, Task, TurnAccepted
from shared.personal_data import token_pattern, tokens_in
from shared.routing.queues import routing

ACCOUNT = "account"
"""Instead of an address: the one of the signed-in customer's account."""
_LONGEST_ANSWER = 40
"""Words: who was asked for a number answers in fewer."""
_MOST_TOKENS = 4
_MOST_TITLE = 1500
_REMIND_SECONDS = 900


@dataclass(frozen=True)
class Heard:
    """What is said because of it (`goal`), what becomes of the case, for what an address is `asked`."""

    goal: str
    wish: ContactWish | None = None
    asked: str = ""
    at: float = 0.0
    """When to call, in seconds since 1970; 0.0 for as soon as the answer is due."""
    values: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    """What is remembered of a call that is being arranged; an empty value is forgotten."""


def hear(text: str, before: ConversationState, settled: ContactWish | None) -> Heard | None:
    """What this message, of a customer who waits, says about being called or written to; None for nothing.

    `settled` is what the case knows already. Text is tokenized; the tokens are the number or the address,
    whatever else they may be: staff open them and see.
    """
    wanted, tokens = wished(text), tuple(tokens_in(text))[:_MOST_TOKENS]
    if wanted is None:
        return _answer(text, tokens, before)
    if wanted == "chat":
        else_where = settled is not None or before.contact_channel
        return Heard("contact.chat", ContactWish(channel="chat")) if else_where else None
    return _wish(wanted, tokens, before, settled)


def _wish(
    wanted: Channel, tokens: tuple[str, ...], before: ConversationState, settled: ContactWish | None
) -> Heard | None:
    if tokens:
        return _known(wanted, " ".join(tokens))
    if settled is not None and settled.channel == wanted and settled.value:
        return None  # "when will you call me?"
    if wanted == "email" and before.customer:
        return Heard("contact.email_account", ContactWish(channel="email", value=ACCOUNT))
    return Heard(f"contact.ask_{wanted}", ContactWish(channel=wanted), asked=wanted)


def call_back(
    case: Case | None, turn: TurnAccepted, text: str, wish: ContactWish | None, *, at: float = 0.0
) -> Task | None:
    """The task that a call or an e-mail becomes once its address is known, for the case's queue."""
    if case is None or wish is None or not wish.value or wish.channel == "chat":
        return None
    queue = routing().queue(case.queue)
    return Task(
        id=f"contact-{turn.turn_id}"[:80],
        kind="call_back" if wish.channel == "phone" else "follow_up",
        title=text[:_MOST_TITLE],
        due_at=at or case.due_at,
        created_by="bot",
        created_at=turn.accepted_at,
        assignee=f"queue:{queue.name}",
        zone=queue.calendar.zone,
        conversation_id=case.conversation_id,
        customer=turn.customer,
        reminders=(_REMIND_SECONDS,),
    )


def wished(text: str) -> Channel | None:
    """The way to be answered that these words wish for; None when they are about something else.

    What is refused is not wished for: "don't call me, e-mail me".
    """
    said = words.PAST.sub(" ", folded(token_pattern().sub(" token ", text)))
    if words.STAYS.search(said):
        return "chat"
    if words.PHONE.search(said) and not words.NO_PHONE.search(said):
        return "phone"
    return "email" if words.EMAIL.search(said) and not words.NO_EMAIL.search(said) else None


def _answer(text: str, tokens: tuple[str, ...], before: ConversationState) -> Heard | None:
    channel = before.contact_channel
    if channel not in {"phone", "email"} or len(text.split()) > _LONGEST_ANSWER:
        return None
    if tokens:
        return _known("phone" if channel == "phone" else "email", " ".join(tokens))
    # No count and no size has so many digits.
    if sum(char.isdigit() for char in text) >= 5 or "@" in text:
        return Heard(f"contact.unread_{channel}", asked=channel)
    return None


def _known(channel: Channel, value: str) -> Heard:
    return Heard(f"contact.{channel}", ContactWish(channel=channel, value=value))
