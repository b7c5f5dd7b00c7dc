"""Hands out again what ports answered in a recorded turn; what was never asked is not invented."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import structs

from conversation import recording
from shared import contracts as c
from shared.contracts.recordings import PortAnswer, RecordedTurn
from shared.errors import AskFailed, StoreDown
from shared.hand_over import hand_over_of

NOT_RECORDED = "not_recorded"
"""The kind of the problem an ask ends with that the recorded turn never made."""
_SAME: dict[c.Want, tuple[str, ...]] = {
    "order": ("customer", "order_number", "email"),
    "orders": ("customer",),
    "customer": ("customer",),
    "products": ("product_query", "most_products"),
    "address": ("customer", "order_number", "address"),
}
"""What of an ask for facts decides what is found, by what is wanted."""
_PARTS: dict[c.Want, tuple[str, ...]] = {
    "order": ("order", "order_lookup"), "orders": ("orders",), "customer": ("customer",),
    "products": ("products",), "address": ("address",),
}  # fmt: skip


class Unplayable(Exception):
    """The bytes of an answer are none of this version's types."""


class Playback:
    """The answers of one recorded turn.

    `missing` is what was asked now and never then, in plain words; `failed` the calls of agents that did not
    answer then, though what they compute needs nobody else.
    """

    def __init__(self, recorded: RecordedTurn) -> None:
        self.turns = recorded.turns
        self.before = recorded.before
        self.missing: list[str] = []
        self.failed: list[str] = []
        self._facts: list[tuple[c.FetchFacts, PortAnswer]] = []
        self._deeds: list[tuple[c.ExecuteAction, PortAnswer]] = []
        self._searches: list[tuple[c.RetrievePassages, PortAnswer]] = []
        self._people: deque[PortAnswer] = deque()
        self._reads: dict[str, deque[PortAnswer]] = defaultdict(deque)
        for each in recorded.answers:
            self._sort(each)

    def _sort(self, each: PortAnswer) -> None:
        if each.of == c.FETCH.subject:
            self._facts.append((_typed(each.asked, c.FetchFacts), each))
        elif each.of == c.EXECUTE.subject:
            self._deeds.append((_typed(each.asked, c.ExecuteAction), each))
        elif each.of == c.RETRIEVE.subject:
            self._searches.append((_typed(each.asked, c.RetrievePassages), each))
        elif each.of == c.REQUEST_PERSON.subject:
            self._people.append(each)
        elif each.of in recording.READS:
            self._reads[each.of].append(each)
        elif each.error:
            self.failed.append(each.of)
        else:
            raise Unplayable(each.of)

    def fetched(self, ask: c.FetchFacts) -> c.FactsFetched:
        """What the shop knew then, put together from whatever asks brought it. Raises `AskFailed`."""
        parts: dict[str, Any] = {}
        for want in ask.wants:
            found = next((answer for asked, answer in self._facts if _same(want, asked, ask)), None)
            if found is None:
                raise self._never(c.FETCH, _about(want, ask))
            known = _answered(c.FETCH, found, c.FactsFetched)
            parts |= {name: getattr(known, name) for name in _PARTS[want]}
        return msgspec.convert({**_ids(ask), **parts}, c.FactsFetched)

    def executed(self, ask: c.ExecuteAction) -> c.ActionExecuted:
        """The receipt of the same logical action. Raises `AskFailed`; nothing is done."""
        for asked, answer in self._deeds:
            if (asked.key or asked.action.key) == (ask.key or ask.action.key):
                done: c.ActionExecuted = _answered(c.EXECUTE, answer, c.ActionExecuted)
                return structs.replace(done, **_ids(ask))
        raise self._never(c.EXECUTE, f"{ask.action.kind} of order #{ask.action.order_number or '-'}")

    def retrieved(self, ask: c.RetrievePassages) -> c.PassagesRetrieved:
        """The passages that were found then for these words. Raises `AskFailed`."""
        for asked, answer in self._searches:
            if (asked.text, asked.language_prior) == (ask.text, ask.language_prior):
                found: c.PassagesRetrieved = _answered(c.RETRIEVE, answer, c.PassagesRetrieved)
                return structs.replace(found, **_ids(ask))
        raise self._never(c.RETRIEVE, "passages for other words")

    def requested(self, ask: c.RequestPerson) -> c.PersonRequested:
        """The place that was given then, with what is said to staff now; a new one waits nowhere."""
        if not self._people:
            record = hand_over_of(ask, now=ask.accepted_at)
            return c.PersonRequested(**_ids(ask), hand_over=record)
        then: c.HandOver = _answered(c.REQUEST_PERSON, self._people.popleft(), c.PersonRequested).hand_over
        now = hand_over_of(ask, now=then.opened_at)
        now = structs.replace(now, id=then.id, position=then.position, ticket=then.ticket)
        return c.PersonRequested(**_ids(ask), hand_over=now)

    def read(self, name: str, default: Any) -> Any:
        """What this method answered then, in order; the last answer again when it is asked more often."""
        answers = self._reads.get(name)
        if not answers:
            return default
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        if answer.error:
            raise StoreDown(f"{name}: {answer.error}, as recorded")
        return _typed(answer.answer, recording.READS[name])

    def _never(self, call: c.Call[Any, Any], about: str) -> AskFailed:
        if about not in self.missing:
            self.missing.append(about)
        return AskFailed(call.subject, NOT_RECORDED, about, retry=False)


