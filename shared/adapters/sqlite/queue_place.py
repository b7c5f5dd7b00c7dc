"""Where a case stands in its queue: one count, whoever asks; runs in the caller's transaction."""

import sqlite3


def place_of(db: sqlite3.Connection, case_id: str) -> int:
    """The place in the queue that the case is in now, 1 is next; 0 when it does not wait."""
    statement = (
        "SELECT COUNT(*) FROM cases AS mine JOIN cases AS each ON each.queue = mine.queue"
        " AND each.phase = 'waiting' AND (each.rank, each.opened_at, each.id)"
        " <= (mine.rank, mine.opened_at, mine.id) WHERE mine.id = ? AND mine.phase = 'waiting'"
    )
    return int(db.execute(statement, (case_id,)).fetchone()[0])
