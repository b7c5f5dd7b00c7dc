"""What staff call that which raises a case."""

DANGERS = frozenset({"self_harm", "safety"})
"""Somebody may be in danger: what is to be done is said each time, and staff read those words first."""

_TOLD_OF = {
    "self_harm": "wanting to die",
    "safety": "an injury or a danger",
    "legal_threat": "legal steps",
    "hardship": "a bereavement, an illness or hardship",
    "fraud": "fraud",
}


def told_of(reason: str) -> str:
    """As in "the customer told of ..."; a reason that a lead has added is called by its name."""
    return _TOLD_OF.get(reason, reason.replace("_", " "))
