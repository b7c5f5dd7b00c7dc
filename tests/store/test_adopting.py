"""Files of before there were cases and a search, opened by several processes that start together."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.sqlite import case_rows, rights, threads
from shared.adapters.sqlite.opening import open_shared
from shared.adapters.sqlite.store import SqliteStore, open_store
from tests.cases.examples import hand_over
from tests.store.asked import unanswered


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with open_store(tmp_path / "desk.db") as found:
        yield found


@pytest.fixture
def other(store: SqliteStore, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process, which does not wait for locks."""
    with closing(open_shared(tmp_path / "desk.db", patience=0.0)) as db:
        yield db


async def test_two_adopt_the_same_cases(store: SqliteStore, other: sqlite3.Connection) -> None:
    """The other one is faster by the moment between looking and writing."""
    for name in ("1", "2"):
        await store.open_hand_over(hand_over(f"h-{name}", f"c-{name}"))
    store._db.executescript("DELETE FROM cases; DELETE FROM case_events")
    steps: list[str] = []

    def faster(statement: str) -> None:
        if statement.startswith(("BEGIN", "INSERT INTO cases")) and not steps:
            steps.append(statement)
            case_rows.adopt(other)

    store._db.set_trace_callback(faster)
    case_rows.adopt(store._db)
    store._db.set_trace_callback(None)
    assert len(steps) == 1
    assert [each.id for each in await store.waiting()] == ["h-1", "h-2"]
    assert len(store._db.execute("SELECT * FROM case_events").fetchall()) == 2


async def test_others_get_a_turn_while_conversations_are_read(
    store: SqliteStore, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long all of it takes: one writes, and what it erased is not found afterwards."""
    await store.record([unanswered(f"May my dog{n} come in?", f"t-{n}") for n in range(3)])
    await store.open_hand_over(hand_over("h-2", "c-t-2"))
    store._db.executescript("DELETE FROM threads; DELETE FROM thread_words")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            rights.erase(other, ["c-t-1"], at=1000.0, patience=5.0)

    monkeypatch.setattr(threads, "_HELD_SECONDS", 0.0)
    monkeypatch.setattr(threads, "sleep", pause)
    threads.adopt(store._db)
    assert len(pauses) == 2, "between three, each by itself"
    assert _found(store, "dog0"), "the first"
    assert _found(store, "case:h-2") == _found(store, "dog2") == ["c-t-2"]
    assert _found(store, "dog1") == []
    threads.adopt(store._db)
    assert len(pauses) == 2, "once"


def _found(store: SqliteStore, word: str) -> list[Any]:
    rows = store._db.execute("SELECT conversation_id FROM thread_words WHERE word = ?", (word,))
    return [name for (name,) in rows]
