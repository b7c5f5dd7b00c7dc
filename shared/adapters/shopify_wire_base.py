"""What the shapes of Shopify's answers are made of."""

from typing import Generic, TypeVar

import msgspec

Node = TypeVar("Node")


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of an answer; fields we did not ask for are skipped."""


class Page(Wire, frozen=True, kw_only=True):
    """Where a connection was cut."""

    has_next_page: bool = False


class Nodes(msgspec.Struct, Generic[Node], frozen=True):
    """A connection's nodes; `page` says whether there are more, where it was asked for."""

    nodes: list[Node]
    page: Page = msgspec.field(default=Page(), name="pageInfo")

    @property
    def cut(self) -> bool:
        """There are more than were read."""
        return self.page.has_next_page


class Amount(Wire, frozen=True, kw_only=True):
    """A decimal string with its currency."""

    amount: str
    currency_code: str


class Money(Wire, frozen=True, kw_only=True):
    """An amount in the shop's currency."""

    shop_money: Amount


class Ref(Wire, frozen=True, kw_only=True):
    """Any object by id."""

    id: str


class ProductTags(Wire, frozen=True, kw_only=True):
    """What a line's product is marked with."""

    tags: list[str]


class TaxLine(Wire, frozen=True, kw_only=True):
    """A tax on a line."""

    price_set: Money
