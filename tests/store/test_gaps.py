"""Unanswered questions in the store: counted once a turn, grouped, listed, closed."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec import structs

from shared.contracts import GapStatus, KnowledgeGap
from shared.ports import ConversationStore, Delivered, GapPlace
from tests.store.asked import NEAR, unanswered

TOKENS = ("TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427", "TOKEN_9c4e28ba-2fa1-41d2-883f-0016d3cca427")


async def _only(store: ConversationStore) -> KnowledgeGap:
    [gap] = await store.gaps()
    return gap


async def test_a_gap_holds_what_staff_need_to_close_it(store: ConversationStore) -> None:
    """The words, where they were said, and the passages that were close."""
    await store.record([unanswered("May my dog come in?", "t-1", at=5.0)])
    gap = await _only(store)
    assert (gap.question, gap.language, gap.intent) == ("May my dog come in?", "en", "GENERAL_INQUIRY")
    assert (gap.conversation_id, gap.turn_id, gap.nearest) == ("c-t-1", "t-1", (NEAR,))
    assert (gap.asked, gap.first_asked_at, gap.last_asked_at) == (1, 5.0, 5.0)
    assert (gap.status, gap.note) == ("open", "")


async def test_a_result_that_is_heard_again_is_not_counted_again(store: ConversationStore) -> None:
    """Delivery is at least once, the count is of turns."""
    result = unanswered("May my dog come in?", "t-1")
    await store.record([result, result])
    await store.record([result])
    assert (await _only(store)).asked == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("May my dog come in?", "  may my DOG come in"),
        ("Vous réparez les bâtons ?", "vous reparez les batons"),
        (f"Does {TOKENS[0]} work in the store?", f"does {TOKENS[1]} work in the store"),
    ],
)
async def test_the_same_question_is_one_gap(store: ConversationStore, one: str, other: str) -> None:
    """Case, accents, punctuation and whose name it is make no new question; the last words are shown."""
    await store.record([unanswered(one, "t-1", at=5.0), unanswered(other, "t-2", at=9.0)])
    gap = await _only(store)
    assert (gap.asked, gap.first_asked_at, gap.last_asked_at) == (2, 5.0, 9.0)
    assert (gap.question, gap.turn_id) == (other, "t-2")


async def test_other_words_or_another_language_are_another_gap(store: ConversationStore) -> None:
    """Each language has documents of its own; letters of any script are words."""
    await store.record(
        [
            unanswered("Transport de kayak", "t-1", language="fr"),
            unanswered("Transport de kayak", "t-2", language="es"),
            unanswered("можно с собакой", "t-3"),
            unanswered("можно с кошкой", "t-4"),
        ]
    )
    assert [gap.asked for gap in await store.gaps()] == [1, 1, 1, 1]
    assert [gap.turn_id for gap in await store.gaps(language="fr")] == ["t-1"]


async def test_pages_bring_every_gap_once_the_most_asked_first(store: ConversationStore) -> None:
    """The place where a page ended leads to the next, also between gaps asked equally often."""
    results = [
        unanswered(f"question number {n}", f"t-{n}-{times}", at=float(n % 3))
        for n in range(7)
        for times in range(1 + n % 2)
    ]
    await store.record(results)
    seen: list[KnowledgeGap] = []
    place = None
    while page := await store.gaps(after=place, limit=2):
        seen += page
        place = GapPlace(asked=page[-1].asked, last_asked_at=page[-1].last_asked_at, id=page[-1].id)
    assert len({gap.id for gap in seen}) == len(seen) == 7
    order = [(gap.asked, gap.last_asked_at) for gap in seen]
    assert order == sorted(order, reverse=True)
    assert order[0][0] == 2


@pytest.mark.parametrize(("status", "then"), [("answered", "open"), ("not_ours", "not_ours")])
async def test_an_answered_question_that_is_asked_again_is_open_again(
    store: ConversationStore, status: GapStatus, then: GapStatus
) -> None:
    """The article did not help; what is not ours stays closed, however often it is asked."""
    await store.record([unanswered("May my dog come in?", "t-1", at=5.0)])
    gap = await _only(store)
    settled = await store.settle_gap(gap.id, status=status, note="see the article", at=10.0)
    assert settled is not None
    assert (settled.status, settled.note) == (status, "see the article")
    assert list(await store.gaps(status="open")) == []

    await store.record([unanswered("May my dog come in?", "t-2", at=11.0)])
    again = await _only(store)
    assert (again.status, again.asked, again.note) == (then, 2, "see the article")
    assert [found.id for found in await store.gaps(status=then)] == [gap.id]


async def test_what_was_asked_before_the_answer_does_not_open_it(store: ConversationStore) -> None:
    """A turn may be recorded long after it was asked: its process died, the next one brings it."""
    await store.record([unanswered("May my dog come in?", "t-1", at=5.0)])
    gap = await _only(store)
    await store.settle_gap(gap.id, status="answered", note="", at=10.0)
    await store.record([unanswered("May my dog come in?", "t-2", at=9.0)])
    assert [(found.status, found.asked) for found in await store.gaps()] == [("answered", 2)]


async def test_staff_can_open_a_closed_gap(store: ConversationStore) -> None:
    """A click on the wrong line is undone."""
    await store.record([unanswered("May my dog come in?", "t-1")])
    gap = await _only(store)
    await store.settle_gap(gap.id, status="not_ours", note="", at=200.0)
    await store.settle_gap(gap.id, status="open", note="", at=201.0)
    assert (await _only(store)).status == "open"


async def test_what_nobody_asked_cannot_be_closed(store: ConversationStore) -> None:
    """None, and nothing is kept for it: the question may come tomorrow and is open then."""
    await store.record([unanswered("May my dog come in?", "t-1", at=5.0)])
    gap = await _only(store)
    assert await store.settle_gap(f"{gap.id[:-1]}x", status="answered", note="", at=10.0) is None
    assert (await store.gap(gap.id), await store.gap(f"{gap.id[:-1]}x")) == (gap, None)
    assert (await _only(store)).status == "open"


async def test_a_result_of_before_there_were_records_is_a_gap_without_passages(
    store: ConversationStore,
) -> None:
    """Its mark is there, and what was said."""
    old = unanswered("May my dog come in?", "t-1")
    await store.record([Delivered(turn=structs.replace(old.turn, unanswered=None), seq=1)])
    gap = await _only(store)
    assert (gap.question, gap.nearest) == ("May my dog come in?", ())


async def test_one_turn_recorded_by_two_at_once_is_one_asking(store: ConversationStore) -> None:
    """An owner that was given up and its follower both bring the result."""
    results: Sequence[Delivered] = [unanswered("May my dog come in?", f"t-{n}") for n in range(5)]
    await asyncio.gather(*(store.record([result]) for result in [*results, *results]))
    assert (await _only(store)).asked == 5
