"""What customers asked, read from the conversations' SQLite file in threads of its own."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from shared.adapters.same_question import question_id
from shared.adapters.sqlite import gaps
from shared.adapters.sqlite.reader import Reader
from shared.contracts import TurnFinished
from shared.ports.editing import PastQuestion

_MOST_CONVERSATIONS = 1000
_MOST_TURNS = 4000
"""Looked through for questions that a document answered: reading one takes some 30 µs."""
_TURN = msgspec.msgpack.Decoder(TurnFinished)
_UNANSWERED = """
SELECT a.conversation_id, a.turn_id, a.question, a.language, a.gap_id, MAX(a.asked_at) AS last_at
FROM gap_askings AS a LEFT JOIN gap_decisions AS d USING (gap_id)
GROUP BY a.gap_id
HAVING d.status IS NULL OR d.status = 'open' OR (d.status = 'answered' AND MAX(a.asked_at) > d.decided_at)
ORDER BY last_at DESC, a.gap_id LIMIT ?
"""
_ASKED = "SELECT question FROM gap_askings WHERE conversation_id = ? AND turn_id = ?"
_TURN_KEPT = "SELECT result FROM turns WHERE conversation_id = ? AND turn_id = ?"


@asynccontextmanager
async def open_questions(path: Path) -> AsyncIterator["SqliteQuestions"]:
    """The questions in the store at `path`, which `open_store` has made."""
    questions = await asyncio.to_thread(SqliteQuestions, path)
    try:
        yield questions
    finally:
        questions.close()


class SqliteQuestions(Reader):
    """The `PastQuestions` port; it only reads, and no turn waits in this process's loop meanwhile."""

    async def unanswered(self, *, limit: int) -> Sequence[PastQuestion]:
        """See `PastQuestions.unanswered`."""
        rows = await self._read(lambda: self._db.execute(_UNANSWERED, (limit,)).fetchall())
        return [PastQuestion(*row[:5]) for row in rows]

    async def answered_from(self, files: Collection[str], *, limit: int) -> Sequence[PastQuestion]:
        """See `PastQuestions.answered_from`."""
        wanted = frozenset(files)

        def read() -> list[PastQuestion]:
            found: dict[str, PastQuestion] = {}
            for turn in self._turns():
                quoted = {citation.source for citation in turn.citations}
                if turn.speaker == "bot" and turn.said.strip() and not wanted.isdisjoint(quoted):
                    asked = PastQuestion(turn.conversation_id, turn.turn_id, turn.said, turn.language)
                    found.setdefault(question_id(turn.said, turn.language), asked)
                if len(found) >= limit:
                    break
            return list(found.values())

        return await self._read(read)

    async def said(self, turns: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """See `PastQuestions.said`."""

        def read() -> dict[tuple[str, str], str]:
            found = {}
            for turn in turns:
                row = self._db.execute(_ASKED, turn).fetchone()
                kept = self._db.execute(_TURN_KEPT, turn).fetchone()
                if row:
                    found[turn] = str(row[0])
                elif kept:
                    found[turn] = _TURN.decode(kept[0]).said
            return found

        return await self._read(read)

    async def gap(self, gap_id: str) -> PastQuestion | None:
        """See `PastQuestions.gap`."""

        def read() -> PastQuestion | None:
            gap = gaps.one(self._db, gap_id)
            if gap is None:
                return None
            return PastQuestion(gap.conversation_id, gap.turn_id, gap.question, gap.language, gap.id)

        return await self._read(read)

    def _turns(self) -> Iterator[TurnFinished]:
        """Of the conversations in which something was said last, the latest turn first."""
        left = _MOST_TURNS
        names = self._db.execute("SELECT id FROM threads ORDER BY at DESC LIMIT ?", (_MOST_CONVERSATIONS,))
        for (name,) in names.fetchall():
            rows = self._db.execute(
                "SELECT result FROM turns WHERE conversation_id = ? ORDER BY seq DESC LIMIT ?", (name, left)
            ).fetchall()
            yield from (_TURN.decode(blob) for (blob,) in rows)
            left -= len(rows)
            if left <= 0:
                return
