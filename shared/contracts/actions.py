"""What can be asked of the shop, one frozen value for each kind, with the receipt that comes back.

An action is `previewed`, confirmed, executed and receipted. Its `key` names the *logical* action: the same
wish of one conversation is carried out once, through crash and redelivery. `reason` is no part of it, and
neither is what only says how it is shown.
"""

from typing import ClassVar, Literal

from shared.contracts.words import Value

ActionKind = Literal[
    "refund", "return", "exchange", "cancel", "address", "item", "resend", "store_credit", "newsletter",
    "loyalty",
]  # fmt: skip
ACTION_KINDS: tuple[ActionKind, ...] = (
    "refund", "return", "exchange", "cancel", "address", "item", "resend", "store_credit", "newsletter",
    "loyalty",
)  # fmt: skip


# Unknown fields are skipped: a yes may be given to what an older version asked.
class ActionBase(Value, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=False):
    """What every action has: the order it is about (empty: none), and why, in tokenized words."""

    kind: ClassVar[ActionKind]
    order_number: str = ""
    reason: str = ""

    @property
    def what(self) -> str:
        """What tells this action from others of its kind for the same order."""
        return ""

    @property
    def key(self) -> str:
        """The idempotency key of the logical action."""
        return f"{self.kind}:{self.order_number}:{self.what}"


class Refund(ActionBase, frozen=True, kw_only=True, tag="refund"):
    """Money back over the order's own payment. `amount` is a decimal string, `items` SKUs (empty: all).

    `goods_back`: a return with this `label` is opened, and the money is sent once its parcel has arrived;
    `label_cost` is what `amount` already lacks for the label. `of_return` is that return's name at the shop
    when the time for the money has come.
    """

    kind: ClassVar[ActionKind] = "refund"
    items: tuple[str, ...] = ()
    amount: str = ""
    currency: str = ""
    goods_back: bool = False
    label: str = ""
    label_cost: str = ""
    of_return: str = ""

    @property
    def what(self) -> str:
        """Items and amount, and the return they came back with."""
        return f"{_listed(self.items)}:{self.amount}" + (f":{self.of_return}" if self.of_return else "")


class Return(ActionBase, frozen=True, kw_only=True, tag="return"):
    """Items (SKUs; empty: all) come back. `label`: the address of their label, `{return}` for its name.

    `amount` is what is refunded once they have arrived, `label_cost` what it already lacks for the label.
    """

    kind: ClassVar[ActionKind] = "return"
    items: tuple[str, ...] = ()
    label: str = ""
    amount: str = ""
    currency: str = ""
    label_cost: str = ""

    @property
    def what(self) -> str:
        """The items; the colon is where amounts once stood, so that keys stay what they were."""
        return f"{_listed(self.items)}:"


class Exchange(ActionBase, frozen=True, kw_only=True, tag="exchange"):
    """One item (a SKU) comes back, another is sent for it. `label` as for a return."""

    kind: ClassVar[ActionKind] = "exchange"
    item: str
    wanted: str
    quantity: int = 1
    label: str = ""

    @property
    def what(self) -> str:
        """From which to which."""
        return f"{self.item}>{self.wanted}x{self.quantity}"


class Cancel(ActionBase, frozen=True, kw_only=True, tag="cancel"):
    """The order is stopped before fulfilment, and paid back: all of it, or these `items` (SKUs) alone.

    `amount` is what is paid back for the items; a whole order needs none.
    """

    kind: ClassVar[ActionKind] = "cancel"
    items: tuple[str, ...] = ()
    amount: str = ""
    currency: str = ""

    @property
    def what(self) -> str:
        """The items; see `Return.what`."""
        return f"{_listed(self.items)}:"


class ChangeAddress(ActionBase, frozen=True, kw_only=True, tag="address"):
    """An unshipped order goes to another `address`: the customer's own words, personal values as tokens."""

    kind: ClassVar[ActionKind] = "address"
    address: str

    @property
    def what(self) -> str:
        """Where to."""
        return self.address


class ChangeItem(ActionBase, frozen=True, kw_only=True, tag="item"):
    """All of an item (a SKU) of an unshipped order becomes `wanted`, another SKU; empty: it is taken out."""

    kind: ClassVar[ActionKind] = "item"
    item: str
    wanted: str = ""

    @property
    def what(self) -> str:
        """From which to which."""
        return f"{self.item}>{self.wanted}"


class Resend(ActionBase, frozen=True, kw_only=True, tag="resend"):
    """Items of an order (SKUs; empty: all) are sent once more, for nothing."""

    kind: ClassVar[ActionKind] = "resend"
    items: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """The items."""
        return _listed(self.items)


class StoreCredit(ActionBase, frozen=True, kw_only=True, tag="store_credit"):
    """What was paid for an order is given back as credit at the shop; `amount` a decimal string."""

    kind: ClassVar[ActionKind] = "store_credit"
    amount: str
    currency: str = ""

    @property
    def what(self) -> str:
        """The amount."""
        return self.amount


class Newsletter(ActionBase, frozen=True, kw_only=True, tag="newsletter"):
    """The signed-in customer gets the newsletter, or no longer."""

    kind: ClassVar[ActionKind] = "newsletter"
    wish: Literal["subscribe", "unsubscribe"]

    @property
    def what(self) -> str:
        """On or off."""
        return self.wish


class CorrectLoyalty(ActionBase, frozen=True, kw_only=True, tag="loyalty"):
    """So many points are added to the signed-in customer's (negative: taken away)."""

    kind: ClassVar[ActionKind] = "loyalty"
    points: int

    @property
    def what(self) -> str:
        """How many."""
        return str(self.points)


Action = (
    Refund
    | Return
    | Exchange
    | Cancel
    | ChangeAddress
    | ChangeItem
    | Resend
    | StoreCredit
    | Newsletter
    | CorrectLoyalty
)


Refusal = Literal[
    "", "no_order", "not_in_order", "already_back", "already_paid", "too_much", "shipped", "cancelled",
    "sold_out", "address", "account", "not_arrived", "incomplete", "currency", "by_hand", "other",
]  # fmt: skip
"""Why the shop refused an action, as customers can be told; `already_back`: sent back or on its way.

`by_hand`: it can be done, by a person at the shop alone, so one is asked to.
"""


class Receipt(Value, frozen=True, kw_only=True):
    """Proof that an action happened (`done`), or why not (`refused`): `why` for customers.

    `detail` is the vendor's own reason, for staff alone. `half`: the vendor did a part that could neither be
    finished nor undone; `detail` says which. `label` is where a return's label is printed. What a refund
    that waits for its goods brings about is a return, so that is the `kind` of its receipt. `part`: of the
    order some items alone.
    """

    kind: ActionKind
    order_number: str
    status: Literal["done", "refused", "half"]
    reference: str
    detail: str = ""
    label: str = ""
    why: Refusal = ""
    part: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether only a person can bring it to an end."""
        return self.status == "half" or self.why == "by_hand"


def _listed(items: tuple[str, ...]) -> str:
    return ",".join(sorted(items))
