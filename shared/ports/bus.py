"""The bus: how rooms talk."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import msgspec

from shared.contracts import (
    Answer,
    Ask,
    Body,
    Call,
    CaseChanged,
    Event,
    RecordChanged,
    StaffSeen,
    TaskTold,
    TracesSent,
    TurnAccepted,
    TurnFinished,
    TurnProgress,
)
from shared.errors import NotNow
from shared.ports.load import Load

Handler = Callable[[Ask], Awaitable[Answer]]


class Agent(Protocol):
    """What the bus needs to know of an agent: its name and its handlers by call (see shared/agent.py)."""

    @property
    def name(self) -> str:
        """Who answers, in logs and consumer names."""
        ...

    @property
    def handlers(self) -> "dict[Call, Handler]":  # type: ignore[type-arg]
        """Each call this agent answers, with its handler."""
        ...


@dataclass(frozen=True)
class Delivered:
    """A stored turn result with its position; `seq` grows with every result on the bus."""

    seq: int
    turn: TurnFinished


Sign = TurnProgress | CaseChanged | StaffSeen | TaskTold | RecordChanged
News = Delivered | Sign
"""What who watches hears: results in order, and passing signs."""


class TurnWorker(Protocol):
    """Answers one conversation's waiting turns. Called in order per conversation, never twice at once.

    Gets every turn that waits (a burst) and returns one result for each, in the same order.
    """

    async def __call__(self, turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        """One result for each turn."""
        ...


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
        """Hear every event once per durable listener `name`.

        A raising handler is retried, then the event is dead-lettered.
        """
        ...

    async def submit(self, turn: TurnAccepted) -> None:
        """Store a customer's turn; returning is the promise that it will be answered. Same id: once."""
        ...

    def work(
        self, worker: TurnWorker, *, finished: Callable[[Sequence[Delivered]], Awaitable[None]]
    ) -> AbstractAsyncContextManager[None]:
        """Own a fair share of the partitions and answer turns.

        `finished` runs after results are stored and before the turns are acknowledged; it may see a
        result again after a crash.
        """
        ...

    async def progress(self, sign: Sign) -> None:
        """A passing sign for who watches now; may be lost."""
        ...

    def watch(self) -> AbstractAsyncContextManager["AsyncIterator[News]"]:
        """Every result and sign of every conversation from now on, in order per conversation."""
        ...

    async def flag_trace(self, trace_id: str, reason: str) -> None:
        """Tell every process to keep what it holds of this trace; may be lost."""
        ...

    def flagged_traces(self, keep: Callable[[str, str], None]) -> AbstractAsyncContextManager[None]:
        """Call `keep` with id and reason of each trace that a process flags, while the context is open."""
        ...

    async def tell_sent(self, sent: TracesSent) -> None:
        """Tell the operators' pages how the traces of this process are taken; may be lost."""
        ...

    def told_sent(self, hear: Callable[[TracesSent], None]) -> AbstractAsyncContextManager[None]:
        """Call `hear` with what processes tell of their traces, while the context is open."""
        ...

    async def results(self, conversation_id: str, *, after: int = 0) -> Sequence[Delivered]:
        """Stored results of one conversation with `seq` > `after`, oldest first."""
        ...

    async def result(self, conversation_id: str, turn_id: str) -> Delivered | None:
        """The stored result of one turn, if there is one."""
        ...

    async def dead_letters(self, *, after: str = "", limit: int | None = None) -> Sequence["DeadLetter"]:
        """What could not be handled after all tries, with the reason; oldest first.

        At most `limit`, from behind the letter with the id `after`.
        """
        ...

    async def dead_letter(self, letter_id: str) -> "DeadLetter | None":
        """The dead letter of this id, if it still lies there."""
        ...

    async def resend(self, letter_id: str) -> bool:
        """Put a dead letter back to whoever gave it up; True for one of all who do so, and then it is gone.

        It is stored again before it is taken out, with the trace it had; a crash in between leaves it there,
        and the next resend stores no second one. False when there is no such letter (any more).

        Raises:
            NotNow: an ask: nobody waits for its answer any more; or an event whose listener is no more.
            BusDown: it may be back and a letter still; resend it again.
        """
        ...

    async def discard(self, letter_id: str) -> bool:
        """Take a dead letter out for good; False when there is none of this id (any more)."""
        ...

    async def load(self) -> Load:
        """How full every stream is, and who takes from it, now: one look of milliseconds, for who watches.

        Raises `BusDown` when it cannot be known within 2 s.
        """
        ...

    async def unanswered(self, conversation_ids: Collection[str]) -> Sequence[tuple[str, str]]:
        """Turns of these conversations that were accepted and have no result yet: conversation, turn."""
        ...

    async def erase(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """Remove every message of these conversations; how many, by where they stood. Twice is no error."""
        ...

    async def expire(self, conversation_ids: Collection[str]) -> int:
        """Remove the results of these conversations, which nothing else ends; how many."""
        ...

    async def ping(self) -> None:
        """Raises `BusDown` when messages cannot be stored now."""
        ...


class _Of(msgspec.Struct, frozen=True):
    conversation_id: str = ""
    turn_id: str = ""


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that was given up on: subject, raw bytes, why, and when (seconds since 1970).

    `by` is the consumer that gave up (`conversation` for turns), empty in letters of older versions.
    """

    id: str
    subject: str
    data: bytes
    reason: str
    at: float
    by: str = ""

    @property
    def kind(self) -> str:
        """`turn`, `event` or `ask`."""
        return self.subject.partition(".")[0]

    @property
    def conversation_id(self) -> str:
        """Whose it is; empty when it is nobody's or cannot be read."""
        try:
            return msgspec.json.decode(self.data, type=_Of).conversation_id
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return ""


def gone(letter: DeadLetter) -> NotNow:
    """Of an event whose listener this installation does not have: put back, nobody would take it."""
    return NotNow("nobody", f"{letter.by}, which gave it up, is not there any more; discard it")


def resendable(letter: DeadLetter) -> None:
    """Nothing, for what may be resent: turns, which are promised, and events, to who gave them up.

    Raises:
        NotNow: an ask. Its caller took the problem that was answered instead and has gone on; an answer now
            would be paid and heard by nobody, and a turn that is replayed asks by itself.
    """
    if letter.kind == "ask":
        raise NotNow(
            "ask", "nobody waits for the answer to this ask any more; resend its turn, or discard it"
        )
