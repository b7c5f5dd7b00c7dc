"""The shapes of Shopify's answers, checked while they are decoded."""

from shared.adapters.shopify_wire_base import Money, Nodes, ProductTags, Ref, TaxLine, Wire
from shared.adapters.shopify_wire_given import RefundedOrder, ResentOrder, SentBackOrder


class Line(Wire, frozen=True, kw_only=True):
    """A line of an order."""

    refundable_quantity: int
    is_gift_card: bool
    original_unit_price_set: Money
    discounted_unit_price_after_all_discounts_set: Money | None = None
    tax_lines: list[TaxLine] = []
    id: str = ""
    title: str = ""
    variant_title: str | None = None
    sku: str | None = None
    quantity: int = 0
    product: ProductTags | None = None

    @property
    def returnable(self) -> bool:
        """Not a gift card, not final sale, not sent back already."""
        final = self.product is not None and "final-sale" in self.product.tags
        return not (self.is_gift_card or final or self.gone)

    @property
    def gone(self) -> bool:
        """Sent back, paid back or taken out of the order."""
        return self.refundable_quantity <= 0


class Tracking(Wire, frozen=True, kw_only=True):
    """Who carries a parcel, under which number."""

    company: str | None = None
    number: str | None = None


class LineRef(Wire, frozen=True, kw_only=True):
    """Which line of the order."""

    id: str
    sku: str | None = None


class ShippedLine(Wire, frozen=True, kw_only=True):
    """A line as it went into a parcel."""

    id: str
    quantity: int
    line_item: LineRef


class Parcel(Wire, frozen=True, kw_only=True):
    """A fulfillment."""

    status: str
    display_status: str | None = None
    created_at: str = ""
    estimated_delivery_at: str | None = None
    delivered_at: str | None = None
    tracking_info: list[Tracking] = []
    fulfillment_line_items: Nodes[ShippedLine] = Nodes([])


class Refund(Wire, frozen=True, kw_only=True):
    """Money paid back."""

    created_at: str | None = None
    legacy_resource_id: str = ""
    note: str | None = None
    total_refunded_set: Money | None = None


class ReturnedLine(Wire, frozen=True, kw_only=True):
    """A line on its way back; `processable_quantity` of it can still be refunded with its return.

    Only a `ReturnLineItem` is of a shipped line; an `UnverifiedReturnLineItem` is of nothing the shop sold.
    """

    quantity: int
    return_reason_note: str
    fulfillment_line_item: Ref | None = None
    id: str = ""
    processable_quantity: int = 0


class ShippedRef(Wire, frozen=True, kw_only=True):
    """Of a shipped line, which of the order it is."""

    line_item: Ref


class LineSentBack(Wire, frozen=True, kw_only=True):
    """So many of a line of the order that are in a return; unverified ones are of no line."""

    quantity: int
    fulfillment_line_item: ShippedRef | None = None


class Return(Wire, frozen=True, kw_only=True):
    """Things sent back."""

    status: str
    return_line_items: Nodes[LineSentBack] = Nodes([])


class Owner(Wire, frozen=True, kw_only=True):
    """Whose order it is, and what they were given lately."""

    id: str
    legacy_resource_id: str = ""
    refunded: Nodes[RefundedOrder] = Nodes([])
    sent_back: Nodes[SentBackOrder] = Nodes([])
    resent: Nodes[ResentOrder] = Nodes([])


class Address(Wire, frozen=True, kw_only=True):
    """A postal address."""

    formatted: list[str] = []
    name: str | None = None
    address1: str | None = None
    address2: str | None = None
    zip: str | None = None
    phone: str | None = None


class Order(Wire, frozen=True, kw_only=True):
    """An order as the read queries ask for it."""

    name: str
    processed_at: str
    display_fulfillment_status: str
    return_status: str
    total_price_set: Money
    total_refunded_set: Money
    line_items: Nodes[Line]
    fulfillments: list[Parcel]
    refunds: list[Refund]
    returns: Nodes[Return]
    display_financial_status: str | None = None
    cancelled_at: str | None = None
    shipping_address: Address | None = None
    email: str | None = None
    customer: Owner | None = None
    total_shipping_price_set: Money | None = None
    taxes_included: bool = False
    discount_codes: list[str] = []


class Orders(Wire, frozen=True, kw_only=True):
    """The answer of `ORDER`."""

    orders: Nodes[Order]


class OwnerWithOrders(Owner, frozen=True, kw_only=True):
    """A customer with orders."""

    orders: Nodes[Order]


class OrdersOfCustomer(Wire, frozen=True, kw_only=True):
    """The answer of `ORDERS_OF_CUSTOMER`."""

    customer: OwnerWithOrders | None


class Email(Wire, frozen=True, kw_only=True):
    """A customer's e-mail."""

    email_address: str


class Phone(Wire, frozen=True, kw_only=True):
    """A customer's phone."""

    phone_number: str


class OrderName(Wire, frozen=True, kw_only=True):
    """An order's name, `#1001`."""

    name: str


class Person(Wire, frozen=True, kw_only=True):
    """A customer as `CUSTOMER` asks."""

    locale: str
    orders: Nodes[OrderName]
    first_name: str | None = None
    legacy_resource_id: str = ""
    default_email_address: Email | None = None


class CustomerFound(Wire, frozen=True, kw_only=True):
    """The answer of `CUSTOMER`."""

    customer: Person | None


class ShippedTo(Wire, frozen=True, kw_only=True):
    """An order only for its address."""

    shipping_address: Address | None


class Record(Wire, frozen=True, kw_only=True):
    """A customer's personal values as `RECORD` asks."""

    display_name: str
    orders: Nodes[ShippedTo]
    first_name: str | None = None
    last_name: str | None = None
    default_email_address: Email | None = None
    default_phone_number: Phone | None = None
    default_address: Address | None = None


class RecordFound(Wire, frozen=True, kw_only=True):
    """The answer of `RECORD`."""

    customer: Record | None


class InventoryItem(Wire, frozen=True, kw_only=True):
    """What the shop counts of a variant."""

    legacy_resource_id: str


class Variant(Wire, frozen=True, kw_only=True):
    """One buyable form."""

    title: str
    price: str
    sku: str | None = None
    inventory_quantity: int | None = None
    inventory_item: InventoryItem | None = None


class Product(Wire, frozen=True, kw_only=True):
    """A product."""

    handle: str
    title: str
    product_type: str
    description: str
    tags: list[str]
    variants: Nodes[Variant]


class Shop(Wire, frozen=True, kw_only=True):
    """The shop's own facts."""

    currency_code: str = ""


class Products(Wire, frozen=True, kw_only=True):
    """The answer of `PRODUCTS`."""

    shop: Shop
    products: Nodes[Product]


class Pong(Wire, frozen=True, kw_only=True):
    """The answer of `PING`."""

    shop: Shop
