"""Finds conversations in the conversation store's file, by a connection and in threads of its own."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from shared.adapters.sqlite.case_rows import last_case_of
from shared.adapters.sqlite.reader import Reader
from shared.adapters.sqlite.threads import named, words_of
from shared.ports.search import Thread, ThreadPlace, Wanted

_SELECT = "SELECT t.id, t.customer_mark, t.language, t.intent, t.status, t.begun_at, t.at FROM threads AS t"
_SAID = "SELECT conversation_id FROM thread_words WHERE word"
_BEGINS = f"{_SAID} BETWEEN ? AND ? AND instr(word, ':') = 0"
_KINDS = ("id", "case", "ticket", "order")
_CALLED = re.compile(
    r"\b(?:(?:order|commande|pedido|case|caso|ticket|number|num[eé]ro|n[uú]mero|no|nr|n)(?![^\W\d_º])[\s.:#№°º]*)+"
    r"(?=[\w-]*\d)",
    re.IGNORECASE,
)
"""What staff say before an id, and the conversation may not: `order #1001`, `n°1001`."""
_BEGINNING = 3
"""Letters from which on a part of a word is looked for."""
_MOST_PARTS = 8
"""Words that count of a search: each is one pass over where it was said."""


@asynccontextmanager
async def open_search(path: Path) -> AsyncIterator["SqliteSearch"]:
    """The search in the store at `path`, which `open_store` has made."""
    search = await asyncio.to_thread(SqliteSearch, path)
    try:
        yield search
    finally:
        search.close()


class SqliteSearch(Reader):
    """A `ConversationSearch` on SQLite. It works in threads: no turn waits in this process's loop."""

    async def find(
        self, wanted: Wanted, *, after: ThreadPlace | None = None, limit: int = 20
    ) -> Sequence[Thread]:
        """See `ConversationSearch.find`."""
        return await self._read(lambda: self._find(wanted, after, limit))

    def _find(self, wanted: Wanted, after: ThreadPlace | None, limit: int) -> list[Thread]:
        tests, values = ["1"], list[object]()
        for test, given in (_of_words(wanted.words), _of_thread(wanted), _of_case(wanted)):
            tests += test
            values += given
        if after is not None:
            tests.append("(t.at, t.id) < (?, ?)")
            values += (after.at, after.conversation_id)
        statement = f"{_SELECT} WHERE {' AND '.join(tests)} ORDER BY t.at DESC, t.id DESC LIMIT ?"
        return [
            Thread(
                conversation_id=row[0], customer_mark=row[1], language=row[2], intent=row[3], status=row[4],
                begun_at=row[5], at=row[6], case=last_case_of(self._db, row[0]),
            )
            for row in self._db.execute(statement, (*values, limit)).fetchall()
        ]  # fmt: skip


_Test = tuple[list[str], list[object]]


def _of_words(text: str) -> _Test:
    """Each part of the text is an id as a whole, or words that begin like its own are all there."""
    tests, values = list[str](), list[object]()
    for part in _CALLED.sub(" ", text).split()[:_MOST_PARTS]:
        ids = [named(kind, part.strip("#.,;:!?()\"'")) for kind in _KINDS]
        words = [_begins(word) for word in words_of(part)[:_MOST_PARTS]]
        either = [_listed(f"{_SAID} IN", ids)]
        if words:
            either.append(f"SELECT * FROM ({' INTERSECT '.join([_BEGINS] * len(words))})")  # noqa: S608
        tests.append(f"t.id IN ({' UNION '.join(either)})")
        values += (*ids, *(each for bounds in words for each in bounds))
    return tests, values


def _begins(word: str) -> tuple[str, str]:
    """From where to where words stand that begin like this one, which may be a plural; numbers are whole."""
    if len(word) < _BEGINNING or word.isdecimal():
        return word, word
    stem = word[:-1] if word.endswith("s") and len(word) > _BEGINNING + 1 else word
    return stem, stem + chr(sys.maxunicode)


def _of_thread(wanted: Wanted) -> _Test:
    tests, values = list[str](), list[object]()
    if wanted.customer_mark:
        tests.append("t.customer_mark = ? AND t.customer_mark != ''")
        values.append(wanted.customer_mark)
    if wanted.but:
        tests.append("t.id != ?")
        values.append(wanted.but)
    if wanted.among is not None:
        tests.append("t.id IN (SELECT value FROM json_each(?))")
        values.append(msgspec.json.encode(wanted.among).decode())
    if wanted.languages:
        tests.append(_listed("t.language IN", wanted.languages))
        values += wanted.languages
    return tests, values


def _of_case(wanted: Wanted) -> _Test:
    """What its last case is: the open one, or the one that was opened last."""
    columns = (
        ("phase", wanted.phases),
        ("queue", wanted.queues),
        ("owner", (wanted.owner,) if wanted.owner else ()),
    )
    asked = [(column, given) for column, given in columns if given]
    if not asked:
        return [], []
    same = " AND ".join(_listed(f"k.{column} IN", given) for column, given in asked)
    newer = (
        "SELECT 1 FROM cases AS n WHERE n.conversation_id = k.conversation_id"
        " AND (n.open, n.opened_at, n.id) > (k.open, k.opened_at, k.id)"
    )
    test = f"t.id IN (SELECT k.conversation_id FROM cases AS k WHERE {same} AND NOT EXISTS ({newer}))"  # noqa: S608
    return [test], [value for _, given in asked for value in given]


def _listed(start: str, given: Sequence[object]) -> str:
    return f"{start} ({', '.join('?' * len(given))})"
