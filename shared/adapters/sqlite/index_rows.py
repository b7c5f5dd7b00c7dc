"""Keeps knowledge documents, their chunks and vectors in the tables of one SQLite file."""

import sqlite3
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from shared.adapters.knowledge.chunks import Chunk
from shared.adapters.knowledge.publishing import State, used_hashes
from shared.adapters.knowledge.versions import Version
from shared.adapters.sqlite.opening import open_shared, transaction
from shared.contracts import LANGUAGES, Language
from shared.errors import StoreBusy, StoreDown

# Raised when the tables change: an index of another layout is made anew from the folder.
_LAYOUT = 2
_TABLES = ("index_chunks", "index_documents", "index_vectors", "index_meta")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS index_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS index_documents (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL,
  category TEXT NOT NULL, locale TEXT NOT NULL, version INTEGER NOT NULL, effective_from TEXT NOT NULL,
  effective_until TEXT, translation_of TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS index_chunks (
  seq INTEGER NOT NULL REFERENCES index_documents (seq) ON DELETE CASCADE, n INTEGER NOT NULL,
  id TEXT NOT NULL, section TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (seq, n)) STRICT;
CREATE TABLE IF NOT EXISTS index_vectors (
  embedder TEXT NOT NULL, text_hash TEXT NOT NULL, vector BLOB NOT NULL, made_on TEXT NOT NULL,
  PRIMARY KEY (embedder, text_hash)) STRICT, WITHOUT ROWID;
"""


class SqliteRows:
    """Implements `IndexRows`: a publication is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            self._db = open_shared(path, patience=5.0)
            # What is here can be made again from the folder; WAL with NORMAL survives a killed process.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            if self._db.execute("PRAGMA user_version").fetchone()[0] != _LAYOUT:
                self._lay_out()

    @property
    def where(self) -> str:
        """The file."""
        return repr(str(self._path))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def state(self) -> State:
        """What is published now."""
        with self._errors():
            meta = dict(self._db.execute("SELECT key, value FROM index_meta").fetchall())
        return State(meta.get("publication", ""), meta.get("embedder"))

    async def read(self) -> tuple[State, tuple[Version, ...]]:
        """Every version that is kept, oldest first, from one snapshot of the file."""
        with self._transaction("BEGIN"):
            return await self.state(), tuple(self._versions())

    async def vectors(self, embedder: str, hashes: Sequence[str]) -> dict[str, bytes]:
        """The remembered vectors among `hashes`."""
        wanted = set(hashes)
        with self._errors():
            found = self._db.execute(
                "SELECT text_hash, vector FROM index_vectors WHERE embedder = ?", (embedder,)
            )
            return {key: vector for key, vector in found if key in wanted}

    async def remember(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors by the hash of their text."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO index_vectors VALUES (?, ?, ?, date('now'))",
                [(embedder, key, vector) for key, vector in vectors.items()],
            )

    async def publish(self, versions: Sequence[Version], *, embedder: str, over: State) -> None:
        """Serve `versions` in place of the publication `over`, in one transaction."""
        with self._transaction():
            now = await self.state()
            if now.token != over.token:
                raise StoreBusy(
                    f"another process has just published to the knowledge index {self.where}; sync again"
                )
            self._db.execute("DELETE FROM index_documents")
            for version in versions:
                self._insert(version)
            self._db.executemany(
                "INSERT OR REPLACE INTO index_meta VALUES (?, ?)",
                [("publication", str(int(over.token or 0) + 1)), ("embedder", embedder)],
            )
            self._forget_vectors(embedder, used_hashes(versions))

    def _insert(self, version: Version) -> None:
        until = version.effective_until
        seq = self._db.execute(
            "INSERT INTO index_documents (id, file, digest, title, category, locale, version, "
            "effective_from, effective_until, translation_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (version.id, version.file, version.digest, version.title, version.category, version.locale,
             version.version, version.effective_from.isoformat(), until.isoformat() if until else None,
             version.translation_of),
        ).lastrowid  # fmt: skip
        self._db.executemany(
            "INSERT INTO index_chunks VALUES (?, ?, ?, ?, ?)",
            [(seq, n, chunk.id, chunk.section, chunk.text) for n, chunk in enumerate(version.chunks)],
        )

    def _forget_vectors(self, embedder: str, used: Container[str]) -> None:
        """Unused vectors wait a while: a file that comes back, or a sync that was cut off, needs them."""
        old = self._db.execute(
            "SELECT embedder, text_hash FROM index_vectors WHERE made_on < date('now', '-30 days')"
        ).fetchall()
        self._db.executemany(
            "DELETE FROM index_vectors WHERE embedder = ? AND text_hash = ?",
            [(name, key) for name, key in old if name != embedder or key not in used],
        )

    def _versions(self) -> Iterator[Version]:
        chunks: dict[int, list[tuple[str, str, str]]] = {}
        for seq, *chunk in self._db.execute(
            "SELECT seq, id, section, text FROM index_chunks ORDER BY seq, n"
        ):
            chunks.setdefault(seq, []).append((chunk[0], chunk[1], chunk[2]))
        locales: dict[str, Language] = {language: language for language in LANGUAGES}
        for seq, since, until, *said in self._db.execute(
            "SELECT seq, effective_from, effective_until, id, file, digest, title, category, locale, "
            "version, translation_of FROM index_documents ORDER BY seq"
        ):
            name, file, digest, title, category, locale, number, original = said
            yield Version(
                id=name,
                file=file,
                digest=digest,
                title=title,
                category=category,
                locale=locales[locale],
                version=number,
                effective_from=date.fromisoformat(since),
                effective_until=date.fromisoformat(until) if until else None,
                translation_of=original,
                chunks=tuple(
                    Chunk(id=key, document=name, title=title, section=section, text=text)
                    for key, section, text in chunks.get(seq, ())
                ),
            )

    def _lay_out(self) -> None:
        with self._transaction():
            for table in _TABLES:
                self._db.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _SCHEMA.split(";\n"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {_LAYOUT}")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, KeyError) as error:
            raise StoreDown(
                f"the knowledge index {self.where} cannot be used: {error}; check the disk, the "
                "rights, and that it is an index (deleting the file builds it anew)"
            ) from error

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
        """Everything or nothing."""
        with self._errors(), transaction(self._db, begin):
            yield
