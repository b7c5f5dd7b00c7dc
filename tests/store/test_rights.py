"""What a store tells of a person's conversations, and that it is gone afterwards, off the disk too."""

import sqlite3
import time
from pathlib import Path

from msgspec import structs

from shared import contracts as c
from shared.adapters.sqlite.store import open_store
from shared.adapters.sqlite.tasks import open_tasks
from shared.ports import ConversationStore, TaskFilter
from tests.store.asked import unanswered
from tests.tasks import task

PACKET = c.Packet(
    summary="Wants kumquatwobble",
    facts=(),
    tried=(),
    promised=(),
    suggested_reply="",
    sentiment="",
    language="en",
)


def hand_over(conversation_id: str) -> c.HandOver:
    return c.HandOver(
        id=f"h-{conversation_id}", conversation_id=conversation_id, reason="asked", priority="high",
        queue="q", opened_at=1.0, sla_due_at=2.0, position=0, packet=PACKET, ticket="77",
    )  # fmt: skip


async def _use(store: ConversationStore, *turns: str) -> None:
    for turn in turns:
        await store.record([unanswered(f"Do you rent kumquatwobble {turn}? " * 40, turn, at=time.time())])
        await store.open_hand_over(hand_over(f"c-{turn}"))
        thumb = c.FeedbackGiven(
            conversation_id=f"c-{turn}", turn_id=turn, rating="up", given_at=1.0, comment="kumquatwobble"
        )
        await store.add_feedback(thumb)


async def test_held(store: ConversationStore) -> None:
    """Lines, state, hand-overs, feedback and questions of the conversations asked for, and of no others."""
    await _use(store, "t-1", "t-2")
    (held,) = await store.held(["c-t-1", "c-nobody"])
    assert held.conversation is not None
    assert [line.who for line in held.conversation.messages] == ["customer", "bot"]
    assert [(each.id, each.ticket) for each in held.hand_overs] == [("h-c-t-1", "77")]
    assert [each.comment for each in held.feedback] == ["kumquatwobble"]
    assert len(held.questions) == 1


async def test_erase(store: ConversationStore) -> None:
    """All of it goes, with what staff noted of a question that nobody else asked; twice is no error."""
    await _use(store, "t-1", "t-2")
    for gap in await store.gaps():
        await store.settle_gap(gap.id, status="answered", note="see kb", at=time.time())
    removed = await store.erase(["c-t-1", "c-nobody"])
    assert removed == {
        "conversations": 1, "turns": 1, "feedback": 1, "gap_askings": 1, "replies_out": 0, "hand_overs": 1,
        "gap_decisions": 1, "tasks": 0, "promises": 0, "corrections": 0, "approvals": 0, "recordings": 0,
    }  # fmt: skip
    assert await store.read("c-t-1") is None
    assert list(await store.held(["c-t-1"])) == []
    assert len(await store.held(["c-t-2"])) == 1
    assert [each.conversation_id for each in await store.waiting()] == ["c-t-2"]
    assert len(await store.gaps()) == 1
    assert sum((await store.erase(["c-t-1"])).values()) == 0


async def test_what_is_owed_outlives_an_erasure(tmp_path: Path) -> None:
    """The parcel is on its way: staff get order, return and amount, and nothing of the person."""
    refund = c.Refund(order_number="1014", amount="22.67", currency="USD", of_return="#1014-R1")
    owed = task(
        "o-t-1", kind="pay_when_back", assignee=c.BOT, order_number="1014", action=refund,
        conversation_id="c-1", customer="TOKEN_x", note="hers",
    )  # fmt: skip
    file = tmp_path / "desk.db"
    async with open_store(file) as store, open_tasks(file) as tasks:
        await tasks.add(owed)
        await tasks.add(structs.replace(owed, id="o-t-2", status="done", done_at=1.0))
        assert (await store.erase(["c-1"]))["tasks"] == 2
        (left,) = await tasks.page(TaskFilter(status=None))
        assert (left.action, left.order_number, left.due_at) == (refund, "1014", owed.due_at)
        assert (left.assignee, left.conversation_id, left.customer) == ("queue:approvals", "", "")
        assert [each.task.id for each in await tasks.alarms(owed.due_at, limit=9)] == [left.id]
        assert ("hers" in str(left), "t-1" in left.id) == (False, False)
        assert sum((await store.erase(["c-1"])).values()) == 0
        assert await tasks.get(left.id) == left


def _on_disk(folder: Path) -> bool:
    return any(b"kumquatwobble" in path.read_bytes() for path in folder.iterdir())


async def test_off_the_disk(tmp_path: Path) -> None:
    """Nothing of it is in the file or its log, with another process's connection open."""
    path = tmp_path / "desk.db"
    names = [f"t-{number}" for number in range(60)]
    async with open_store(path) as store, open_store(path) as other:
        await _use(store, *names)
        await other.load("c-t-1")
        assert _on_disk(tmp_path)
        await store.erase([f"c-{name}" for name in names])
        assert not _on_disk(tmp_path)


async def test_off_the_disk_of_an_older_file(tmp_path: Path) -> None:
    """A file from before deleted rows were overwritten is written anew at its first erasure."""
    path = tmp_path / "desk.db"
    async with open_store(path) as store:
        await _use(store, *(f"t-{number}" for number in range(60)))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA user_version = 0")
    db.execute("PRAGMA secure_delete = OFF")
    for table in ("turns", "conversations", "hand_overs", "feedback", "gap_askings"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()
    assert _on_disk(tmp_path)
    async with open_store(path) as store:
        await store.erase([])
        assert not _on_disk(tmp_path)
