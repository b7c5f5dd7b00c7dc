"""Shows promises: one row each, for their own page and for the thread of a conversation."""

from dataclasses import dataclass

from gateway.console.task_page import hidden
from gateway.context import Desk
from shared.contracts import PromiseRecord
from shared.ports import PromiseFilter
from shared.promises import Checked, check

MOST_SHOWN = 20
_BY = {"shop": "the shop", "carrier": "the carrier", "staff": "staff", "bot": "the bot"}


@dataclass(frozen=True)
class Row:
    """One promise as people read it; `before`, `span` and `after` are its sentence."""

    record: PromiseRecord
    kind: str
    before: str
    span: str
    after: str
    by: str
    late: bool
    why: str


def row_of(record: PromiseRecord, now: float) -> Row:
    """The row of a promise at `now`, seconds since 1970."""
    promise, due = record.promise, record.promise.due
    return Row(
        record=record,
        kind=promise.kind.replace("_", " "),
        before=hidden(promise.text[: promise.start]),
        span=hidden(promise.span),
        after=hidden(promise.text[promise.end :]),
        by=_BY[promise.by],
        late=due is not None and due.until < now and record.state in {"open", "broken"},
        why=hidden(record.why),
    )


async def open_promises(at: Desk, conversation_id: str, *, now: float) -> list[Row]:
    """What is still open of a conversation, for its thread: the earliest due first."""
    which = PromiseFilter(conversation_id=conversation_id)
    return [row_of(each, now) for each in await at.promises.due(which, limit=MOST_SHOWN)]


async def checked(at: Desk, conversation_id: str, text: str, *, now: float) -> Checked:
    """What a member of staff's draft promises in this conversation, and what nothing covers; see `check`."""
    stored, case = await at.store.read(conversation_id), await at.store.case_of(conversation_id)
    results = [message.result for message in stored.messages if message.result] if stored else []
    language = (stored.state.language if stored else None) or "en"
    return check(
        text,
        language,
        now=now,
        receipts=[receipt for result in results for receipt in result.actions],
        facts=case.hand_over.packet.facts if case else (),
    )
