"""The shapes of Shopify's answers around an action, and of any answer's envelope."""

import msgspec

from shared.adapters.shopify_wire import Line, OrderName, Parcel, Refund, ReturnedLine
from shared.adapters.shopify_wire_base import Money, Nodes, Ref, Wire

MOST_PARCELS, MOST_REFUNDS, MOST_PAYMENTS = 10, 20, 10
"""How many of each plain list `WORK` asks for."""


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


class Label(Wire, frozen=True, kw_only=True):
    """A file to print."""

    public_file_url: str | None = None


class Deliverable(Wire, frozen=True, kw_only=True):
    """What a parcel back travels with."""

    label: Label | None = None


class Delivery(Wire, frozen=True, kw_only=True):
    """A parcel back."""

    deliverable: Deliverable | None = None


class Disposition(Wire, frozen=True, kw_only=True):
    """What the warehouse did with so many of a line that came back."""

    type: str
    quantity: int


class LineBack(Wire, frozen=True, kw_only=True):
    """A line that has to be taken in."""

    total_quantity: int
    dispositions: list[Disposition] = []


class TakingBack(Wire, frozen=True, kw_only=True):
    """What has to be taken in again of a return."""

    id: str
    line_items: Nodes[LineBack] = Nodes([])
    reverse_deliveries: Nodes[Delivery] = Nodes([])


class WorkReturn(Wire, frozen=True, kw_only=True):
    """A return as `WORK` asks."""

    id: str
    name: str
    status: str
    created_at: str = ""
    reverse_fulfillment_orders: Nodes[TakingBack] = Nodes([])
    return_line_items: Nodes[ReturnedLine] = Nodes([])
    refunds: Nodes[Refund] = Nodes([])

    @property
    def label(self) -> str:
        """Where its label is printed; empty when it has none."""
        parcels = (p for back in self.reverse_fulfillment_orders.nodes for p in back.reverse_deliveries.nodes)
        labels = (p.deliverable.label for p in parcels if p.deliverable)
        return next((label.public_file_url for label in labels if label and label.public_file_url), "")


class WorkLine(Line, frozen=True, kw_only=True):
    """A line as `WORK` asks."""

    current_quantity: int = 0
    variant: Ref | None = None


class WorkAddress(Wire, frozen=True, kw_only=True):
    """Where an order goes, by its parts."""

    first_name: str | None = None
    last_name: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    zip: str | None = None
    province_code: str | None = None
    country_code_v2: str | None = msgspec.field(default=None, name="countryCodeV2")
    phone: str | None = None


class WorkOrder(Wire, frozen=True, kw_only=True):
    """An order as `WORK` asks."""

    id: str
    name: str
    currency_code: str
    presentment_currency_code: str = ""
    total_price_set: Money
    total_refunded_set: Money
    line_items: Nodes[WorkLine]
    fulfillments: list[Parcel]
    refunds: list[Refund]
    returns: Nodes[WorkReturn]
    transactions: list[Payment]
    cancelled_at: str | None = None
    cancellation: Cancellation | None = None
    shipping_address: WorkAddress | None = None
    customer: Ref | None = None

    @property
    def cut(self) -> str:
        """What of the order is more than `WORK` reads, for staff; empty: all of it was read.

        Plain lists say nothing of a next page, so a full one counts as cut.
        """
        sent, back = (
            self.returns.nodes,
            [r for row in self.returns.nodes for r in row.reverse_fulfillment_orders.nodes],
        )
        parts = {
            "lines": self.line_items.cut or any(p.fulfillment_line_items.cut for p in self.fulfillments),
            "parcels": len(self.fulfillments) >= MOST_PARCELS,
            "refunds": len(self.refunds) >= MOST_REFUNDS or any(row.refunds.cut for row in sent),
            "payments": len(self.transactions) >= MOST_PAYMENTS,
            "returns": self.returns.cut
            or any(row.return_line_items.cut or row.reverse_fulfillment_orders.cut for row in sent)
            or any(row.line_items.cut for row in back),
        }
        return ", ".join(name for name, cut in parts.items() if cut)


class Work(Wire, frozen=True, kw_only=True):
    """The answer of `WORK`."""

    orders: Nodes[WorkOrder]


class ParcelBack(Wire, frozen=True, kw_only=True):
    """A reverse fulfillment order, only for the order it belongs to."""

    order: OrderName | None = None


class ParcelFound(Wire, frozen=True, kw_only=True):
    """The answer of `PARCEL_BACK`."""

    reverse_fulfillment_order: ParcelBack | None


class EmailState(Wire, frozen=True, kw_only=True):
    """Whether a customer's e-mail gets the newsletter."""

    marketing_state: str = ""


class Metafield(Wire, frozen=True, kw_only=True):
    """A value the shop keeps beside a customer."""

    value: str
    compare_digest: str


class Member(Wire, frozen=True, kw_only=True):
    """A customer as `MEMBER` asks."""

    id: str
    default_email_address: EmailState | None = None
    points: Metafield | None = None
    marks: Metafield | None = None


class MemberFound(Wire, frozen=True, kw_only=True):
    """The answer of `MEMBER`."""

    customer: Member | None


class VariantRef(Wire, frozen=True, kw_only=True):
    """A variant as `VARIANT` asks."""

    id: str
    sku: str | None = None


class Variants(Wire, frozen=True, kw_only=True):
    """The answer of `VARIANT`."""

    product_variants: Nodes[VariantRef]


class Resent(OrderName, frozen=True, kw_only=True):
    """An order that was sent once more."""

    tags: list[str] = []


class Draft(Wire, frozen=True, kw_only=True):
    """A draft of an order, with the `order` it has become."""

    id: str
    status: str
    tags: list[str] = []
    order: OrderName | None = None


class ResentFound(Wire, frozen=True, kw_only=True):
    """The answer of `RESENT`."""

    orders: Nodes[Resent]
    draft_orders: Nodes[Draft]


class Problem(Wire, frozen=True, kw_only=True):
    """A user error of a mutation."""

    message: str


class Outcome(Wire, frozen=True, kw_only=True):
    """What a mutation says of itself; `edit` is what `EDIT_BEGIN` began, `draft` what was drafted."""

    problems: list[Problem]
    edit: Ref | None = None
    draft: Draft | None = None


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
