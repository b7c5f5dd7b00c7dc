"""Subjects, headers and bytes: how our messages look on NATS."""

import hashlib
from typing import Any, NamedTuple, TypeVar

import msgspec

from shared.adapters.bus_rules import legal_id, legal_step, partition_of
from shared.contracts import Message
from shared.errors import BadMessage

MSG_ID = "Nats-Msg-Id"
EXPECTED_LAST = "Nats-Expected-Last-Subject-Sequence"
SEQUENCE = "Nats-Sequence"
SUBJECT = "Nats-Subject"
STATUS = "Status"
DEADLINE = "Desk-Deadline"
PROBLEM = "Desk-Problem"
TURN = "Desk-Turn"
CHAIN = "Desk-Chain"
REASON = "Desk-Reason"
AT = "Desk-At"
BY = "Desk-By"
"""The consumer that gave a dead letter up."""
FOR = "Desk-For"
"""The only consumer that shall handle an event: the others have."""
RESENT = "Desk-Resent"
"""The id of the dead letter that a message was."""

FLAGGED = "traces.flagged"
"""Core NATS: which traces every process is to keep, as `<id> <reason>`."""
SENT = "traces.sent"
"""Core NATS: how the traces of a process are taken, for who watches."""
POKE = "leases.changed"
"""A plain message that makes every worker look at once instead of at its next beat."""

Thing = TypeVar("Thing")


class Wire:
    """Encodes and strictly decodes; decoders are built once per type."""

    def __init__(self) -> None:
        self.encode = msgspec.json.Encoder().encode
        self._decoders: dict[type, msgspec.json.Decoder[Any]] = {}

    def decode(self, data: bytes, kind: type[Thing]) -> Thing:
        """The message in these bytes.

        Raises:
            BadMessage: they are not one; the values are not quoted, they may be anybody's.
        """
        decoder = self._decoders.get(kind)
        if decoder is None:
            decoder = self._decoders[kind] = msgspec.json.Decoder(kind)
        try:
            thing: Thing = decoder.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadMessage(
                f"{len(data)} bytes are no {kind.__name__}: {type(error).__name__}: "
                f"{str(error)[:200]}; do all processes run the same version?"
            ) from None
        return thing


class Place(NamedTuple):
    """Where a delivered message stands, read from its reply subject."""

    tries: int
    seq: int
    stored: str
    """When it was stored: with `seq` it names the message even after its stream was made anew."""


def place_of(reply: str) -> Place:
    """Deliveries so far and stream position of a message that a consumer delivered.

    Servers up to 2.9 write nine parts, later ones add the domain and the account before the stream.
    """
    parts = reply.split(".")
    skip = 0 if len(parts) == 9 else 2
    return Place(tries=int(parts[4 + skip]), seq=int(parts[5 + skip]), stored=parts[7 + skip])


def ask_subject(call: str) -> str:
    """Where asks of a call are stored."""
    return f"ask.{call}"


def step_of(call: str, message: Message) -> str:
    """`<call>.<partition>.<conversation>.<step>`: what an answer's subject ends with.

    The call stands first, because who answers one may write no answers of another.

    Raises:
        BadMessage: an id that may not stand in a subject.
    """
    conversation = legal_id("conversation_id", message.conversation_id)
    return f"{durable_name(call)}.{partition_of(conversation)}.{conversation}.{legal_step(message.step_id)}"


def event_subject(event: str, key: str) -> str:
    """One subject per key, so that the stream itself stores a key once; keys may hold any character."""
    return f"event.{event}.{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}"


def turn_in_subject(partition: int) -> str:
    """Where turns wait."""
    return f"turn.in.{partition}"


def turn_out_subject(conversation_id: str) -> str:
    """Where the results of a conversation are stored, one after the other.

    Raises:
        BadMessage: an id that may not stand in a subject.
    """
    conversation = legal_id("conversation_id", conversation_id)
    return f"turn.out.{partition_of(conversation)}.{conversation}"


def durable_name(*parts: str) -> str:
    """A consumer's name; dots are not allowed in it."""
    return "-".join(parts).replace(".", "-")
