"""What was under way while its conversation was erased is not kept afterwards."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from shared import contracts as c
from shared.adapters.sqlite.cases import open_cases
from shared.adapters.sqlite.corrections import SqliteCorrections, open_corrections
from shared.adapters.sqlite.store import SqliteStore, open_store
from shared.errors import StoreDown
from tests.cases.examples import hand_over, opened
from tests.console.corrections import correction
from tests.store.asked import unanswered


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with open_store(tmp_path / "desk.db") as found:
        yield found


@pytest.fixture
async def corrections(store: SqliteStore, tmp_path: Path) -> AsyncIterator[SqliteCorrections]:
    async with open_corrections(tmp_path / "desk.db") as found:
        yield found


async def test_of_before(store: SqliteStore, corrections: SqliteCorrections) -> None:
    """Each came a moment before the erasure and is written a moment after it."""
    before = time.time() - 1
    await store.erase(["c-1"])
    question = c.Unanswered(question="May my dog come in?")
    thumb = c.FeedbackGiven(conversation_id="c-1", turn_id="t-1", rating="up", given_at=before)
    await corrections.add(correction(at=before))
    await store.add_gap("c-1", "t-1", question, language="en", at=before)
    await store.add_feedback(thumb)
    await store.open_hand_over(structs.replace(hand_over(), asked_at=before, opened_at=time.time() + 1))
    assert await store.held(["c-1"]) == []
    assert (await store.waiting(), await store.gaps(), await corrections.page()) == ([], [], [])


async def test_of_after(store: SqliteStore, corrections: SqliteCorrections) -> None:
    """Who writes again under the same conversation is a customer like any other."""
    await store.erase(["c-1"])
    after = time.time() + 1
    question = c.Unanswered(question="May my dog come in?")
    thumb = c.FeedbackGiven(conversation_id="c-1", turn_id="t-1", rating="up", given_at=after)
    await corrections.add(correction(at=after))
    await store.add_gap("c-1", "t-1", question, language="en", at=after)
    await store.add_feedback(thumb)
    await store.open_hand_over(structs.replace(hand_over(), asked_at=after, opened_at=after + 1))
    (held,) = await store.held(["c-1"])
    assert (len(held.corrections), len(held.questions), len(held.feedback), len(held.hand_overs)) == (
        1, 1, 1, 1,
    )  # fmt: skip


async def test_a_hand_over_that_does_not_say_when_it_was_asked_for(
    store: SqliteStore, tmp_path: Path
) -> None:
    """One of before the field: by when it was opened; whoever opens the case is told that it is gone."""
    await store.erase(["c-1"])
    async with open_cases(tmp_path / "desk.db") as cases:
        with pytest.raises(StoreDown, match="erased"):
            await cases.open(opened(hand_over(at=time.time() - 1)))
        assert (await cases.open(opened(hand_over(at=time.time() + 1)))).id == "h-1"


async def test_a_reply_of_before_leaves_nothing(store: SqliteStore) -> None:
    """Whoever waits for it gets it; that it went out, which nothing would ever tidy away, is not noted."""
    turn = unanswered("May my dog come in?", "t-1", at=time.time() - 1).turn
    await store.erase([turn.conversation_id])
    assert await store.release(turn)
    assert store._db.execute("SELECT * FROM replies_out").fetchall() == []
