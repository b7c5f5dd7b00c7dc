"""Turns that promise, and the ledger's records of them."""

from typing import Any

from msgspec import structs

from shared import contracts as c
from shared.promises import made_in
from tests.promises.replies import NOW

LABEL = "I'll email you the return label by Friday."
ANSWER = "You get an answer by November 27 at 10:30 Eastern time."


def turn(*texts: str, turn_id: str = "t-1", at: float = NOW, **fields: Any) -> c.TurnFinished:
    """A finished turn of conversation c-1, which says this."""
    given: dict[str, Any] = {
        "conversation_id": "c-1",
        "status": "answered",
        "intent": None,
        "language": "en",
        "state": c.ConversationState(),
    }
    sentences = tuple(c.Sentence(text=text) for text in texts)
    return c.TurnFinished(
        turn_id=turn_id, accepted_at=at - 1, finished_at=at, sentences=sentences, **given | fields
    )


def promised(text: str = LABEL, *, due: float | None = None, **fields: Any) -> c.PromiseRecord:
    """One record; `due` is when it is due instead of what the text says."""
    (record,) = made_in(turn(text, **fields))
    if due is None:
        return record
    assert record.promise.due is not None
    moment = structs.replace(record.promise.due, until=due, since=0.0)
    return structs.replace(record, promise=structs.replace(record.promise, due=moment))


def receipt(kind: str = "refund", order: str = "1001", status: str = "done") -> c.Receipt:
    """What the shop did, or refused."""
    return c.Receipt(kind=kind, order_number=order, status=status, reference="R-1")  # type: ignore[arg-type]
