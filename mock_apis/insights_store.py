"""Keeps telemetry in a DuckDB file; one process has it open, as DuckDB wants it."""

import resource
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import duckdb
import duckdb_kql
import msgspec

from mock_apis.app_insights_names import DAMAGED
from mock_apis.insights_envelopes import Row
from mock_apis.insights_tables import BY_NAME, SQL, TABLES, Table

_SWEEP_S = 3600.0
"""Rows over their time are removed this often; until then no query sees them."""
MEMORY = "1 GB"
"""What DuckDB may hold of tables in memory, and as much again on disk."""
_ADDRESSES = 4 * 1024**3
"""What a process may have in all: lists that a query makes are none of DuckDB's own memory."""

_DAMAGE = (
    "not a valid DuckDB database", "Corrupt database file", "Could not read enough bytes",
    "Serialization Error", "INTERNAL Error",
)  # fmt: skip
"""How DuckDB names a damaged file; of another process, a full disk or rights it says other things."""


class Unreadable(Exception):
    """The file cannot be opened; says why, and what to do."""


class Telemetry:
    """The tables in one file (None: in memory). Rows older than `days` are gone."""

    def __init__(self, path: Path | None, *, days: float = 7, now: Callable[[], float] = time.time) -> None:
        self.days = days
        self.now = now
        self._writing = threading.Lock()
        self._swept = now()
        self._db = _open(path)
        # The shop runs on the same machine: no query may take all of its memory, or of its disk instead.
        self._db.execute(f"SET memory_limit = '{MEMORY}'; SET max_temp_directory_size = '{MEMORY}'")
        self._db.execute("SET enable_external_access = false; SET lock_configuration = true")

    def add(self, rows: Iterable[tuple[str, Row]]) -> None:
        """Keep rows by their tables; all of them, or after an error none. For any thread."""
        by_table: dict[str, list[Row]] = defaultdict(list)
        for table, row in rows:
            by_table[table].append(row)
        with self._writing:
            self._db.begin()
            try:
                for name, some in by_table.items():
                    self._db.execute(_insert(BY_NAME[name]), [msgspec.json.encode(some).decode()])
                self._db.commit()
            except BaseException:
                self._db.rollback()
                raise
            if self.now() - self._swept > _SWEEP_S:
                self._sweep()

    def reader(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to read with; the caller closes it."""
        return self._db.cursor()

    @property
    def oldest(self) -> float:
        """The moment before which nothing is kept, as seconds since 1970."""
        return self.now() - self.days * 86400

    def close(self) -> None:
        """Close the file; nothing may be written any more."""
        with self._writing:
            self._db.close()

    def _sweep(self) -> None:
        for table in TABLES:
            self._db.execute(
                f'DELETE FROM data.{table.classic} WHERE "timestamp" < make_timestamp(?::BIGINT)',  # noqa: S608  names of ours
                [int(self.oldest * 1e6)],
            )
        self._swept = self.now()


def stay_small(most: int = _ADDRESSES) -> None:
    """Give this process no more memory than that: a query that wants more fails, and nothing else does.

    `range x from 1 to 1000000000 step 1` is a list of 8 GB, on the machine that the shop runs on.
    """
    with suppress(OSError, ValueError):  # not every system can
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _open(path: Path | None) -> duckdb.DuckDBPyConnection:
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        db = duckdb_kql.connect(str(path) if path else ":memory:")
        db.execute("CREATE SCHEMA IF NOT EXISTS data")
        for table in TABLES:
            columns = ", ".join(f'"{each.stored}" {SQL[each.kind]}' for each in table.columns)
            db.execute(f"CREATE TABLE IF NOT EXISTS data.{table.classic} ({columns})")
    except duckdb.Error as error:
        told = f"{path} cannot be opened as a DuckDB file ({_first_line(error)}): {_remedy(str(error))}"
        raise Unreadable(told) from error
    return db


def _remedy(error: str) -> str:
    """Whoever runs this moves a damaged file away by himself: only what is damaged may be called so."""
    if "Could not set lock" in error:
        return "stop the process that has it open"
    if any(each in error for each in _DAMAGE):
        return DAMAGED
    return "make room on the disk, or let this process read and write there"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _insert(table: Table) -> str:
    """Takes a JSON array of rows as its one parameter."""
    shape = msgspec.json.encode([{each.stored: SQL[each.kind] for each in table.columns}]).decode()
    return (
        f"INSERT INTO data.{table.classic} SELECT row.* FROM (SELECT unnest(from_json(?, '{shape}')) AS row)"  # noqa: S608  names of ours
    )
