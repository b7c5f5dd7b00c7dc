"""The knowledge agent: passages with citations, and facts from the shop."""

import time

from shared import telemetry
from shared.contracts import FactsFetched, FetchFacts, Order, PassagesRetrieved, RetrievePassages, Usage
from shared.ports import CommerceApi, KnowledgeIndex

_PER_LOCALE = 4
_MOST_PROOFS = 3


async def retrieve(ask: RetrievePassages, *, index: KnowledgeIndex) -> PassagesRetrieved:
    """The best passages over the floor, a few for each locale."""
    started = time.perf_counter()
    found = await index.search(ask.text, language=ask.language_prior, k=_PER_LOCALE)
    best = max((passage.score for passage in found.passages + found.nearest), default=0.0)
    telemetry.note(passages=len(found.passages), best=best)
    spent = round((time.perf_counter() - started) * 1000, 2)
    return PassagesRetrieved(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        passages=found.passages,
        nearest=found.nearest,
        usage=Usage(engine="embedded", model="index", latency_ms=spent),
    )


async def fetch(ask: FetchFacts, *, shop: CommerceApi) -> FactsFetched:
    """What the shop knows, for who may hear it."""
    scope = ask.conversation_id
    order, lookup = None, "not_asked"
    if "order" in ask.wants and ask.order_number:
        order = await _order(ask, shop)
        lookup = "found" if order else "unknown"
    orders: tuple[Order, ...] = ()
    if "orders" in ask.wants and ask.customer:
        orders = tuple(await shop.orders_of_customer(customer=ask.customer, conversation_id=scope))
    customer = None
    if "customer" in ask.wants and ask.customer:
        customer = await shop.customer(ask.customer, conversation_id=scope)
    products = tuple(await shop.products(ask.product_query)) if "products" in ask.wants else ()
    telemetry.note(order_lookup=lookup, orders=len(orders), products=len(products))
    return FactsFetched(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        order_lookup=lookup,  # type: ignore[arg-type]
        order=order,
        orders=orders,
        customer=customer,
        products=products,
    )


async def _order(ask: FetchFacts, shop: CommerceApi) -> Order | None:
    """The order for its signed-in owner, for who proved it before, or for who proves it now."""
    number, scope = ask.order_number, ask.conversation_id
    if ask.customer:
        return await shop.order_of_customer(number, customer=ask.customer, conversation_id=scope)
    if number in ask.proved_orders:
        return await shop.order_proved(number, conversation_id=scope)
    # The e-mail is one of the message's tokens; which one, no token tells.
    for token in ask.email.split()[:_MOST_PROOFS]:
        found = await shop.order_by_proof(number, email=token, conversation_id=scope)
        if found is not None:
            return found
    return None
