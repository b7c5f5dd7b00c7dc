"""An editor over a folder, an index and two stores on disk, with the day in the test's hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import cast

from shared import contracts as c
from shared.adapters.knowledge.agreement import agreement
from shared.adapters.knowledge.editing import Editor
from shared.adapters.knowledge.index import Index
from shared.adapters.knowledge.reader import Reader
from shared.adapters.knowledge.reading import Answer, read_document
from shared.adapters.knowledge.screening import machine_rules
from shared.adapters.knowledge.sources.folder import FolderSource
from shared.adapters.knowledge.sync import KnowledgeSync
from shared.adapters.sqlite.editions import SqliteEditions, open_editions
from shared.adapters.sqlite.questions import SqliteQuestions, open_questions
from shared.adapters.sqlite.store import SqliteStore, open_store
from shared.contracts.editing import Edition, digest_of
from shared.ports import Delivered
from tests.knowledge.back_ends import TODAY, Sqlite

NOW = 1_700_000_000.0


class Here(AbstractContextManager["Here"]):
    """Reads documents in this process: starting one of their own takes most of a second."""

    closed = False
    rules = machine_rules()

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def read(self, name: str, data: bytes, side: bytes | None) -> Answer:
        """As `Reader.read`."""
        return read_document(name, data, side, rules=self.rules)


@dataclass
class EditorDesk:
    """What the editor stands on; `today` moves the index's clock, too."""

    folder: Path
    editor: Editor
    index: Index
    store: SqliteStore
    editions: SqliteEditions
    questions: SqliteQuestions
    days: list[date] = field(default_factory=list)
    seq: int = 0

    async def draft(self, file: str, text: str, *, over: str | None = None, name: str = "e-1") -> str:
        """Keep a text as a draft of the document in `file`, over what is there now; its id."""
        path = self.folder / file
        there = digest_of(path.read_text("utf-8")) if path.exists() else ""
        await self.editions.keep(
            Edition(
                id=name, document=Path(file).stem, file=file, base=there if over is None else over, text=text,
                at=NOW, state="draft", by="staff:m-lead", name="lead", why="it was wrong", version=2,
            )
        )  # fmt: skip
        return name

    async def asked(
        self, said: str, *, quoted: str = "", language: c.Language = "en", conversation: str = "c-1",
    ) -> None:  # fmt: skip
        """A turn in which this was asked: answered from `quoted`, or by nothing."""
        self.seq += 1
        turn = c.TurnFinished(
            conversation_id=conversation, turn_id=f"t-{self.seq}", accepted_at=NOW + self.seq,
            finished_at=NOW + self.seq, status="answered", sentences=(), intent=None, language=language,
            said=said,
            citations=(c.Citation(source=quoted, title="", section="", quote=""),) if quoted else (),
            gap=not quoted, unanswered=None if quoted else c.Unanswered(question=said),
            state=c.ConversationState(language=language),
        )  # fmt: skip
        await self.store.record([Delivered(self.seq, turn)])


@asynccontextmanager
async def editor_desk(tmp_path: Path, folder: Path) -> AsyncIterator[EditorDesk]:
    """The folder is synced once; contradictions refuse."""
    days = [TODAY]
    async with (
        Sqlite(str(tmp_path / "index.db")).open(today=lambda: days[-1]) as index,
        open_store(tmp_path / "desk.db") as store,
        open_editions(tmp_path / "editions.db") as editions,
        open_questions(tmp_path / "desk.db") as questions,
    ):
        source = FolderSource(folder)
        sync = KnowledgeSync(
            source, index, check=agreement("refuse", None), reader=cast("Callable[[], Reader]", Here)
        )
        await sync.run()
        ticks = count(NOW + 100)
        editor = Editor(
            source, sync, index, editions, questions, now=lambda: next(ticks), today=lambda: days[-1]
        )
        yield EditorDesk(folder, editor, index, store, editions, questions, days)
