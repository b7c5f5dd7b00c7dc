"""A thousand interleavings of a customer, the bot, two members of staff and the door to the customer.

Every actor runs at its own pace, drawn from the seed: between any two steps of one, any number of steps of
the others may fall. The log is written at the moments at which the store decides, so it is the true order.
"""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.casework import Casework, new_turn
from gateway.staff.roles import Member
from shared import contracts as c
from shared.adapters.sqlite import case_rows
from shared.adapters.sqlite import leaving as leaving_rows
from shared.adapters.sqlite.cases import SqliteCases, open_cases
from shared.cases import CUSTOMER
from shared.errors import NotNow
from shared.ports import ConversationStore, Delivered
from tests.cases.examples import EMMA, NOAH
from tests.conversation.desk import USAGE, Desk, ids, running, understood

RUNS = 1_000
SIDE_BY_SIDE = 40
JOINED = {"CaseClaimed", "CaseReopened"}
WORDS = ["Lovely tent!", "Great shop", "I want to talk to a human", "never mind", "hello?", "human please"]


@dataclass
class Log:
    """What one conversation went through, in the true order."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    """(what, whose): `sent`/`held` turns of the bot, events of the case by who did them."""
    delivered: list[c.TurnFinished] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Turns that the customer wrote."""
    spoken: list[str] = field(default_factory=list)
    """Texts that staff sent and were not refused, as they were taken."""
    decided: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    """Turns with which the customer gave up the place in the queue."""
    through: int = 0
    """Results that came to the customer's stream."""


class LoggedCases:
    """Cases that write down what happened, when it happened."""

    def __init__(self, cases: SqliteCases, logs: dict[str, Log]) -> None:
        self._cases = cases
        self._logs = logs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cases, name)

    async def append(
        self, case_id: str, event: c.CaseEvent, *, version: int | None = None, most: int | None = None
    ) -> c.Case:
        """Into the log, unless it is refused."""
        case = await self._cases.append(case_id, event, version=version, most=most)
        log = self._logs[case.conversation_id]
        log.lines.append((type(event).__name__, event.by))
        if isinstance(event, c.StaffSpoke):
            log.spoken.append(event.text)
        return case


async def pause(draw: random.Random) -> None:
    """Let others go first, or not."""
    for _ in range(draw.randrange(5) ** 2):
        await asyncio.sleep(0)


async def customer(desk: Desk, conversation: str, log: Log, draw: random.Random) -> None:
    for n in range(draw.randrange(1, 4)):
        await pause(draw)
        turn_id = f"t-{conversation}-{n}"
        log.said.append(turn_id)
        await desk.bus.submit(
            c.TurnAccepted(
                conversation_id=conversation, turn_id=turn_id, text=draw.choice(WORDS), accepted_at=1.0
            )
        )


async def member(work: Casework, cases: Any, conversation: str, who: Member, draw: random.Random) -> None:
    """Claims, says, gives back, closes, takes that back, as it comes; refusals are everyday."""
    for _ in range(draw.randrange(2, 7)):
        await pause(draw)
        case = await cases.of(conversation)
        if case is None:
            if draw.random() < 0.3:
                await take_over(cases, conversation, who)
            continue
        act = draw.choice(
            ["claim", "claim", "say", "say", "give_back", "close", "close", "reopen", "release"]
        )
        try:
            if act == "say":
                await work.say(case.id, who, f"{who.name} {draw.random()}", turn_id=new_turn())
            else:
                await getattr(work, act)(case.id, who)
        except NotNow:
            await pause(draw)


async def take_over(cases: Any, conversation: str, who: Member) -> None:
    """Nobody asked; staff step in."""
    packet = c.Packet(
        summary="", facts=(), tried=(), promised=(), suggested_reply="", sentiment="neutral", language="en"
    )
    given = c.HandOver(
        id=f"h-{conversation}", conversation_id=conversation, reason="taken_over", priority="normal",
        queue="support", opened_at=1.0, sla_due_at=2.0, position=0, packet=packet,
    )  # fmt: skip
    await cases.open(c.CaseOpened(at=1.0, by=who.actor, hand_over=given, taken=True))


async def door(desk: Desk, logs: dict[str, Log], draw: random.Random, ready: asyncio.Event) -> None:
    """What the gateway does with results: each customer's stream brings them in order, at its own pace."""
    streams: dict[str, asyncio.Queue[c.TurnFinished]] = {}
    async with desk.bus.watch() as arriving, asyncio.TaskGroup() as group:
        ready.set()
        async for item in arriving:
            if not isinstance(item, Delivered):
                continue
            name = item.turn.conversation_id
            if name not in streams:
                streams[name] = asyncio.Queue()
                group.create_task(stream(desk.service.steps.store, streams[name], logs[name], draw))
            streams[name].put_nowait(item.turn)


async def stream(
    store: ConversationStore, arriving: "asyncio.Queue[c.TurnFinished]", log: Log, draw: random.Random
) -> None:
    """Of one customer."""
    while True:
        turn = await arriving.get()
        await pause(draw)
        if await store.release(turn):
            log.delivered.append(turn)
        log.through += 1


def logged(decide: Any, logs: dict[str, Log]) -> Any:
    """The store's decision about a reply, written down the first time it is made."""

    def deciding(db: Any, turn: c.TurnFinished) -> bool:
        sent: bool = decide(db, turn)
        log = logs[turn.conversation_id]
        if case_rows.may_be_held(turn) and turn.turn_id not in log.decided:
            log.decided.add(turn.turn_id)
            log.lines.append(("sent" if sent else "held", turn.turn_id))
        return sent

    return deciding


