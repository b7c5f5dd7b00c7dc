"""What staff quote reaches the customer as a source, as it does for the bot."""

from pathlib import Path

from gateway.delivery import Delivery
from shared import contracts as c
from shared.adapters.memory.vault import MemoryVault
from shared.ports import Delivered
from tests.cases.examples import EMMA, opened, support


async def test_the_customer_sees_the_source(tmp_path: Path) -> None:
    """In the result, in the conversation, and in what the API answers."""
    source = c.Citation(source="en/returns.md", title="Returns", section="How", quote="Within 30 days.")
    async with support(tmp_path) as people:
        await people.desk.say("Can I return it?")
        case = await people.cases.of("c-1") or await people.cases.open(opened())
        case = await people.work.claim(case.id, EMMA)
        async with people.desk.bus.watch() as arriving:
            await people.work.say(case.id, EMMA, "Yes: “Within 30 days.”", turn_id="s-1", sources=(source,))
            results = (news.turn async for news in arriving if isinstance(news, Delivered))
            told = await anext(turn async for turn in results if turn.turn_id == "s-1")
        assert told.citations == (source,)
        answer = await Delivery(vault=MemoryVault()).answer(told)
        assert answer["citations"] == [
            {
                "source": "en/returns.md",
                "title": "Returns",
                "section": "How",
                "quote": "Within 30 days.",
                "fields": [],
            }
        ]
        stored = await people.desk.service.steps.store.read("c-1")
        assert stored is not None
        (line,) = [each for each in stored.messages if each.who == "staff"]
        assert line.result is not None
        assert line.result.citations == (source,)
