"""What the SQLite file itself holds of unanswered questions."""

import sqlite3
from pathlib import Path

from shared.adapters.sqlite.store import open_store
from tests.store.asked import unanswered

CUSTOMER = "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427"


async def test_every_asking_names_whose_it_is(tmp_path: Path) -> None:
    """Who is forgotten takes their words along: rows are found by conversation and by customer."""
    async with open_store(tmp_path / "desk.db") as store:
        await store.record([unanswered("May my dog come in?", "t-1", customer=CUSTOMER)])
        await store.record([unanswered("May my dog come in?", "t-2")])
        with sqlite3.connect(tmp_path / "desk.db") as db:
            rows = db.execute("SELECT conversation_id, customer FROM gap_askings ORDER BY 1").fetchall()
            assert rows == [("c-t-1", CUSTOMER), ("c-t-2", "")]
            db.execute("DELETE FROM gap_askings WHERE customer = ?", (CUSTOMER,))
        db.close()
        assert [(gap.turn_id, gap.asked) for gap in await store.gaps()] == [("t-2", 1)]


async def test_a_file_of_the_version_before_is_opened_and_its_unread_table_dropped(tmp_path: Path) -> None:
    """Words of customers do not stay in a table that nothing reads or erases."""
    with sqlite3.connect(tmp_path / "desk.db") as db:
        db.execute("CREATE TABLE gaps (turn_id TEXT, conversation_id TEXT, question TEXT, at REAL)")
        db.execute("INSERT INTO gaps VALUES ('t-0', 'c-0', 'old words', 1.0)")
    async with open_store(tmp_path / "desk.db") as store:
        await store.record([unanswered("May my dog come in?", "t-1")])
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert "gaps" not in tables
        assert len(await store.gaps()) == 1
    db.close()
