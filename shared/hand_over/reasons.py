"""What staff call that which raises a case."""

_TOLD_OF = {
    "safety": "an injury or a danger",
    "legal_threat": "legal steps",
    "hardship": "a bereavement, an illness or hardship",
    "fraud": "fraud",
}


def told_of(reason: str) -> str:
    """As in "the customer told of ..."; a reason that a lead has added is called by its name."""
    return _TOLD_OF.get(reason, reason.replace("_", " "))
