"""Reads from a fact's id which order it is of, and which field."""

from collections.abc import Sequence

from shared.contracts import Fact


def order_of(fact: Fact) -> str:
    """The number of the order a fact is of, or empty."""
    kind, _, rest = fact.id.partition(":")
    return rest.partition("/")[0] if kind == "order" else ""


def values_of(facts: Sequence[Fact], number: str) -> dict[str, str]:
    """What the shop knows of one order, by field."""
    return {fact.id.partition("/")[2]: fact.value for fact in facts if order_of(fact) == number and number}
