"""What every room in the store's file does when something goes wrong in a transaction."""

from pathlib import Path

import msgspec
import pytest

from shared.adapters.sqlite.room import Room
from shared.adapters.sqlite.store import open_store
from shared.errors import StoreDown
from tests.cases.examples import hand_over


def test_what_is_raised_inside_leaves_nothing_and_no_lock(tmp_path: Path) -> None:
    """A record that cannot be read, or a refusal, must not keep other processes out."""
    one = Room(tmp_path / "desk.db", "rows", schema="CREATE TABLE t (n INTEGER)")
    two = Room(tmp_path / "desk.db", "rows")

    def broken() -> None:
        one._db.execute("INSERT INTO t VALUES (1)")
        raise ValueError("cannot be read")

    with pytest.raises(ValueError, match="cannot be read"):
        one._write(broken)
    two._write(lambda: two._db.execute("INSERT INTO t VALUES (2)"))
    assert one._try(lambda: one._db.execute("SELECT n FROM t").fetchall()) == [(2,)]
    with pytest.raises(StoreDown, match=r"desk\.db: no such table: u; check the file"):
        one._write(lambda: one._db.execute("INSERT INTO u VALUES (1)"))
    one.close()
    two.close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """With what it was wanted for."""
    (tmp_path / "desk.db").mkdir()
    with pytest.raises(StoreDown, match=r"desk\.db: cannot open the follow-ups: .*its disk and DATA_DIR"):
        Room(tmp_path / "desk.db", "follow-ups")


async def test_an_erasing_that_breaks_off_leaves_the_store_free(tmp_path: Path) -> None:
    """A record that nobody can read is told, nothing is removed, and turns go on."""
    async with open_store(tmp_path / "desk.db") as store, open_store(tmp_path / "desk.db") as other:
        await store.open_hand_over(hand_over("h-1", "c-1"))
        store._db.execute("UPDATE hand_overs SET record = x'00' WHERE id = 'h-1'")
        with pytest.raises(msgspec.MsgspecError):
            await store.erase(["c-1"])
        assert not await other.erased_at("c-1")
        other._write(lambda: None)
