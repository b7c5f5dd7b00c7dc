"""Stores sealed rows of the vault in a SQLite file that several processes share."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from shared.adapters.sqlite.opening import open_shared, transaction
from shared.errors import VaultDown

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS vault (one INTEGER PRIMARY KEY CHECK (one = 1), fingerprint TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS owners (owner BLOB PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID",
    (
        "CREATE TABLE IF NOT EXISTS secrets (token TEXT PRIMARY KEY, conversation TEXT NOT NULL,"
        " blind BLOB NOT NULL, owner BLOB NOT NULL, sealed BLOB NOT NULL, UNIQUE (conversation, blind))"
    ),
    "CREATE INDEX IF NOT EXISTS by_owner ON secrets (owner)",
    # What is still to be brought to another place (leaving = 0), or deleted there (1).
    "CREATE TABLE IF NOT EXISTS errands (token TEXT PRIMARY KEY, leaving INTEGER NOT NULL) WITHOUT ROWID",
    # What a value is, not what it says: email, phone, address. Beside the values, for processes of the
    # version before add rows of five columns; with a trigger, for they delete values and know of no kinds.
    "CREATE TABLE IF NOT EXISTS secret_kinds (token TEXT PRIMARY KEY, kind TEXT NOT NULL) WITHOUT ROWID",
    (
        "CREATE TRIGGER IF NOT EXISTS kind_of_secret AFTER DELETE ON secrets"
        " BEGIN DELETE FROM secret_kinds WHERE token = OLD.token; END"
    ),
)
# Which master key a row depends on; files of before keys had names were made with the one that has none.
_NAMED = (
    ("vault", "master", "ALTER TABLE vault ADD COLUMN master TEXT NOT NULL DEFAULT ''"),
    ("vault", "hashing", "ALTER TABLE vault ADD COLUMN hashing BLOB"),
    ("owners", "master", "ALTER TABLE owners ADD COLUMN master TEXT NOT NULL DEFAULT ''"),
)

_ROWS = (
    "SELECT s.token, s.owner, s.sealed, o.wrapped, o.master FROM secrets s JOIN owners o ON o.owner = s.owner"
)


class Row(NamedTuple):
    """One sealed value; `wrapped` is its owner's key under the master key of the id `master`.

    `sealed` is empty when the value has been moved to another place.
    """

    token: str
    owner: bytes
    sealed: bytes
    wrapped: bytes
    master: str


class Errand(NamedTuple):
    """A sealed value to be moved; without one, the token's is to be deleted there."""

    token: str
    owner: bytes | None
    sealed: bytes | None


class Begun(NamedTuple):
    """The master key that seals the key of the index, which is `hashing`; None in old files."""

    fingerprint: str
    master: str
    hashing: bytes | None


