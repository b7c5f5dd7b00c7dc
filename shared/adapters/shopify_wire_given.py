"""The shapes of what a customer was given lately, as `_GIVEN` asks."""

from shared.adapters.shopify_wire_base import Nodes, Ref, Wire


class PaidOn(Wire, frozen=True, kw_only=True):
    """A refund only for when."""

    created_at: str | None = None


class RefundedOrder(Wire, frozen=True, kw_only=True):
    """An order only for when it was paid back."""

    refunds: list[PaidOn]


class ExchangeReturn(Wire, frozen=True, kw_only=True):
    """A return only for whether it was an exchange, and when."""

    created_at: str
    status: str
    exchange_line_items: Nodes[Ref] = Nodes([])


class SentBackOrder(Wire, frozen=True, kw_only=True):
    """An order only for its returns."""

    returns: Nodes[ExchangeReturn]


class ResentOrder(Wire, frozen=True, kw_only=True):
    """An order that sent items once more, only for when."""

    created_at: str
