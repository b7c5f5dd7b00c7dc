"""A correction for tests."""

from typing import Any

from shared.contracts import Correction, Said


def correction(name: str = "k-1", **fields: Any) -> Correction:
    """A draft that Emma rejected, in case h-1 of conversation c-1."""
    known: dict[str, Any] = {
        "id": name,
        "kind": "rejected",
        "conversation_id": "c-1",
        "case_id": "h-1",
        "turn_id": "t-1",
        "at": 100.0,
        "by": "staff:m-emma",
        "why": "wrong_fact",
        "language": "en",
        "question": "Where is TOKEN_1?",
        "reply": "In Paris.",
        "context": (Said(who="customer", text="Hello"),),
    }
    return Correction(**known | fields)
