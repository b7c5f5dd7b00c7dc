"""Raises a case for what its customer tells of; runs in the caller's transaction."""

import sqlite3

from shared import cases
from shared.adapters.sqlite import case_rows
from shared.contracts import Case, CaseRaised


def raise_case(db: sqlite3.Connection, conversation_id: str, event: CaseRaised) -> Case | None:
    """See `ConversationStore.raise_case`."""
    case = case_rows.open_case_of(db, conversation_id)
    if case is None or event.reason in case.reasons:
        return case
    return case_rows.append(db, case, cases.never_lowered(case, event))
