"""Requests for approval in the conversation store's file, so that they go with their conversation."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import structs

from shared.adapters.sqlite import rights
from shared.adapters.sqlite.room import Room
from shared.contracts import APPROVAL_SECONDS, Approval, ApprovalStatus, Decision, DecisionLost, DecisionMade
from shared.ports import ApprovalPlace, Deciding

# A request goes with its hand-over: when that one's time is over, and when its conversation is erased.
SCHEMA = """
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, case_id TEXT NOT NULL, status TEXT NOT NULL,
    asked_at REAL NOT NULL, decided_at REAL NOT NULL, told INTEGER NOT NULL DEFAULT 0, record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS approvals_by_time ON approvals (status, asked_at, id);
CREATE INDEX IF NOT EXISTS approvals_of_conversation ON approvals (conversation_id);
CREATE INDEX IF NOT EXISTS approvals_untold ON approvals (decided_at) WHERE told = 0 AND decided_at > 0;
CREATE TRIGGER IF NOT EXISTS approvals_gone AFTER DELETE ON hand_overs BEGIN
    DELETE FROM approvals WHERE case_id = OLD.id;
END;
"""
_STATUS: dict[Decision, ApprovalStatus] = {"approve": "approved", "edit": "edited", "deny": "denied"}
_TOLD = ("approved", "edited", "denied")
_PACK = msgspec.msgpack.Encoder()
_APPROVAL = msgspec.msgpack.Decoder(Approval)


@asynccontextmanager
async def open_approvals(path: Path) -> AsyncIterator["SqliteApprovals"]:
    """The requests in the store at `path`, which `open_store` has made; several processes may open it."""
    approvals = await asyncio.to_thread(SqliteApprovals, path)
    try:
        yield approvals
    finally:
        approvals.close()


class SqliteApprovals(Room):
    """The `Approvals` port. A decision moves money, so each write is synced before anybody acts on it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "approvals", schema=rights.SCHEMA + SCHEMA, synced="FULL")

    async def ask(self, approval: Approval) -> Approval:
        """See `Approvals.ask`."""

        def work() -> Approval:
            there = self._read(approval.id)
            if there is not None or approval.asked_at < rights.erased_at(self._db, approval.conversation_id):
                return there or approval
            self._keep(approval)
            return approval

        return self._write(work)

    async def get(self, approval_id: str) -> Approval | None:
        """See `Approvals.get`."""
        return self._try(lambda: self._read(approval_id))

    async def of(self, conversation_id: str) -> Sequence[Approval]:
        """See `Approvals.of`."""
        return self._try(lambda: of_conversation(self._db, conversation_id))

    async def open(
        self, *, now: float, after: ApprovalPlace | None = None, limit: int = 50
    ) -> Sequence[Approval]:
        """See `Approvals.open`."""
        place = (after.asked_at, after.id) if after else (float("-inf"), "")
        statement = (
            "SELECT record FROM approvals WHERE status = 'open' AND asked_at >= ? AND (asked_at, id) > (?, ?)"
            " ORDER BY asked_at, id LIMIT ?"
        )
        values = (now - APPROVAL_SECONDS, *place, limit)
        return self._try(lambda: _all(self._db.execute(statement, values)))

    async def count(self, *, now: float) -> int:
        """See `Approvals.count`."""
        statement = "SELECT COUNT(*) FROM approvals WHERE status = 'open' AND asked_at >= ?"
        oldest = now - APPROVAL_SECONDS
        return self._try(lambda: int(self._db.execute(statement, (oldest,)).fetchone()[0]))

    async def decide(self, approval_id: str, given: Deciding) -> DecisionMade | DecisionLost:
        """See `Approvals.decide`."""

        def work() -> DecisionMade | DecisionLost:
            there = self._read(approval_id)
            if there is None:
                return DecisionLost(why="unknown")
            if there.expired(given.at):
                there = structs.replace(there, status="expired")
                self._keep(there)
            decided = _decided(there, given)
            if there.status == "open":
                self._keep(decided)
                return DecisionMade(approval=decided)
            if there == structs.replace(decided, decided_at=there.decided_at):
                return DecisionMade(approval=there)
            why = there.status if there.status in {"void", "expired"} else "decided"
            return DecisionLost(why=why, approval=there)

        return self._write(work)

    async def withdraw(self, conversation_id: str, *, at: float) -> int:
        """See `Approvals.withdraw`."""

        def work() -> int:
            for one in of_conversation(self._db, conversation_id):
                if one.status == "open" and one.asked_at <= at and not one.is_owed:
                    self._keep(structs.replace(one, status="void", decided_by="customer", decided_at=at))
            after = of_conversation(self._db, conversation_id)
            return sum(one.status == "void" and one.decided_at == at for one in after)

        return self._write(work)

    async def untold(self, *, before: float, limit: int = 100) -> Sequence[Approval]:
        """See `Approvals.untold`."""
        statement = (
            "SELECT record FROM approvals WHERE told = 0 AND decided_at > 0 AND decided_at <= ?"
            " AND status IN (?, ?, ?) ORDER BY decided_at LIMIT ?"
        )
        return self._try(lambda: _all(self._db.execute(statement, (before, *_TOLD, limit))))

    async def mark_told(self, approval_id: str) -> None:
        """See `Approvals.mark_told`."""
        statement = "UPDATE approvals SET told = 1 WHERE id = ?"
        self._write(lambda: self._db.execute(statement, (approval_id,)))

    def _read(self, approval_id: str) -> Approval | None:
        row = self._db.execute("SELECT record FROM approvals WHERE id = ?", (approval_id,)).fetchone()
        return _APPROVAL.decode(row[0]) if row else None

    def _keep(self, approval: Approval) -> None:
        self._db.execute(
            "INSERT INTO approvals (id, conversation_id, case_id, status, asked_at, decided_at, record)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET status = excluded.status,"
            " decided_at = excluded.decided_at, record = excluded.record",
            (
                approval.id,
                approval.conversation_id,
                approval.asked.case_id,
                approval.status,
                approval.asked_at,
                approval.decided_at,
                _PACK.encode(approval),
            ),
        )


def of_conversation(db: sqlite3.Connection, conversation_id: str) -> list[Approval]:
    """Every request of one conversation, the oldest first."""
    statement = "SELECT record FROM approvals WHERE conversation_id = ? ORDER BY asked_at, id"
    return _all(db.execute(statement, (conversation_id,)))


def _decided(approval: Approval, given: Deciding) -> Approval:
    return structs.replace(
        approval,
        status=_STATUS[given.decision],
        decided_by=given.by,
        decided_name=given.name,
        decided_at=given.at,
        edited=given.edited,
        reason=given.reason,
        words=given.words,
    )


def _all(rows: sqlite3.Cursor) -> list[Approval]:
    return [_APPROVAL.decode(record) for (record,) in rows.fetchall()]
