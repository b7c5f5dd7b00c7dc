"""What vendors tell us: ids, numbers, states and times of the shop and the helpdesk, never words of a person.

`customer` is a token that opens only for `conversation_id`, which is no chat but that customer's place among
events: erasing the customer destroys the key of the one and removes what carries the other. Both are empty
where no customer is known (a guest's order). Times are seconds since 1970, by the vendor's clock.
"""

from typing import Annotated, Literal

from msgspec import Meta

from shared.contracts.words import Value

VendorId = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Amount = Annotated[str, Meta(pattern=r"\A-?[0-9]{1,12}(\.[0-9]{1,4})?\Z")]
Currency = Annotated[str, Meta(pattern=r"\A([A-Z]{3})?\Z")]
PaymentState = Literal[
    "pending", "authorized", "expired", "partially_paid", "paid", "partially_refunded", "refunded", "voided",
    "other",
]  # fmt: skip
FulfillmentState = Literal["unfulfilled", "partial", "fulfilled", "restocked", "other"]
CancelReason = Literal["", "customer", "declined", "fraud", "inventory", "staff", "other"]
TicketState = Literal["new", "open", "pending", "hold", "solved", "closed", "deleted", "other"]
TicketPriority = Literal["", "low", "normal", "high", "urgent"]
TicketChange = Literal[
    "created", "status", "priority", "assignment", "comment", "tags", "type", "merged", "other",
]  # fmt: skip
ParcelState = Literal[
    "", "label_printed", "label_purchased", "ready_for_pickup", "confirmed", "in_transit",
    "out_for_delivery", "attempted_delivery", "delivered", "failure", "other",
]  # fmt: skip
Score = Literal["good", "bad", "other"]
Vendor = Literal["shopify", "zendesk"]


class ShopCustomerChanged(Value, frozen=True, kw_only=True):
    """A customer's record at the shop was made, changed or deleted."""

    conversation_id: str
    customer: str
    changed_at: float


class ShopOrderChanged(Value, frozen=True, kw_only=True):
    """An order was placed, paid, sent or cancelled; `total` is a decimal string.

    `number` is what the customer knows the order by (`1001`), `order_id` what the shop's API does.
    """

    order_id: VendorId
    number: Annotated[str, Meta(pattern=r"\A[0-9]{1,19}\Z")]
    payment: PaymentState
    fulfillment: FulfillmentState
    total: Amount
    currency: Currency
    changed_at: float
    cancel_reason: CancelReason = ""
    customer: str = ""
    conversation_id: str = ""


class ShopParcelChanged(Value, frozen=True, kw_only=True):
    """A parcel of this order left, or came further; `state` is empty until its carrier says anything."""

    number: Annotated[str, Meta(pattern=r"\A[0-9]{1,19}\Z")]
    state: ParcelState
    changed_at: float


class ShopStockChanged(Value, frozen=True, kw_only=True):
    """How much of one item is there at one location; `available` is None where the shop does not count."""

    inventory_item_id: VendorId
    location_id: VendorId
    available: int | None
    changed_at: float


class ShopPersonRequest(Value, frozen=True, kw_only=True):
    """Somebody asks, through the shop, for what is kept of them to be handed out or erased.

    `request_id` is the shop's number of a request for data, 0 for an erasure.
    """

    conversation_id: str
    customer: str
    received_at: float
    request_id: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0


class RecordChanged(Value, frozen=True, kw_only=True):
    """A passing sign for every gateway, never stored: the shop's record of a customer is another one now.

    `conversation_id` is that customer's place among events: nobody's name travels.
    """

    conversation_id: str


class ShopGone(Value, frozen=True, kw_only=True):
    """The shop has uninstalled us two days ago: everything of its customers is to be erased."""

    shop_id: VendorId
    received_at: float


class TicketChanged(Value, frozen=True, kw_only=True):
    """A ticket was opened, changed, closed, or given to somebody else.

    `hand_over_id` is ours, where the ticket came from us. `public` says that a comment can be read by the
    customer. `previous_priority` is set when the priority was changed. Who it is assigned to is a colleague's
    personal data: `group_id` is their team, 0 for none.
    """

    ticket: Annotated[str, Meta(pattern=r"\A[0-9]{1,19}\Z")]
    change: TicketChange
    status: TicketState
    priority: TicketPriority
    changed_at: float
    previous_priority: TicketPriority = ""
    assigned: bool = False
    group_id: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    public: bool = False
    hand_over_id: str = ""


class TicketRated(Value, frozen=True, kw_only=True):
    """A customer said how a ticket was handled; their words stay at the helpdesk."""

    ticket: Annotated[str, Meta(pattern=r"\A[0-9]{1,19}\Z")]
    score: Score
    rated_at: float
    hand_over_id: str = ""


class WebhookUnreadable(Value, frozen=True, kw_only=True):
    """A vendor signed something that is not what its topic should be; for operators, without its content.

    `topic` is one we know, `field` where it went wrong (`.customer.id`), `digest` the SHA-256 of the body in
    hex: with the time, it finds the delivery in the vendor's own log.
    """

    vendor: Vendor
    topic: str
    field: str
    digest: str
    size: int
    received_at: float