class Rows:
    """One connection; used by one thread at a time."""

    def __init__(self, path: Path, *, patience: float) -> None:
        self.path = path
        with self._told():
            # Private before anything is in it: the log beside it is made with the same mode.
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.chmod(0o600)
            self._db = open_shared(path, patience=patience, same_thread=False)
            for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
                self._db.execute(f"PRAGMA {pragma}")

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def create(self) -> None:
        """Make the tables where they are missing."""
        with self.writing(), self._told():
            for statement in _SCHEMA:
                self._db.execute(statement)
            for table, column, statement in _NAMED:
                columns = self._db.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
                if (column,) not in columns:
                    self._db.execute(statement)

    def begun(self) -> Begun | None:
        """What the file's index depends on; None for a new file."""
        found = self._one("SELECT fingerprint, master, hashing FROM vault", ())
        return None if found is None else Begun(*found)

    def begin(self, mine: Begun) -> Begun:
        """Begin the file with a key, unless another process was faster: the one it is begun with."""
        statement = "INSERT OR IGNORE INTO vault (one, fingerprint, master, hashing) VALUES (1, ?, ?, ?)"
        with self.writing():
            self._run(statement, mine)
        return self.begun() or mine

    def begin_anew(self, mine: Begun) -> None:
        """Put the key of the index under another master key; inside `writing()`."""
        self._run("UPDATE vault SET fingerprint = ?, master = ?, hashing = ?", mine)

    def masters(self) -> list[str]:
        """The ids of all master keys that owners' keys are wrapped with."""
        with self._told():
            return [str(row[0]) for row in self._db.execute("SELECT DISTINCT master FROM owners")]

    def token(self, conversation: str, blind: bytes) -> tuple[str, bytes] | None:
        """The token and owner of a value of this conversation."""
        statement = "SELECT token, owner FROM secrets WHERE conversation = ? AND blind = ?"
        found = self._one(statement, (conversation, blind))
        return None if found is None else (str(found[0]), bytes(found[1]))

    def sealed(self, conversation: str, tokens: Sequence[str]) -> list[Row]:
        """The rows of these tokens that belong to the conversation."""
        rows: list[Row] = []
        for token in tokens:
            found = self._one(f"{_ROWS} WHERE s.token = ? AND s.conversation = ?", (token, conversation))
            if found is not None:
                rows.append(Row(*found))
        return rows

    def newest(self, conversation: str, most: int) -> list[Row]:
        """Up to `most` of the conversation's rows, the latest first."""
        statement = f"{_ROWS} WHERE s.conversation = ? ORDER BY s.rowid DESC LIMIT ?"
        return [Row(*found) for found in self._all(statement, (conversation, most))]

    def wrapped_key(self, owner: bytes, fresh: tuple[bytes, str] | None = None) -> tuple[bytes, str] | None:
        """The owner's wrapped key and the id of its master; `fresh` becomes it when there is none."""
        if fresh is not None:
            self._run(
                "INSERT OR IGNORE INTO owners (owner, wrapped, master) VALUES (?, ?, ?)", (owner, *fresh)
            )
        found = self._one("SELECT wrapped, master FROM owners WHERE owner = ?", (owner,))
        return None if found is None else (bytes(found[0]), str(found[1]))

    def under(self, master: str, most: int) -> list[tuple[bytes, bytes]]:
        """Up to `most` owners whose keys are wrapped with a master key, and the wrapped keys."""
        with self._told():
            return self._db.execute(
                "SELECT owner, wrapped FROM owners WHERE master = ? LIMIT ?", (master, most)
            ).fetchall()

    def rewrap(self, owner: bytes, wrapped: bytes, master: str) -> None:
        """Put an owner's key under another master key; inside `writing()`."""
        self._run("UPDATE owners SET wrapped = ?, master = ? WHERE owner = ?", (wrapped, master, owner))

    def add(
        self, token: str, conversation: str, blind: bytes, owner: bytes, sealed: bytes, kind: str
    ) -> None:
        """Keep a sealed value of this kind."""
        into = "INSERT INTO secrets (token, conversation, blind, owner, sealed) VALUES (?, ?, ?, ?, ?)"
        self._run(into, (token, conversation, blind, owner, sealed))
        if kind:
            self._run("INSERT INTO secret_kinds VALUES (?, ?)", (token, kind))

    def kinds(self, tokens: Sequence[str]) -> dict[str, str]:
        """The kinds of these tokens, of those that have one."""
        statement = "SELECT kind FROM secret_kinds WHERE token = ?"
        found = {each: self._one(statement, (each,)) for each in tokens}
        return {token: str(row[0]) for token, row in found.items() if row}

    def give_to(self, owner: bytes, token: str, sealed: bytes) -> None:
        """Put a value under another owner's key."""
        self._run("UPDATE secrets SET owner = ?, sealed = ? WHERE token = ?", (owner, sealed, token))

    def conversations(self, owner: bytes) -> list[str]:
        """The conversations that hold values of this owner."""
        with self._told():
            rows = self._db.execute(
                "SELECT DISTINCT conversation FROM secrets WHERE owner = ? ORDER BY conversation", (owner,)
            )
            return [str(row[0]) for row in rows]

    def latest(self, most: int, before: int) -> tuple[list[str], int]:
        """Conversations of the last `most` values added before the row `before` (0: all); where to go on."""
        found = self._all(
            "SELECT rowid, conversation FROM secrets WHERE rowid < ? ORDER BY rowid DESC LIMIT ?",
            (before or 2**62, most),
        )
        return list(dict.fromkeys(str(row[1]) for row in found)), int(found[-1][0]) if found else 0

    def forget(self, owner: bytes, *, elsewhere: bool) -> int:
        """Delete the owner's key and rows; how many values there were. `elsewhere` notes them for there."""
        with self.writing():
            if elsewhere:
                self._run(
                    "INSERT OR REPLACE INTO errands SELECT token, 1 FROM secrets WHERE owner = ?", (owner,)
                )
            self._run("DELETE FROM owners WHERE owner = ?", (owner,))
            count = self._run("DELETE FROM secrets WHERE owner = ?", (owner,))
        self._fold()
        return count

    def count(self, conversations: Sequence[str]) -> int:
        """How many values these conversations have."""
        statement = "SELECT COUNT(*) FROM secrets WHERE conversation = ?"
        found = [self._one(statement, (each,)) for each in conversations]
        return sum(int(row[0]) for row in found if row is not None)

    def expire(self, conversations: Sequence[str], *, elsewhere: bool) -> int:
        """Delete the values of conversations, and keys that seal nothing then; as `forget` otherwise."""
        count, owners = 0, set()
        with self.writing():
            for each in conversations:
                found = self._all("SELECT DISTINCT owner FROM secrets WHERE conversation = ?", (each,))
                owners |= {bytes(row[0]) for row in found}
                if elsewhere:
                    self._run(
                        "INSERT OR REPLACE INTO errands SELECT token, 1 FROM secrets WHERE conversation = ?",
                        (each,),
                    )
                count += self._run("DELETE FROM secrets WHERE conversation = ?", (each,))
            for owner in owners:
                unused = "DELETE FROM owners WHERE owner = ? AND owner NOT IN (SELECT owner FROM secrets)"
                self._run(unused, (owner,))
        self._fold()
        return count

    def _fold(self) -> None:
        """The log of the last writes still holds what was deleted until it is folded in."""
        with self._told():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def send(self, token: str) -> None:
        """Note that a value is to be moved; inside `writing()`."""
        self._run("INSERT OR REPLACE INTO errands VALUES (?, 0)", (token,))

    def errands(self, most: int) -> list[Errand]:
        """Up to `most` of what is to be moved or deleted, in this order."""
        with self._told():
            found = self._db.execute(
                "SELECT e.token, s.owner, s.sealed FROM errands e LEFT JOIN secrets s ON s.token = e.token"
                " AND e.leaving = 0 ORDER BY e.leaving LIMIT ?",
                (most,),
            )
            return [Errand(*row) for row in found]

    def moved(self, token: str, sealed: bytes) -> None:
        """The other place has it: keep no copy, unless it was sealed anew meanwhile."""
        with self.writing():
            if self._run("UPDATE secrets SET sealed = x'' WHERE token = ? AND sealed = ?", (token, sealed)):
                self._run("DELETE FROM errands WHERE token = ? AND leaving = 0", (token,))

    def left(self, token: str) -> None:
        """The other place has it no more."""
        with self.writing():
            self._run("DELETE FROM errands WHERE token = ?", (token,))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that no other process can get between. Raises `VaultDown`."""
        with self._told(), transaction(self._db):
            yield

    def _one(self, statement: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with self._told():
            found: tuple[Any, ...] | None = self._db.execute(statement, values).fetchone()
            return found

    def _all(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._told():
            return self._db.execute(statement, values).fetchall()

    def _run(self, statement: str, values: tuple[object, ...]) -> int:
        with self._told():
            return self._db.execute(statement, values).rowcount

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise VaultDown(
                f"vault file {self.path}: {error}; nothing was stored. Free disk space or wait for the "
                f"process that holds the file, then try again"
            ) from error
