"""Asks the shop for the facts of one turn."""

from collections.abc import Awaitable, Callable
from typing import Any

from conversation.asks import TurnState, ids
from shared import contracts as c


class Fetcher:
    """Asks the knowledge agent for the facts of one turn, and keeps the customer's name that comes along."""

    def __init__(self, ask: Callable[..., Awaitable[tuple[Any, float]]], state: TurnState) -> None:
        self._ask = ask
        self._state = state
        self._asked = 0
        self._found: dict[tuple[object, ...], c.FactsFetched] = {}
        self._customer = state["turn"].customer or state["before"].customer
        self.first_name = state["before"].first_name

    async def fetch(
        self,
        *wants: c.Want,
        order_number: str = "",
        email: str = "",
        product_query: str = "",
        address: str = "",
        most_products: int = 3,
    ) -> c.FactsFetched:
        """These facts; the first time a conversation asks the shop for any, also who is writing.

        Two needs of one message get the same answer: a wrong proof is one try, however often it is wanted.
        """
        same = (wants, order_number, email, product_query, address, most_products)
        if same in self._found:
            return self._found[same]
        self._asked += 1
        if self._asked == 1 and self._customer and not self.first_name:
            wants = (*wants, "customer")
        ask = c.FetchFacts(
            **ids(self._state, f"facts-{self._asked}"),
            wants=wants,
            customer=self._customer,
            proved_orders=self._state["before"].proved_orders,
            order_number=order_number,
            email=email,
            product_query=product_query,
            address=address,
            most_products=most_products,
            place=self._state["turn"].place,
        )
        found: c.FactsFetched = (await self._ask(c.FETCH, ask))[0]
        if found.customer is not None:
            self.first_name = found.customer.first_name
        self._found[same] = found
        return found
