"""Notes what ports answer while turns are worked on, so that they can be run again without asking anybody.

Noting keeps a reference; bytes are made when the results are stored, after the customer has theirs.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, cast

import msgspec
from msgspec import structs

from conversation.steps import Steps
from shared import contracts as c
from shared.contracts.recordings import PortAnswer, RecordedTurn
from shared.errors import AskFailed, DeskError
from shared.ports import Approvals, Bus, ConversationStore, Delivered, Tasks
from shared.routing.outlooks import Outlooks
from shared.routing.waiting import Outlook

CALLS: Mapping[str, c.Call[Any, Any]] = {
    call.subject: call for call in (c.FETCH, c.EXECUTE, c.RETRIEVE, c.REQUEST_PERSON)
}
"""What agents are asked whose answers come from outside; of all else only failures are kept."""
READS: Mapping[str, Any] = {
    "store.load": c.ConversationState | None,
    "store.case_of": c.Case | None,
    "store.leave_queue": c.Case | None,
    "store.raise_case": c.Case | None,
    "outlooks.of": Outlook | None,
    "approvals.of": tuple[c.Approval, ...],
    "approvals.withdraw": int,
    "tasks.page": tuple[c.Task, ...],
    "tasks.add": c.Task,
    "tasks.change": tuple[c.Task, ...],
}
"""The stores' methods that are noted, with the types of their answers."""
_LOG = logging.getLogger("answerdesk.conversation")
_MOST_WAITING = 1000
"""Recordings whose results are not stored yet; more means that a store is down, and the oldest go."""
_NO_PACKET = c.Packet(
    summary="", facts=(), tried=(), promised=(), suggested_reply="", sentiment="", language="en"
)
_PACK = msgspec.msgpack.Encoder()
_ASKED = (c.FETCH.subject, c.EXECUTE.subject, c.RETRIEVE.subject)


@dataclass
class Tape:
    """What ports answered during one run over some turns, in order: name, ask, answer or failure."""

    turns: Sequence[c.TurnAccepted]
    before: c.ConversationState | None = None
    heard: list[tuple[str, Any, Any]] = field(default_factory=list)

    def note(self, of: str, asked: Any, answer: Any) -> None:
        """One more."""
        if of == "store.load" and not isinstance(answer, Exception):
            self.before = answer
        else:
            self.heard.append((of, asked, answer))


_tape: ContextVar[Tape | None] = ContextVar("tape", default=None)


@contextmanager
def taping(turns: Sequence[c.TurnAccepted]) -> Iterator[Tape]:
    """Note what this task and those it starts are answered, until the context ends."""
    tape = Tape(turns)
    token = _tape.set(tape)
    try:
        yield tape
    finally:
        _tape.reset(token)


