"""Keeps knowledge documents, their chunks and vectors in the tables of one SQLite file."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.adapters.knowledge.chunks import Chunk
from shared.adapters.knowledge.folder import Source
from shared.contracts import LANGUAGES, Language
from shared.errors import StoreDown

_SCHEMA = """
CREATE TABLE IF NOT EXISTS index_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS index_documents (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL,
  category TEXT NOT NULL, locale TEXT NOT NULL, version INTEGER NOT NULL, effective_from TEXT NOT NULL,
  translation_of TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS index_chunks (
  seq INTEGER NOT NULL REFERENCES index_documents (seq) ON DELETE CASCADE, n INTEGER NOT NULL,
  id TEXT NOT NULL, section TEXT NOT NULL, text TEXT NOT NULL, embedded_text TEXT NOT NULL, vector BLOB,
  PRIMARY KEY (seq, n)) STRICT;
CREATE INDEX IF NOT EXISTS index_chunks_by_text ON index_chunks (embedded_text);
"""


@dataclass(frozen=True)
class Row:
    """One chunk that is served, with what its passage says of its document."""

    chunk: Chunk
    file: str
    locale: Language
    category: str
    version: int
    translation_of: str
    vector: bytes | None


class IndexRows:
    """The tables; every method may raise `StoreDown`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=5.0, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            # What is here can be made again from the folder; WAL with NORMAL survives a killed process.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreDown(
                f"the knowledge index {str(self._path)!r} cannot be used: {error}; check the disk, the "
                "rights, and that it is an index (deleting the file builds it anew)"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: everything or nothing."""
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def changes(self) -> int:
        """A number that moves when another process has written."""
        with self._errors():
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def meta(self, key: str) -> str | None:
        """A remembered setting."""
        with self._errors():
            row = self._db.execute("SELECT value FROM index_meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Remember a setting."""
        with self._errors():
            self._db.execute("INSERT OR REPLACE INTO index_meta VALUES (?, ?)", (key, value))

    def files(self) -> tuple[dict[str, str], dict[str, str]]:
        """Of each file the digest of its newest version, and the id it holds."""
        with self._errors():
            rows = self._db.execute("SELECT file, digest, id FROM index_documents ORDER BY seq").fetchall()
        return {file: digest for file, digest, _ in rows}, {file: name for file, _, name in rows}

    def vectors(self) -> dict[str, bytes]:
        """Vectors by the text they were made from."""
        with self._errors():
            rows = self._db.execute("SELECT embedded_text, vector FROM index_chunks WHERE vector IS NOT NULL")
            return dict(rows.fetchall())

    def without_vector(self, locales: Sequence[Language]) -> list[str]:
        """Texts of these locales that still need a vector."""
        marks = ",".join("?" * len(locales))
        with self._errors():
            rows = self._db.execute(
                "SELECT DISTINCT embedded_text FROM index_chunks JOIN index_documents USING (seq) "  # noqa: S608
                f"WHERE vector IS NULL AND locale IN ({marks})",
                tuple(locales),
            )
            return [row[0] for row in rows.fetchall()]

    def fill(self, vectors: Mapping[str, bytes]) -> None:
        """Store vectors by the text they were made from."""
        with self._errors():
            self._db.executemany(
                "UPDATE index_chunks SET vector = ? WHERE embedded_text = ? AND vector IS NULL",
                [(vector, text) for text, vector in vectors.items()],
            )

    def drop_vectors(self) -> None:
        """Forget every vector: another embedder makes new ones."""
        with self._errors():
            self._db.execute("UPDATE index_chunks SET vector = NULL")

    def put(self, source: Source, chunks: Sequence[Chunk], today: date) -> None:
        """Store a version; one that holds from a later day waits beside the one that serves until then."""
        document = source.document
        later_only = document.effective_from > today
        with self._errors():
            self._db.execute(
                "DELETE FROM index_documents WHERE id = ? AND (NOT ? OR effective_from > ?)",
                (document.id, later_only, today.isoformat()),
            )
            seq = self._db.execute(
                "INSERT INTO index_documents (id, file, digest, title, category, locale, version, "
                "effective_from, translation_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (document.id, source.file, source.digest, document.title, document.category, document.locale,
                 document.version, document.effective_from.isoformat(), document.translation_of),
            ).lastrowid  # fmt: skip
            self._db.executemany(
                "INSERT INTO index_chunks VALUES (?, ?, ?, ?, ?, ?, NULL)",
                [(seq, n, c.id, c.section, c.text, c.embedded_text) for n, c in enumerate(chunks)],
            )

    def remove_files(self, files: Sequence[str]) -> None:
        """Forget what stood in files that are gone."""
        with self._errors():
            self._db.executemany("DELETE FROM index_documents WHERE file = ?", [(file,) for file in files])

    def served(self, today: date) -> list[Row]:
        """The chunks of the version of each document that holds today, in reading order."""
        with self._errors():
            rows = self._db.execute(
                """
                SELECT c.id, d.id, d.title, c.section, c.text, d.file, d.locale, d.category, d.version,
                       d.translation_of, c.vector
                FROM index_documents d JOIN index_chunks c USING (seq)
                WHERE d.seq = (SELECT e.seq FROM index_documents e WHERE e.id = d.id
                               AND e.effective_from <= ? ORDER BY e.effective_from DESC, e.seq DESC LIMIT 1)
                ORDER BY d.file, c.n
                """,
                (today.isoformat(),),
            ).fetchall()
        locales: dict[str, Language] = {language: language for language in LANGUAGES}
        return [Row(Chunk(*row[:5]), row[5], locales[row[6]], *row[7:]) for row in rows]
