"""The knowledge agent: what it answers when nothing is good enough."""

from pathlib import Path

import msgspec

from agents.knowledge import retrieve
from shared.contracts import PassagesRetrieved, RetrievePassages
from tests.knowledge.back_ends import Sqlite, source


async def test_what_was_nearest_goes_with_an_empty_answer(tmp_path: Path) -> None:
    """Passages below the floor are apart from those a reply may rest on, and survive the wire."""
    ask = RetrievePassages(
        conversation_id="c-1",
        turn_id="t-1",
        step_id="t-1.retrieve",
        text="do you ever offer kayak rental of outdoor",
        language_prior="en",
    )
    async with Sqlite(str(tmp_path / "index.db")).open() as index:
        await index.store([source("repair", "We sell and repair many useful kinds of outdoor tents.")])
        answer = await retrieve(ask, index=index)
    assert answer.passages == ()
    assert [passage.id for passage in answer.nearest] == ["kb:repair#how-long"]
    assert msgspec.json.decode(msgspec.json.encode(answer), type=PassagesRetrieved) == answer