class Tapes:
    """Recordings that wait for their results to be stored, by the last turn of each."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, tuple[Tape, c.Action | None]] = OrderedDict()

    def keep(self, tape: Tape, results: Sequence[c.TurnFinished]) -> None:
        """This run led to these results."""
        state = results[-1].state
        self._waiting[results[-1].turn_id] = (tape, state.pending_action if state else None)
        while len(self._waiting) > _MOST_WAITING:
            self._waiting.popitem(last=False)

    def of(self, results: Sequence[Delivered]) -> list[RecordedTurn]:
        """The recordings of these results; none of those that another process has answered."""
        found = (self._waiting.get(each.turn.turn_id) for each in results)
        return [_recorded(tape, proposed) for tape, proposed in filter(None, found)]

    def stored(self, results: Sequence[Delivered]) -> None:
        """These need not be kept here any longer."""
        for each in results:
            self._waiting.pop(each.turn.turn_id, None)


def _recorded(tape: Tape, proposed: c.Action | None) -> RecordedTurn:
    """The recording, or that there is none: what cannot be encoded must not keep a result from storage."""
    try:
        return recorded_turn(tape, proposed)
    except (TypeError, ValueError, OverflowError) as error:
        last = tape.turns[-1]
        # The type only: the message may quote what a customer wrote.
        _LOG.error("turn %s cannot be recorded: %s", last.turn_id, type(error).__name__)
        return RecordedTurn(
            conversation_id=last.conversation_id,
            turn_id=last.turn_id,
            at=last.accepted_at,
            lost="unreadable",
        )


def recorded_turn(tape: Tape, proposed: c.Action | None) -> RecordedTurn:
    """The tape in bytes."""
    last = tape.turns[-1]
    return RecordedTurn(
        conversation_id=last.conversation_id,
        turn_id=last.turn_id,
        at=last.accepted_at,
        turns=tuple(tape.turns),
        before=tape.before,
        answers=tuple(_answer(*each) for each in tape.heard),
        proposed=proposed,
    )


def _answer(of: str, asked: Any, answer: Any) -> PortAnswer:
    asked_bytes = _PACK.encode(asked) if of in _ASKED else b""
    if isinstance(answer, AskFailed):
        return PortAnswer(of=of, asked=asked_bytes, error=answer.kind)
    if isinstance(answer, DeskError):
        return PortAnswer(of=of, error=type(answer).__name__)
    return PortAnswer(of=of, asked=asked_bytes, answer=_PACK.encode(_slim(of, answer)))


def _slim(of: str, answer: Any) -> Any:
    """Without the packet, which the turn that asked for a person has in its result, and nobody reads here."""
    if of == c.REQUEST_PERSON.subject:
        return structs.replace(answer, hand_over=structs.replace(answer.hand_over, packet=_NO_PACKET))
    if isinstance(answer, c.Case):
        return structs.replace(answer, hand_over=structs.replace(answer.hand_over, packet=_NO_PACKET))
    return answer


def recorded_steps(steps: Steps) -> Steps:
    """These steps with ports that note what they answer."""
    asked, read = set(CALLS), set(READS)
    return replace(
        steps,
        bus=cast("Bus", _Noting(steps.bus, {"ask": lambda call: call.subject}, asked)),
        store=cast("ConversationStore", _noting("store", steps.store, read)),
        outlooks=cast("Outlooks | None", _noting("outlooks", steps.outlooks, read)),
        tasks=cast("Tasks | None", _noting("tasks", steps.tasks, read)),
        approvals=cast("Approvals | None", _noting("approvals", steps.approvals, read)),
    )


def _noting(name: str, port: object, read: set[str]) -> "_Noting | None":
    if port is None:
        return None
    methods = [each.partition(".")[2] for each in sorted(read) if each.startswith(f"{name}.")]
    return _Noting(port, {method: _named(f"{name}.{method}") for method in methods}, read)


def _named(name: str) -> Callable[[Any], str]:
    return lambda _: name


class _Noting:
    """A port, some of whose methods note what they answered on the tape of whoever asks.

    Each method is told apart by what `names` makes of its first argument; if that is in `which` its answers
    are noted, and its failures in any case.
    """

    def __init__(self, port: object, names: Mapping[str, Callable[[Any], str]], which: set[str]) -> None:
        self._port = port
        for method, name in names.items():
            setattr(self, method, _noted(getattr(port, method), name, which))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


def _noted(
    method: Callable[..., Awaitable[Any]], name: Callable[[Any], str], which: set[str]
) -> Callable[..., Awaitable[Any]]:
    @wraps(method)
    async def noted(first: Any, *rest: Any, **fields: Any) -> Any:
        tape, of = _tape.get(), name(first)
        if tape is None:
            return await method(first, *rest, **fields)
        asked = rest[0] if rest else first
        try:
            answer = await method(first, *rest, **fields)
        except DeskError as error:
            tape.note(of, asked, error)
            raise
        if of in which:
            tape.note(of, asked, answer)
        return answer

    return noted
