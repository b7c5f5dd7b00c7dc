"""The shapes of Shopify's answers around an action, and of any answer's envelope."""

import msgspec

from shared.adapters.shopify_wire import Line, Money, Nodes, Parcel, Ref, Refund, Return, Wire


class Cancellation(Wire, frozen=True, kw_only=True):
    """Why an order was cancelled."""

    staff_note: str | None = None


class Payment(Wire, frozen=True, kw_only=True):
    """A transaction of an order."""

    id: str
    kind: str
    status: str
    amount_set: Money
    gateway: str | None = None


class WorkOrder(Wire, frozen=True, kw_only=True):
    """An order as `WORK` asks."""

    id: str
    name: str
    currency_code: str
    total_price_set: Money
    total_refunded_set: Money
    line_items: Nodes[Line]
    fulfillments: list[Parcel]
    refunds: list[Refund]
    returns: Nodes[Return]
    transactions: list[Payment]
    cancelled_at: str | None = None
    cancellation: Cancellation | None = None
    customer: Ref | None = None


class Work(Wire, frozen=True, kw_only=True):
    """The answer of `WORK`."""

    orders: Nodes[WorkOrder]


class Problem(Wire, frozen=True, kw_only=True):
    """A user error of a mutation."""

    message: str


class Outcome(Wire, frozen=True, kw_only=True):
    """What a mutation says of itself."""

    problems: list[Problem]


class Done(Wire, frozen=True, kw_only=True):
    """The answer of every mutation."""

    done: Outcome | None


class ErrorCode(Wire, frozen=True, kw_only=True):
    """The machine part of a GraphQL error."""

    code: str = ""


class GraphQLProblem(Wire, frozen=True, kw_only=True):
    """A GraphQL error; its message may repeat what we sent, so it is never read."""

    extensions: ErrorCode = ErrorCode()


class Throttle(Wire, frozen=True, kw_only=True):
    """The state of our bucket."""

    currently_available: float = 0
    restore_rate: float = 0


class Cost(Wire, frozen=True, kw_only=True):
    """What a query cost."""

    requested_query_cost: float = 0
    throttle_status: Throttle = Throttle()


class Extensions(Wire, frozen=True, kw_only=True):
    """What stands beside data."""

    cost: Cost = Cost()


class Envelope(Wire, frozen=True, kw_only=True):
    """Any answer: errors first, the data when there are none."""

    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[GraphQLProblem] = []
    extensions: Extensions = Extensions()
