"""Tells the stories of stories.toml: a conversation on the in-process bus until a person has it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import structs

from shared import contracts as c
from shared.errors import DeskError
from tests.clock import Clock
from tests.conversation.desk import USAGE, Answering, ids, running
from tests.orders import item, order
from tests.passages import passage

HERE = Path(__file__).parent
ON_NOV_21 = 1_795_262_400.0
EMAIL = "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427"
NAME = "TOKEN_6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
ORDER = order(
    "1005",
    item("Tern Jacket", "M", "TJ-M", price="89.00"),
    status="delivered", placed_on="2026-11-10", delivered_on="2026-11-16", total="89.00",
)  # fmt: skip
PAGE = passage(
    "returns#window",
    "You can return unused items within 30 days of delivery.",
    title="Returns",
    section="Window",
)


@dataclass(frozen=True)
class Story:
    """What is said and understood, what breaks, and what a person would ask first."""

    name: str
    reason: str
    say: list[str]
    intents: list[str]
    asked: dict[str, str]
    signed_in: bool = False
    language: c.Language = "en"
    staff: c.Language = "en"
    status: str = ""
    broken: str = ""
    confidence: float = 0.99
    feeling: str = "neutral"
    pages: bool = False
    rejected: bool = False

    @property
    def order(self) -> c.Order:
        """Order 1005, delivered, or as the story has it."""
        changes = {"status": self.status, "delivered_on": ""} if self.status else {}
        return structs.replace(ORDER, **changes)

    def answers(self) -> dict[Any, Answering]:
        """The agents of this story."""
        intents = iter(self.intents)

        async def classify(ask: c.ClassifyIntent) -> Any:
            need = c.Need(intent=c.Intent(next(intents)), confidence=self.confidence)
            entities: list[Any] = []
            if "1005" in ask.text:
                at = ask.text.index("1005")
                entities = [c.Entity(kind="order_number", text="1005", value="1005", start=at, end=at + 4)]
            feeling: Any = c.Sentiment(label=self.feeling, score=-0.3)  # type: ignore[arg-type]
            return c.IntentClassified(
                conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, needs=(need,),
                sentiment=feeling, language=self.language, usage=USAGE, entities=tuple(entities),
            )  # fmt: skip

        async def fetch(ask: c.FetchFacts) -> Any:
            mine = bool(ask.customer) or ask.email == EMAIL or ask.order_number in ask.proved_orders
            found: dict[str, Any] = dict(ids(ask))
            if mine and ask.order_number == "1005":
                found["order"] = self.order
            if "customer" in ask.wants and ask.customer:
                found["customer"] = c.Customer(id="c", first_name=NAME, email=EMAIL, locale=self.language)
            return c.FactsFetched(**found)

        async def retrieve(ask: c.RetrievePassages) -> Any:
            found: dict[str, Any] = {**ids(ask), "passages": (PAGE,) if self.pages else ()}
            return c.PassagesRetrieved(usage=USAGE, **found)

        async def reject(ask: c.JudgeReply) -> Any:
            found: dict[str, Any] = {
                **ids(ask),
                "findings": (c.Finding(rule="output.value", span="30", remedy="mend"),),
            }
            return c.ReplyJudged(usage=USAGE, **found)

        agents: dict[Any, Answering] = {c.CLASSIFY: classify, c.FETCH: fetch, c.RETRIEVE: retrieve}
        if self.rejected:
            agents[c.JUDGE] = reject
        if self.broken:
            agents[getattr(c, self.broken)] = broken
        return agents


class Broken(DeskError):
    """What an agent raises that cannot be mended by trying again."""


async def broken(_: Any) -> Any:
    """An agent that is down."""
    raise Broken("broken for the test")


STORIES = [Story(**told) for told in tomllib.loads((HERE / "stories.toml").read_text("utf-8"))["story"]]


@dataclass(frozen=True)
class Told:
    """A story that has happened: its lines, and the case at its end."""

    story: Story
    lines: list[str]
    case: c.HandOver


async def tell(story: Story, folder: Path) -> Told:
    """Let it happen."""
    lines: list[str] = []
    async with running(folder, story.answers(), Clock(ON_NOV_21)) as desk:
        for words in story.say:
            text = words.replace("{email}", EMAIL)
            customer = "TOKEN_x" if story.signed_in else ""
            result = await desk.say(text, customer=customer, locale=story.language)
            lines += [f"Customer: {text}", f"Assistant: {result.reply}"]
    assert result.escalation is not None, f"{story.name}: {result.reply}"
    return Told(story, lines, result.escalation)
