"""Views that members of staff saved, beside their accounts in one SQLite file."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from shared.adapters.sqlite.room import Room
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


@asynccontextmanager
async def open_views(path: Path) -> AsyncIterator["SqliteViews"]:
    """The views in the store at `path`, which `open_staff` has made."""
    views = await asyncio.to_thread(SqliteViews, path)
    try:
        yield views
    finally:
        views.close()


class SqliteViews(Room):
    """A `ViewStore` on SQLite."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "store of staff", synced="FULL")

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
