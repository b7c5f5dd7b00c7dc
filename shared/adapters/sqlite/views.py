"""Views that members of staff saved, beside their accounts in one SQLite file."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from shared.adapters.sqlite.opening import open_shared, wipe_what_is_deleted
from shared.errors import StoreDown
from shared.ports.views import SavedView

SCHEMA = """
CREATE TABLE IF NOT EXISTS staff_views (
    member_id TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, PRIMARY KEY (member_id, name)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS views_of_member AFTER DELETE ON members BEGIN
    DELETE FROM staff_views WHERE member_id = OLD.id;
END;
"""
"""Part of the staff store's: a member's change replaces the row, and fires no trigger of deletion."""
_T = TypeVar("_T")


@asynccontextmanager
async def open_views(path: Path) -> AsyncIterator["SqliteViews"]:
    """The views in the store at `path`, which `open_staff` has made."""
    views = await asyncio.to_thread(SqliteViews, path)
    try:
        yield views
    finally:
        views.close()


class SqliteViews:
    """A `ViewStore` on SQLite."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._db = open_shared(path, patience=5.0, same_thread=False)
            wipe_what_is_deleted(self._db)
        except (sqlite3.Error, OSError) as error:
            raise StoreDown(f"{path}: cannot open the store of staff: {error}; check DATA_DIR") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    async def of(self, member_id: str) -> Sequence[SavedView]:
        """See `ViewStore.of`."""
        statement = "SELECT name, query FROM staff_views WHERE member_id = ? ORDER BY name"
        return [SavedView(*row) for row in self._try(lambda: self._db.execute(statement, (member_id,)))]

    async def keep(self, member_id: str, view: SavedView, *, most: int) -> bool:
        """See `ViewStore.keep`."""
        statement = (
            "INSERT INTO staff_views SELECT ?1, ?2, ?3 WHERE"
            " (SELECT COUNT(*) FROM staff_views WHERE member_id = ?1 AND name != ?2) < ?4"
            " ON CONFLICT (member_id, name) DO UPDATE SET query = excluded.query"
        )
        values = (member_id, view.name, view.query, most)
        return self._try(lambda: self._db.execute(statement, values).rowcount) == 1

    async def drop(self, member_id: str, name: str) -> bool:
        """See `ViewStore.drop`."""
        statement = "DELETE FROM staff_views WHERE member_id = ? AND name = ?"
        return self._try(lambda: self._db.execute(statement, (member_id, name)).rowcount) == 1

    def _try(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except sqlite3.Error as error:
            raise StoreDown(f"{self._path}: {error}; is the disk full?") from error