def leaving(leave: Any, logs: dict[str, Log]) -> Any:
    """The store's decision whether the customer leaves the queue, written down when it is made."""

    def left(db: Any, conversation_id: str, turn_id: str, *, at: float) -> c.Case | None:
        case: c.Case | None = leave(db, conversation_id, turn_id, at=at)
        if case is not None and not case.open:
            logs[conversation_id].left.append(turn_id)
            logs[conversation_id].lines.append(("CaseClosed", CUSTOMER))
        return case

    return left


def slowly(answer: Any, draw: random.Random) -> Any:
    """An agent that takes its time."""

    async def answering(ask: Any) -> Any:
        await pause(draw)
        return await answer(ask)

    return answering


async def write(ask: c.WriteReply) -> c.ReplyWritten:
    return c.ReplyWritten(**ids(ask), sentences=(c.Sentence(text="Glad to hear it."),), usage=USAGE)


async def screen(ask: c.ScreenMessage) -> c.MessageScreened:
    return c.MessageScreened(**ids(ask), allowed=True, findings=())


async def judge(ask: c.JudgeReply) -> c.ReplyJudged:
    return c.ReplyJudged(**ids(ask), usage=USAGE)


async def test_never_two_speakers_never_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """See `check`, which says what must hold of each run."""
    draw, logs = random.Random(5), dict[str, Log]()
    monkeypatch.setattr(case_rows, "decide", logged(case_rows.decide, logs))
    monkeypatch.setattr(leaving_rows, "leave", leaving(leaving_rows.leave, logs))
    agents = {
        c.WRITE: slowly(write, draw),
        c.JUDGE: judge,
        c.SCREEN: screen,
        c.CLASSIFY: slowly(understood("FEEDBACK"), draw),
    }
    async with running(tmp_path, agents) as desk, open_cases(tmp_path / "desk.db") as opened:
        cases: Any = LoggedCases(opened, logs)
        work = Casework(cases, desk.bus, now=lambda: 1.0)
        ready = asyncio.Event()
        watching = asyncio.create_task(door(desk, logs, draw, ready))
        await ready.wait()
        for first in range(0, RUNS, SIDE_BY_SIDE):
            names = [f"c-{n}" for n in range(first, first + SIDE_BY_SIDE)]
            async with asyncio.TaskGroup() as group:
                for name in names:
                    logs[name] = Log()
                    group.create_task(customer(desk, name, logs[name], draw))
                    group.create_task(member(work, cases, name, EMMA, draw))
                    group.create_task(member(work, cases, name, NOAH, draw))
            await through(desk, {name: logs[name] for name in names})
        watching.cancel()
        for name, log in logs.items():
            await check(name, log, cases, desk.service.steps.store)
    held = sum(what == "held" for log in logs.values() for what, _ in log.lines)
    reopened = sum(what == "CaseReopened" for log in logs.values() for what, _ in log.lines)
    left = sum(len(log.left) for log in logs.values())
    assert min(held, reopened, left) > RUNS // 50, "the runs must meet what they are for"


async def through(desk: Desk, logs: dict[str, Log]) -> None:
    """Every turn has its result, and every result has come to its customer's stream."""
    async with asyncio.timeout(60):
        for name, log in logs.items():
            while await desk.bus.unanswered([name]) or log.through < len(await desk.bus.results(name)):  # noqa: ASYNC110
                await asyncio.sleep(0.001)


async def check(name: str, log: Log, cases: Any, store: ConversationStore) -> None:
    """Of one run: who spoke when, and that everybody heard what they had to."""
    owner = ""
    for what, who in log.lines:
        if what == "sent":
            assert not owner, f"{name}: the bot spoke while {owner} had it: {log.lines}"
        elif what == "StaffSpoke":
            assert who == owner, f"{name}: {who} spoke while {owner or 'nobody'} had it: {log.lines}"
        elif what in JOINED:
            assert not owner, f"{name}: claimed from {owner}: {log.lines}"
            owner = who
        elif what in {"CaseReleased", "CaseReturned", "CaseClosed"}:
            assert who != CUSTOMER or not owner, f"{name}: the customer closed what {owner} had: {log.lines}"
            owner = ""
    told = [turn.reply for turn in log.delivered if turn.speaker == "staff"]
    assert told == log.spoken, f"{name}: staff said {log.spoken}, the customer heard {told}"
    joined = sum(what in JOINED for what, _ in log.lines)
    heard = sum(turn.speaker == "system" for turn in log.delivered)
    ended = sum(what in {"CaseReturned", "CaseClosed"} and who != CUSTOMER for what, who in log.lines)
    assert heard == joined + ended, f"{name}: {log.lines}"
    # Who left reads that once, in the turn in which they said so, unless they have come back to a person.
    farewells = [turn for turn in log.delivered if turn.turn_id in log.left]
    held = {turn_id for what, turn_id in log.lines if what == "held"}
    assert sorted(turn.turn_id for turn in farewells) == sorted({*log.left} - held), f"{name}: {log.lines}"
    assert all(turn.reply for turn in farewells), f"{name}: {log.left} met silence"
    answered = {turn.turn_id for turn in log.delivered if turn.reply or turn.answered_with}
    for turn_id in log.said:
        # A turn without words: a person had it, and the customer knew that one came.
        assert turn_id in answered or joined, f"{name}: {turn_id} met silence: {log.lines}"
    stored = await store.read(name)
    assert stored is not None
    shown = [line.turn_id for line in stored.messages if line.who == "bot"]
    sent = [turn_id for what, turn_id in log.lines if what == "sent"]
    assert sorted(shown) == sorted(sent), f"{name}: the page shows {shown}, the customer got {sent}"
    drafts = [e.event.turn_id for e in await cases.events(name) if isinstance(e.event, c.ReplyHeld)]
    assert sorted(drafts) == sorted(turn_id for what, turn_id in log.lines if what == "held")
