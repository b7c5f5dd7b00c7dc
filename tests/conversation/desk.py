"""A conversation on the in-process bus with agents that a test scripts: what is asked, answered, broken."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from conversation.planning.plan import Planner
from conversation.rules.playbooks import load_playbooks, load_policy
from conversation.service import Conversations, serve_conversations
from conversation.steps import Steps
from shared import contracts as c
from shared.adapters.embedded.judge import open_judge
from shared.adapters.embedded.product_reader import open_product_reader
from shared.adapters.embedded.risk import open_risk_watch
from shared.adapters.embedded.writer import open_writer
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.approvals import open_approvals
from shared.adapters.sqlite.store import open_store
from shared.adapters.sqlite.tasks import open_tasks
from shared.agent import Agent
from shared.hand_over import hand_over_of
from shared.ports import Delivered
from tests.clock import Clock

USAGE = c.Usage(engine="test", model="test")
Answering = Callable[[Any], Awaitable[Any]]


def ids(ask: c.Message) -> dict[str, str]:
    """An answer belongs to the step it was asked in."""
    return {"conversation_id": ask.conversation_id, "turn_id": ask.turn_id, "step_id": ask.step_id}


# The same words give the same answers, so one of each serves all desks; reading their rules takes a while.
_writer, _rules, _watch = cache(open_writer), cache(open_judge), cache(open_risk_watch)


def understood(
    intent: str, confidence: float = 0.99, language: c.Language = "en", **fields: Any
) -> Answering:
    """A classification that always says this."""

    async def classify(ask: c.ClassifyIntent) -> c.IntentClassified:
        return c.IntentClassified(
            **ids(ask),
            needs=(c.Need(intent=c.Intent(intent), confidence=confidence),),
            sentiment=c.Sentiment(label="neutral", score=0.0),
            language=language,
            usage=USAGE,
            **fields,
        )

    return classify


@dataclass
class Desk:
    """The running conversation, what its agents were asked, and its results."""

    bus: MemoryBus
    service: Conversations
    asked: list[c.Message] = field(default_factory=list)
    turns: int = 0
    signed_in: dict[str, str] = field(default_factory=dict)

    async def say(self, text: str, conversation_id: str = "c-1", **fields: Any) -> c.TurnFinished:
        """Submit a turn and wait for its result; who signed in once does so with each message after."""
        self.signed_in[conversation_id] = fields.pop("customer", self.signed_in.get(conversation_id, ""))
        self.turns += 1
        turn_id = f"t-{self.turns}"
        async with self.bus.watch() as arriving:
            await self.bus.submit(
                c.TurnAccepted(
                    conversation_id=conversation_id,
                    turn_id=turn_id,
                    text=text,
                    accepted_at=self.service.steps.clock.now(),
                    customer=self.signed_in[conversation_id],
                    **fields,
                )
            )
            async for item in arriving:
                if isinstance(item, Delivered) and item.turn.turn_id == turn_id:
                    return item.turn
        raise AssertionError("the bus closed")

    def count(self, kind: type[c.Message]) -> int:
        """How often this was asked."""
        return sum(isinstance(ask, kind) for ask in self.asked)


@asynccontextmanager
async def running(
    tmp_path: Path, answers: dict[Any, Answering], clock: Clock | None = None, *, bus: MemoryBus | None = None
) -> AsyncIterator[Desk]:
    """A conversation whose agents answer as given, and otherwise as real ones without models would."""
    bus = bus or MemoryBus()
    file = tmp_path / "desk.db"
    async with open_store(file) as store, open_tasks(file) as tasks, open_approvals(file) as approvals:
        planner = Planner(playbooks=load_playbooks(), policy=load_policy(), reader=open_product_reader())
        steps = Steps(
            bus=bus,
            store=store,
            planner=planner,
            words=_writer(),
            rules=_rules(),
            watch=_watch(),
            language_of=lambda _, prior: prior or "en",
            clock=clock or Clock(),
            tasks=tasks,
            approvals=approvals,
        )
        agent = Agent("test")
        async with serve_conversations(steps) as service:
            desk = Desk(bus, service)
            for call, answer in ({**_defaults(steps), **answers}).items():
                agent = agent.answers(call, _noted(desk, answer))
            async with bus.serve(agent):
                yield desk


def _noted(desk: Desk, answer: Answering) -> Answering:
    async def noted(ask: c.Message) -> c.Message:
        desk.asked.append(ask)
        result: c.Message = await answer(ask)
        return result

    return noted


def _defaults(steps: Steps) -> dict[Any, Answering]:
    words, rules, watch = _writer(), _rules(), _watch()

    async def retrieve(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        return c.PassagesRetrieved(**ids(ask), passages=(), usage=USAGE)

    async def fetch(ask: c.FetchFacts) -> c.FactsFetched:
        return c.FactsFetched(**ids(ask))

    async def assess(ask: c.AssessMessage) -> c.MessageAssessed:
        return watch.assess(ask)

    async def request_person(ask: c.RequestPerson) -> c.PersonRequested:
        opened = await steps.store.open_hand_over(hand_over_of(ask, now=steps.clock.now()))
        return c.PersonRequested(**ids(ask), hand_over=opened)

    return {
        c.SCREEN: rules.screen,
        c.CLASSIFY: understood("FEEDBACK"),
        c.RETRIEVE: retrieve,
        c.FETCH: fetch,
        c.ASSESS: assess,
        c.WRITE: words.write,
        c.JUDGE: rules.judge,
        c.REQUEST_PERSON: request_person,
    }
