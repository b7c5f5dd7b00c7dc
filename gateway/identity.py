"""Who a request comes from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """Who a request comes from; `known` are the customer's own values that the token states."""

    customer_id: str = ""
    known: tuple[str, ...] = ()


GUEST = Identity()
