"""Small messages for the bus tests."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from shared.contracts import (
    ClassifyIntent,
    Event,
    FeedbackGiven,
    Intent,
    IntentClassified,
    MessageScreened,
    Need,
    ScreenMessage,
    Sentence,
    Sentiment,
    TurnAccepted,
    TurnFinished,
    Usage,
)
from shared.ports import Bus, Delivered

FEEDBACK = Event("feedback.given.v1", FeedbackGiven)


def screen(
    turn: str = "t1", conversation: str = "c1", step: str = "screen", text: str = "hello"
) -> ScreenMessage:
    return ScreenMessage(conversation_id=conversation, turn_id=turn, step_id=f"{turn}.{step}", text=text)


def screened(ask: ScreenMessage) -> MessageScreened:
    return MessageScreened(
        conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, allowed=True
    )


def classify(turn: str = "t1", conversation: str = "c1", step: str = "classify") -> ClassifyIntent:
    return ClassifyIntent(conversation_id=conversation, turn_id=turn, step_id=f"{turn}.{step}", text="hi")


def classified(ask: ClassifyIntent) -> IntentClassified:
    return IntentClassified(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        needs=(Need(intent=Intent.ORDER_STATUS, confidence=0.9),),
        sentiment=Sentiment(label="neutral", score=0.0),
        language="en",
        usage=Usage(engine="scripted", model="none"),
    )


def accepted(turn: str = "t1", conversation: str = "c1", text: str = "hello") -> TurnAccepted:
    return TurnAccepted(conversation_id=conversation, turn_id=turn, text=text, accepted_at=time.time())


def answered(turn: TurnAccepted, reply: str = "done", with_turn: str = "") -> TurnFinished:
    return TurnFinished(
        conversation_id=turn.conversation_id,
        turn_id=turn.turn_id,
        finished_at=time.time(),
        accepted_at=turn.accepted_at,
        status="answered",
        sentences=(Sentence(text=reply),),
        intent=None,
        language="en",
        said=turn.text,
        answered_with=with_turn,
    )


def feedback(n: int, comment: str = "") -> FeedbackGiven:
    return FeedbackGiven(
        conversation_id="c1", turn_id=f"t{n}", rating="up", given_at=float(n), comment=comment
    )


class Screener:
    """A handler of screening that counts, and fails as often as it is told to."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked: list[str] = []

    async def __call__(self, ask: ScreenMessage) -> MessageScreened:
        self.asked.append(ask.step_id)
        if self.errors:
            raise self.errors.pop(0)
        return screened(ask)


async def answer_all(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
    """The plainest worker."""
    return [answered(turn) for turn in turns]


async def nothing(_: Sequence[Delivered]) -> None:
    """A `finished` that has nothing to do."""


class Told:
    """A `finished` that keeps what it is told, which may be the same turn again."""

    def __init__(self) -> None:
        self.results: list[Delivered] = []

    async def __call__(self, delivered: Sequence[Delivered]) -> None:
        self.results.extend(delivered)

    @property
    def turns(self) -> list[str]:
        """Ids of the turns, in the order in which they were told."""
        return [each.turn.turn_id for each in self.results]


async def until(holds: "Callable[[], bool | Awaitable[bool]]", seconds: float = 30.0) -> None:
    """Look again every few milliseconds until it holds, for things that cannot be awaited."""
    async with asyncio.timeout(seconds):
        while True:
            now = holds()
            if now if isinstance(now, bool) else await now:
                return
            await asyncio.sleep(0.005)


async def buried(bus: Bus, letters: int) -> None:
    """Wait until so many dead letters lie there."""

    async def there() -> bool:
        return len(await bus.dead_letters()) == letters

    await until(there)
