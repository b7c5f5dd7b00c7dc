"""The ledger of promises, as every store keeps it."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from shared.adapters.sqlite.promises import open_promises
from shared.adapters.sqlite.store import open_store
from shared.ports import PromiseFilter, PromisePlace, Promises
from shared.ports.promises import CLOCK
from tests.promises.made import ANSWER, promised
from tests.promises.replies import NOW


@pytest.fixture
async def promises(tmp_path: Path) -> AsyncIterator[Promises]:
    async with open_promises(tmp_path / "desk.db") as opened:
        yield opened


async def test_a_promise_is_recorded_once(promises: Promises) -> None:
    """The same turn is heard again after a crash: what became of the promise meanwhile stays."""
    record = promised()
    assert list(await promises.record([record])) == [record]
    kept = await promises.keep(record.id, "receipt:return:1001", at=NOW + 1)
    assert list(await promises.record([record, promised(ANSWER)])) == [promised(ANSWER)]
    assert await promises.get(record.id) == kept
    assert kept is not None
    assert (kept.state, kept.why, kept.settled_at) == ("kept", "receipt:return:1001", NOW + 1)


async def test_what_is_settled_stays_so_unless_a_person_decides(promises: Promises) -> None:
    """Evidence that comes late does not mend a broken promise; staff may say what really happened."""
    record = promised()
    await promises.record([record])
    broken = await promises.break_(record.id, CLOCK, at=NOW + 1)
    assert await promises.keep(record.id, "late", at=NOW + 2) == broken
    cancelled = await promises.cancel(record.id, "staff:7", at=NOW + 3, anew=True)
    assert cancelled is not None
    assert (cancelled.state, cancelled.why) == ("cancelled", "staff:7")
    assert await promises.keep("p-none", "x", at=NOW) is None


async def test_pages_lead_through_what_is_due(promises: Promises) -> None:
    """The earliest first, without a due time last, none twice; two due at the same moment too."""
    dues = [NOW + 50, NOW + 10, NOW + 50, NOW + 30]
    made = [promised(due=due, turn_id=f"t-{n}") for n, due in enumerate(dues)]
    undated = promised("I'm sending you a new label.", turn_id="t-9")
    await promises.record([*made, undated])
    seen: list[str] = []
    after = None
    while page := await promises.due(after=after, limit=2):
        seen += [each.turn_id for each in page]
        after = PromisePlace.of(page[-1])
    assert [seen[0], seen[1], seen[-1]] == ["t-1", "t-3", "t-9"]
    assert sorted(seen) == ["t-0", "t-1", "t-2", "t-3", "t-9"]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (PromiseFilter(), {"soon", "other", "undated"}),
        (PromiseFilter(due_before=NOW + 100), {"soon"}),
        (PromiseFilter(due_from=NOW + 100, dated=True), {"other"}),
        (PromiseFilter(dated=False), {"undated"}),
        (PromiseFilter(conversation_id="c-2"), {"other"}),
        (PromiseFilter(order="1001"), {"undated"}),
        (PromiseFilter(hand_over="h-1"), {"soon"}),
        (PromiseFilter(state="broken"), {"late", "said"}),
        (PromiseFilter(state="broken", by_clock=True), {"late"}),
        (PromiseFilter(state=None), {"soon", "other", "undated", "late", "said"}),
        (PromiseFilter(order="1"), set()),
    ],
)
async def test_filters(promises: Promises, which: PromiseFilter, found: set[str]) -> None:
    await promises.record(
        [
            structs.replace(promised(due=NOW + 99, turn_id="soon"), hand_over="h-1"),
            promised(due=NOW + 100, turn_id="other", conversation_id="c-2"),
            promised("I'm sending you a new label for order #1001.", turn_id="undated"),
            promised(due=NOW + 9, turn_id="late"),
            promised(due=NOW + 9, turn_id="said"),
        ]
    )
    for each, why in (("late", CLOCK), ("said", "staff:7")):
        await promises.break_(promised(due=NOW + 9, turn_id=each).id, why, at=NOW + 10)
    assert {each.turn_id for each in await promises.due(which)} == found
    assert await promises.count(which) == len(found)


async def test_a_conversation_that_is_erased_takes_its_promises_along(tmp_path: Path) -> None:
    """Off the disk, too; and what was promised before is not recorded again when the bus brings it late."""
    path = tmp_path / "desk.db"
    async with open_store(path) as store, open_promises(path) as promises:
        mine = promised("I'll email kumquatwobble to you by Friday.", at=time.time() - 5)
        other = promised(conversation_id="c-2")
        await promises.record([mine, other])
        (held,) = await store.held(["c-1"])
        assert list(held.promises) == [mine]
        assert (await store.erase(["c-1"]))["promises"] == 1
        assert list(await promises.record([mine])) == []
        assert [list(await promises.of(each)) for each in ("c-1", "c-2")] == [[], [other]]
        assert not _on_disk(tmp_path)


def _on_disk(folder: Path) -> bool:
    return any(b"kumquatwobble" in each.read_bytes() for each in folder.iterdir())
