"""The rules every bus keeps: which ids are legal, what is tried again."""

import zlib
from collections.abc import Sequence
from string import ascii_letters, digits

from shared.contracts import Answer, Ask, Call, Message, Problem
from shared.errors import AskFailed, BadMessage, DeskError

PARTITIONS = 16
BACKOFF: Sequence[float] = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further try; one try more than there are waits, then the dead letter."""

LEGAL = frozenset(ascii_letters + digits + "_-")


def partition_of(conversation_id: str) -> int:
    """The partition that keeps this conversation's turns in order."""
    return zlib.crc32(conversation_id.encode()) % PARTITIONS


def legal_id(name: str, value: str) -> str:
    """The id itself, when it may stand in a subject.

    Raises:
        BadMessage: dots, wildcards, blanks or nothing: such an id could address another conversation.
    """
    if not value or len(value) > 128 or not LEGAL.issuperset(value):
        raise BadMessage(f"{name} {value[:40]!r} is not an id: use 1 to 128 of A-Z a-z 0-9 _ -")
    return value


def legal_step(value: str) -> str:
    """A step id is ids joined by single dots: `<turn_id>.<step>`.

    Raises:
        BadMessage: it is not.
    """
    if len(value) > 200 or not all(part and LEGAL.issuperset(part) for part in value.split(".")):
        raise BadMessage(f"step_id {value[:40]!r} is not <turn_id>.<step>: parts of A-Z a-z 0-9 _ - and dots")
    return value


def may_retry(error: BaseException) -> bool:
    """Our errors say it themselves; a broken connection may heal; anything else is a bug and repeats."""
    if isinstance(error, DeskError):
        return error.retry
    return isinstance(error, OSError | TimeoutError)


def reason_of(error: BaseException) -> str:
    """Why, in one line; a stranger's message may quote customer text, so only its type is told."""
    if isinstance(error, DeskError):
        return f"{type(error).__name__}: {error}"
    return f"{type(error).__name__}: see the log of the process that ran it"


def checked(call: Call[Ask, Answer], ask: Ask, answer: Answer) -> Answer:
    """The answer, when it is one to this ask.

    Raises:
        BadMessage: another type, or the ids of another step.
    """
    if not isinstance(answer, call.answer) or answer.step_id != ask.step_id:
        raise BadMessage(
            f"the handler of {call.subject} gave {type(answer).__name__} for step {ask.step_id}; "
            f"give a {call.answer.__name__} with the ids of the ask"
        )
    return answer


def problem_of(ask: Message, error: BaseException) -> Problem:
    """The last word on an ask that failed: what was tried again is over, so `retry` is false."""
    kind = error.kind if isinstance(error, AskFailed) else type(error).__name__
    return Problem(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        kind=kind,
        detail=reason_of(error),
        retry=False,
    )
