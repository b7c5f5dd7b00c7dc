"""The vault's file under two versions: shops are upgraded one process after the other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.vaults import open_vault


@pytest.fixture
def older(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A process of another version on the same file, each statement a transaction."""
    with closing(sqlite3.connect(tmp_path / "vault.db", isolation_level=None)) as db:
        yield db


async def test_beside_processes_of_the_version_before(tmp_path: Path, older: sqlite3.Connection) -> None:
    """They know of no kinds: they add values to a file that has some, and leave none behind."""
    async with open_vault(tmp_path / "vault.db", tmp_path / "vault.key", audit=tmp_path / "audit") as vault:
        token = await vault.token("ana.lund@example.com", conversation_id="c1", owner="ana")
        assert await vault.kinds((token,)) == {token: "email"}
        older.execute("INSERT INTO secrets VALUES (?, ?, ?, ?, ?)", ("TOKEN_1", "c2", b"b", b"o", b"s"))
        older.execute("DELETE FROM secrets WHERE token = ?", (token,))
        assert await vault.kinds((token, "TOKEN_1")) == {}
        assert older.execute("SELECT COUNT(*) FROM secret_kinds").fetchone() == (0,)
        assert await vault.count(["c1", "c2"]) == 1


async def test_a_file_with_kinds_among_its_values(tmp_path: Path, older: sqlite3.Connection) -> None:
    """A file that a version between two releases widened opens, and takes new values."""
    files = tmp_path / "vault.db", tmp_path / "vault.key"
    async with open_vault(*files, audit=tmp_path / "audit") as vault:
        ana = await vault.token("Ana Lund", conversation_id="c1", owner="ana")
    older.execute("ALTER TABLE secrets ADD COLUMN kind TEXT NOT NULL DEFAULT ''")
    async with open_vault(*files, audit=tmp_path / "audit") as vault:
        email = await vault.token("ana.lund@example.com", conversation_id="c1", owner="ana")
        assert await vault.kinds((ana, email)) == {ana: "name", email: "email"}
        shown = await vault.reveal(f"{ana} {email}", conversation_id="c1", purpose="delivery")
        assert shown == "Ana Lund ana.lund@example.com"
