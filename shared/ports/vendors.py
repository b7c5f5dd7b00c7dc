"""The shop and the helpdesk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.contracts import (
    Action,
    Customer,
    HandOver,
    Order,
    Priority,
    Product,
    Receipt,
    Said,
)


class CommerceApi(Protocol):
    """The shop.

    Customers and e-mails come and go as tokens of `conversation_id`; only the adapter opens
    them, for the purpose `commerce`. Raises `VendorDown` or `VendorRefused`; "no such order" is None.
    """

    async def customer(self, customer: str, *, conversation_id: str) -> Customer | None:
        """The customer behind the token of a shop customer id, with their order numbers, newest first."""
        ...

    async def order_of_customer(self, number: str, *, customer: str, conversation_id: str) -> Order | None:
        """Their order of this number; None when there is none or it is someone else's."""
        ...

    async def order_by_proof(self, number: str, *, email: str, conversation_id: str) -> Order | None:
        """The order when number and e-mail (a token) belong together; None otherwise, whatever is wrong.

        Raises:
            NotAnAddress: the token stands for something else, a name or a phone number.
        """
        ...

    async def order_proved(self, number: str, *, conversation_id: str) -> Order | None:
        """An order the caller has proved earlier in this conversation."""
        ...

    async def orders_of_customer(
        self, *, customer: str, conversation_id: str, limit: int = 5
    ) -> Sequence[Order]:
        """Their newest orders."""
        ...

    async def products(self, query: str, *, limit: int = 3) -> Sequence[Product]:
        """Products that match, best first."""
        ...

    async def stocked(self, item: str) -> Product | None:
        """The product of this inventory item's number, with the one variant that it counts; or None."""
        ...

    async def execute(self, action: Action, *, customer: str, conversation_id: str, key: str) -> Receipt:
        """Carry it out once per `key`, and take back what the vendor did of it by half.

        A vendor's no is a refused receipt with its reason; `half` when taking back was refused too.
        Newsletter and loyalty are of the signed-in `customer`; all else is of an order.
        """
        ...

    async def record_of(self, customer_id: str) -> Sequence[str]:
        """The raw personal values of a signed-in customer: name, e-mail, phone, address lines.

        For the intake door only.
        """
        ...

    async def record_behind(self, customer: str, *, conversation_id: str) -> Sequence[str]:
        """The same of the customer behind a token, for what staff write to them."""
        ...

    async def ping(self) -> None:
        """Raises `VendorDown` when the shop does not answer."""
        ...


@dataclass(frozen=True)
class TicketWish:
    """What a ticket should become; empty leaves it as it is."""

    status: Literal["", "open", "solved"] = ""
    priority: Priority | Literal[""] = ""


@dataclass(frozen=True)
class TicketComment:
    """A person's words at the helpdesk. `public`: the customer may read them. `at` in seconds since 1970."""

    id: str
    author: str
    text: str
    public: bool
    at: float


class HelpdeskApi(Protocol):
    """Tickets. Text is revealed by the adapter for the purpose `helpdesk`."""

    async def open_ticket(self, hand_over: HandOver, *, transcript: Sequence[Said]) -> str:
        """Create the ticket of a hand-over, once per `hand_over.id`; returns the ticket number."""
        ...

    async def add_comment(
        self,
        ticket: str,
        text: str,
        *,
        conversation_id: str,
        key: str,
        public: bool = False,
        change: TicketWish | None = None,
    ) -> None:
        """Add what was said here, once per `key`, for staff only or for the customer's eyes too.

        `change` is made with it. Raises `VendorRefused` for a ticket that is closed for good.
        """
        ...

    async def comments(self, ticket: str, *, conversation_id: str, owner: str) -> Sequence[TicketComment]:
        """What people wrote at the helpdesk, oldest first, tokenized for this conversation.

        Without what we wrote there ourselves. `owner` is whose values those in it are.
        """
        ...

    async def erase_ticket(self, hand_over_id: str, *, ticket: str) -> bool:
        """Delete for good what was written for this hand-over; False when nothing was there.

        `ticket` is its number, empty when none was noted: then it is searched. Raises `VendorRefused` when
        our account may not delete.
        """
        ...

    async def ping(self) -> None:
        """Raises `VendorDown` when the helpdesk does not answer."""
        ...