def _answered(call: c.Call[Any, Any], answer: PortAnswer, kind: type[Any]) -> Any:
    if answer.error:
        raise AskFailed(call.subject, answer.error, "as recorded", retry=False)
    return _typed(answer.answer, kind)


def _typed(data: bytes, kind: Any) -> Any:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unplayable(str(error)) from error


def _ids(ask: c.Message) -> dict[str, str]:
    return {"conversation_id": ask.conversation_id, "turn_id": ask.turn_id, "step_id": ask.step_id}


def _same(want: c.Want, then: c.FetchFacts, now: c.FetchFacts) -> bool:
    if want not in then.wants or any(getattr(then, name) != getattr(now, name) for name in _SAME[want]):
        return False
    proved = [ask.order_number in ask.proved_orders for ask in (then, now)]
    return want != "order" or proved[0] == proved[1]


def _about(want: c.Want, ask: c.FetchFacts) -> str:
    return {
        "order": f"order #{ask.order_number or '-'}",
        "orders": "the customer's orders",
        "customer": "the customer's name",
        "products": f"products like {ask.product_query!r}",
        "address": f"an address for order #{ask.order_number or '-'}",
    }[want]


_DEFAULTS: dict[str, Callable[..., Any]] = {
    "store.load": lambda *_: None,
    "store.erased_at": lambda *_: 0.0,
    "store.case_of": lambda *_: None,
    "store.leave_queue": lambda *_: None,
    "store.raise_case": lambda *_: None,
    "store.waiting": lambda *_: (),
    "store.open_hand_over": lambda hand_over: hand_over,
    "outlooks.of": lambda *_: None,
    "approvals.of": lambda *_: (),
    "approvals.withdraw": lambda *_: 0,
    "tasks.page": lambda *_: (),
    "tasks.add": lambda task: task,
    "tasks.change": lambda task: (task,),
}
"""What is answered to what was not asked then: nothing is there, and what is kept is kept nowhere."""


class Played:
    """Stands in for a store: answers from the playback of the turn that runs now, and keeps nothing."""

    def __init__(self, name: str, now: Callable[[], Playback]) -> None:
        self._name = name
        self._now = now

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        name = f"{self._name}.{method}"
        if name not in _DEFAULTS:
            raise AttributeError(f"a replay does not know {name}; say in playback.py what it answers")

        async def answer(*asked: Any, **_: Any) -> Any:
            playback = self._now()
            default = playback.before if name == "store.load" else _DEFAULTS[name](*asked)
            return playback.read(name, default)

        return answer
