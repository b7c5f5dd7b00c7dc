"""Lets a customer give up the place in the queue; runs in the caller's transaction."""

import sqlite3

from shared import cases
from shared.adapters.sqlite import case_rows
from shared.contracts import Case, CaseClosed


def leave(db: sqlite3.Connection, conversation_id: str, turn_id: str, *, at: float) -> Case | None:
    """See `ConversationStore.leave_queue`."""
    happened = db.execute(
        "SELECT n, case_id, body FROM case_events WHERE conversation_id = ? AND turn_id = ?",
        (conversation_id, turn_id),
    ).fetchall()
    for each in (case_rows.numbered(*row) for row in happened):
        if isinstance(each.event, CaseClosed) and each.event.by == cases.CUSTOMER:
            return case_rows.case_of_id(db, each.case_id)
    case = case_rows.open_case_of(db, conversation_id)
    if case is None or not cases.may_leave(case):
        return case
    return case_rows.append(db, case, CaseClosed(at=at, by=cases.CUSTOMER, turn_id=turn_id))
