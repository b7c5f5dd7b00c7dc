"""Conversations, hand-overs, feedback and gaps in one SQLite file; all text in it is tokenized."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
from msgspec import structs

from shared.adapters.lines import lines_of, unsaid
from shared.adapters.sqlite import (
    approvals,
    case_rows,
    corrections,
    gaps,
    leaving,
    promise_rows,
    queue_place,
    raising,
    recordings,
    rights,
    tables,
    task_rows,
    threads,
    tickets,
)
from shared.adapters.sqlite.room import Room
from shared.contracts import (
    Case,
    CaseOpened,
    CaseRaised,
    ConversationState,
    FeedbackGiven,
    GapStatus,
    HandOver,
    KnowledgeGap,
    Language,
    TurnFinished,
    Unanswered,
)
from shared.contracts.recordings import RecordedTurn
from shared.ports import Delivered, GapPlace, Held, StoredConversation, StoredMessage


@asynccontextmanager
async def open_store(path: Path) -> AsyncIterator["SqliteStore"]:
    """The store at `path`, made when absent; several processes may open the same file."""
    store = await asyncio.to_thread(SqliteStore, path)
    try:
        yield store
    finally:
        store.close()


class SqliteStore(Room):
    """A `ConversationStore` on SQLite (WAL). Reads and single-row writes take well under a millisecond."""

    def __init__(self, path: Path) -> None:
        # NORMAL survives a killed process; a power cut may lose the last turns, and the bus has those.
        super().__init__(path, "conversation store", prepare=tables.prepare)
        self._pack = msgspec.msgpack.Encoder()
        self._state = msgspec.msgpack.Decoder(ConversationState)
        self._turn = msgspec.msgpack.Decoder(TurnFinished)
        self._hand_over = msgspec.msgpack.Decoder(HandOver)

    async def load(self, conversation_id: str) -> ConversationState | None:
        """What the conversation remembers, or None when it is new."""
        row = self._try(
            lambda: self._db.execute(
                "SELECT state FROM conversations WHERE id = ?", (conversation_id,)
            ).fetchone()
        )
        return self._state.decode(row[0]) if row else None

    async def record(self, results: Sequence[Delivered], *, recorded: Sequence[RecordedTurn] = ()) -> None:
        """See `ConversationStore.record`."""

        def work() -> None:
            for delivered in results:
                turn = delivered.turn
                if turn.accepted_at >= rights.erased_at(self._db, turn.conversation_id):
                    self._record(delivered)
            recordings.keep(self._db, recorded)

        self._write(work)

    def _record(self, delivered: Delivered) -> None:
        turn = delivered.turn
        sent = case_rows.decide(self._db, turn)
        kept = structs.replace(turn, state=None)
        new = self._db.execute(
            "INSERT OR IGNORE INTO turns VALUES (?, ?, ?, ?)",
            (turn.conversation_id, delivered.seq, turn.turn_id, self._pack.encode(kept)),
        ).rowcount
        if new:
            case_rows.recorded(self._db, turn, sent=sent)
            threads.keep(self._db, turn, sent=sent)
        if not new or turn.state is None:
            return
        state = turn.state if sent else unsaid(turn.state, turn.reply)
        self._db.execute(
            "INSERT INTO conversations VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "customer = excluded.customer, state = excluded.state, updated_at = excluded.updated_at",
            (turn.conversation_id, state.customer, self._pack.encode(state), turn.finished_at),
        )
        if turn.gap:
            gaps.keep(self._db, turn, customer=state.customer)

    async def read(self, conversation_id: str) -> StoredConversation | None:
        """The whole conversation, or None."""
        state = await self.load(conversation_id)
        if state is None:
            return None
        rows = self._try(
            lambda: self._db.execute(
                "SELECT t.result, COALESCE(r.held, 0) FROM turns AS t LEFT JOIN replies_out AS r"
                " USING (conversation_id, turn_id) WHERE t.conversation_id = ? ORDER BY t.seq",
                (conversation_id,),
            ).fetchall()
        )
        told = (lines_of(self._turn.decode(blob), held=bool(held)) for blob, held in rows)
        messages: list[StoredMessage] = [line for lines in told for line in lines]
        return StoredConversation(
            conversation_id=conversation_id, customer=state.customer, state=state, messages=messages
        )

    async def open_hand_over(self, hand_over: HandOver) -> HandOver:
        """Put it in the queue, or return the one that this conversation has there. Position is computed."""
        event = CaseOpened(at=hand_over.opened_at, by="bot", hand_over=hand_over)
        there = self._write(lambda: case_rows.open_case(self._db, event))
        place = self._try(lambda: queue_place.place_of(self._db, there.id))
        return structs.replace(there, position=place)

    async def case_of(self, conversation_id: str) -> Case | None:
        """See `ConversationStore.case_of`."""
        return self._try(lambda: case_rows.last_case_of(self._db, conversation_id))

    async def leave_queue(self, conversation_id: str, turn_id: str, *, at: float) -> Case | None:
        """See `ConversationStore.leave_queue`."""
        return self._write(lambda: leaving.leave(self._db, conversation_id, turn_id, at=at))

    async def raise_case(self, conversation_id: str, event: CaseRaised) -> Case | None:
        """See `ConversationStore.raise_case`."""
        return self._write(lambda: raising.raise_case(self._db, conversation_id, event))

    async def release(self, turn: TurnFinished) -> bool:
        """See `ConversationStore.release`."""
        if not case_rows.may_be_held(turn):
            return True
        return self._write(lambda: case_rows.decide(self._db, turn))

    async def hand_over(self, hand_over_id: str) -> HandOver | None:
        """See `ConversationStore.hand_over`."""
        return self._try(lambda: case_rows.hand_over_of(self._db, hand_over_id))

    async def unfiled(self) -> Sequence[HandOver]:
        """See `ConversationStore.unfiled`."""
        return self._try(lambda: tickets.unfiled(self._db))

    async def attach_ticket(self, hand_over_id: str, ticket: str) -> None:
        """Remember the helpdesk's ticket number."""

        def work() -> None:
            given = case_rows.hand_over_of(self._db, hand_over_id)
            if given is not None:
                tickets.attach(self._db, structs.replace(given, ticket=ticket))

        self._write(work)

    async def waiting(self) -> Sequence[HandOver]:
        """Who waits: urgent first, then oldest; each with its place in its own queue, 1 is next."""
        rows = self._try(
            lambda: self._db.execute(
                "SELECT h.record, c.queue FROM hand_overs AS h JOIN cases AS c USING (id)"
                " WHERE c.phase = 'waiting' ORDER BY c.rank, c.opened_at, c.id"
            ).fetchall()
        )
        places: Counter[str] = Counter()
        found = []
        for record, queue in rows:
            places[queue] += 1
            found.append(structs.replace(self._hand_over.decode(record), position=places[queue]))
        return found

    async def add_feedback(self, feedback: FeedbackGiven) -> None:
        """Keep a customer's thumb; the last one for a turn counts."""
        statement = (
            "INSERT OR REPLACE INTO feedback (conversation_id, turn_id, body, given_at) VALUES (?, ?, ?, ?)"
        )
        key = (feedback.conversation_id, feedback.turn_id)

        def work() -> None:
            if feedback.given_at >= rights.erased_at(self._db, feedback.conversation_id):
                self._db.execute(statement, (*key, self._pack.encode(feedback), feedback.given_at))

        self._write(work)

    async def gaps(
        self,
        *,
        status: GapStatus | None = None,
        language: Language | None = None,
        after: GapPlace | None = None,
        limit: int = 50,
    ) -> Sequence[KnowledgeGap]:
        """Unanswered questions, the most asked first, then the latest; `after` is where a page ended."""
        return self._try(
            lambda: gaps.page(self._db, status=status, language=language, after=after, limit=limit)
        )

    async def gap(self, gap_id: str) -> KnowledgeGap | None:
        """See `ConversationStore.gap`."""
        return self._try(lambda: gaps.one(self._db, gap_id))

    async def add_gap(
        self, conversation_id: str, turn_id: str, asked: Unanswered, *, language: Language, at: float
    ) -> None:
        """See `ConversationStore.add_gap`."""
        turn = (conversation_id, turn_id)
        self._write(lambda: gaps.add(self._db, asked, turn=turn, language=language, at=at))

    async def settle_gap(
        self, gap_id: str, *, status: GapStatus, note: str, at: float
    ) -> KnowledgeGap | None:
        """Close or re-open a gap, or None when there is none. One asked after `at` is no longer answered."""
        return self._try(lambda: gaps.settle(self._db, gap_id, status=status, note=note, at=at))

    async def noted(self, gap_ids: Sequence[str]) -> Sequence[str]:
        """Those of these gaps that staff have decided about."""
        return self._try(lambda: rights.noted(self._db, gap_ids))

    async def held(self, conversation_ids: Sequence[str]) -> Sequence[Held]:
        """Everything that is kept of these conversations, in this order; nothing of unknown ones."""
        found: list[Held] = []
        for each in conversation_ids:
            conversation = await self.read(each)
            held = self._try(partial(self._held, each, conversation))
            said = held.conversation or held.hand_overs or held.feedback or held.questions
            if said or held.tasks or held.promises or held.corrections or held.approvals:
                found.append(held)
        return found

    def _held(self, conversation_id: str, conversation: StoredConversation | None) -> Held:
        return Held(
            conversation_id=conversation_id,
            conversation=conversation,
            hand_overs=rights.hand_overs(self._db, conversation_id),
            feedback=rights.feedback(self._db, conversation_id),
            questions=rights.questions(self._db, conversation_id),
            gaps=rights.gap_ids(self._db, conversation_id),
            case_events=case_rows.events_of(self._db, conversation_id),
            tasks=task_rows.of_conversation(self._db, conversation_id),
            approvals=approvals.of_conversation(self._db, conversation_id),
            promises=promise_rows.of_conversation(self._db, conversation_id),
            corrections=corrections.of_conversation(self._db, conversation_id),
            recorded=recordings.of_conversation(self._db, conversation_id),
        )

    async def erase(self, conversation_ids: Sequence[str]) -> Mapping[str, int]:
        """Remove all of that, off the disk too; how much, by table. Twice is no error."""
        return self._try(lambda: rights.erase(self._db, conversation_ids, at=time.time(), patience=5.0))

    async def erased_at(self, conversation_id: str) -> float:
        """When it was last erased; 0.0 when never."""
        return self._try(lambda: rights.erased_at(self._db, conversation_id))

    async def ping(self) -> None:
        """Raises `StoreDown` when it cannot write."""
        self._try(lambda: self._db.execute("PRAGMA user_version").fetchone())
