"""The knowledge agent: passages with citations, and facts from the shop."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from shared import telemetry
from shared.contracts import (
    AddressRead,
    Customer,
    FactsFetched,
    FetchFacts,
    Order,
    OrderLookup,
    PassagesRetrieved,
    Product,
    RetrievePassages,
    Usage,
)
from shared.errors import AuditDown, DeskError, NotAnAddress, VendorDown, VendorGone
from shared.ports import AuditLog, Clock, CommerceApi, Deed, KnowledgeIndex, ProofTries

_PER_LOCALE = 4
_MOST_PROOFS = 8


async def retrieve(ask: RetrievePassages, *, index: KnowledgeIndex) -> PassagesRetrieved:
    """The best passages over the floor, a few for each locale; for each question of several, too."""
    started = time.perf_counter()
    found, *parts = await asyncio.gather(
        *(index.search(text, language=ask.language_prior, k=_PER_LOCALE) for text in (ask.text, *ask.parts))
    )
    best = max((passage.score for passage in found.passages + found.nearest), default=0.0)
    telemetry.note(
        passages=len(found.passages),
        best=best,
        sources=" ".join(passage.id for passage in found.passages),
        reasoning=f"{len(found.passages)} over the floor, the best scores {best:.2f}",
        alternatives=telemetry.alternatives(
            (passage.id, passage.score, "below the floor") for passage in found.nearest
        ),
    )
    spent = round((time.perf_counter() - started) * 1000, 2)
    return PassagesRetrieved(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        passages=found.passages,
        nearest=found.nearest,
        parts=tuple(part.passages for part in parts),
        usage=Usage(engine="embedded", model="index", latency_ms=spent),
    )


async def fetch(
    ask: FetchFacts, *, shop: CommerceApi, tries: ProofTries, audit: AuditLog, clock: Clock
) -> FactsFetched:
    """What the shop knows, for who may hear it.

    Raises `VendorGone` when the shop stayed silent: its adapter has asked for seconds already, and another
    round by the bus would only keep the customer waiting.
    """
    try:
        (order, lookup), orders, customer, products, address = await asyncio.gather(
            _order(ask, shop, _Proofs(shop, tries, audit, clock)),
            _orders(ask, shop),
            _customer(ask, shop),
            _products(ask, shop),
            _address(ask, shop),
        )
    except VendorDown as down:
        raise VendorGone(down.vendor, down.detail) from down
    telemetry.note(
        order_lookup=lookup,
        orders=len(orders),
        products=len(products),
        reasoning=f"asked the shop for {', '.join(ask.wants)}; the order: {lookup}",
    )
    return FactsFetched(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        order_lookup=lookup,
        order=order,
        orders=tuple(orders),
        customer=customer,
        products=tuple(products),
        address=address,
    )


async def _order(ask: FetchFacts, shop: CommerceApi, proofs: "_Proofs") -> tuple[Order | None, OrderLookup]:
    """The order for its signed-in owner, for who proved it before, or for who proves it now."""
    number, scope = ask.order_number, ask.conversation_id
    if "order" not in ask.wants or not number:
        return None, "not_asked"
    if ask.customer:
        found = await shop.order_of_customer(number, customer=ask.customer, conversation_id=scope)
    elif number in ask.proved_orders:
        found = await shop.order_proved(number, conversation_id=scope)
    else:
        return await proofs.proved(ask)
    return found, "found" if found else "unknown"


@dataclass(frozen=True)
class _Proofs:
    """Looks at a guest's proof, as long as there were not too many wrong ones."""

    shop: CommerceApi
    tries: ProofTries
    audit: AuditLog
    clock: Clock

    async def proved(self, ask: FetchFacts) -> tuple[Order | None, OrderLookup]:
        """The order when an e-mail of the message is its own."""
        lookup: OrderLookup = "needs_proof"
        number, scope, place = ask.order_number, ask.conversation_id, ask.place
        # The e-mail is one of the message's tokens; which one, no token tells.
        for token in ask.email.split()[:_MOST_PROOFS]:
            made = await self.tries.take(number, place=place, at=self.clock.now())
            if not made.allowed:
                # The 1st, 2nd, 4th, 8th ... refusal: all day long that is a handful of lines.
                if not made.refused & (made.refused - 1):
                    await self._denied(ask, "order proof while locked", refused=made.refused)
                return None, "locked"
            try:
                found = await self.shop.order_by_proof(number, email=token, conversation_id=scope)
            except NotAnAddress:
                await self.tries.untried(number, place=place, at=self.clock.now())
                continue
            except DeskError:
                await self.tries.untried(number, place=place, at=self.clock.now())
                raise
            if found is not None:
                await self.tries.right(number, place=place, at=self.clock.now())
                return found, "found"
            lookup = "unknown"
            await self._denied(ask, "order proof")
        return None, lookup

    async def _denied(self, ask: FetchFacts, purpose: str, **counts: int) -> None:
        """Nobody has got in, so an audit log that is down is no reason to fail."""
        with suppress(AuditDown):
            await self.audit.write(
                Deed(
                    action="access_denied",
                    purpose=purpose,
                    conversation_id=ask.conversation_id,
                    actor=ask.place,
                    counts=counts,
                )
            )


async def _orders(ask: FetchFacts, shop: CommerceApi) -> Sequence[Order]:
    if "orders" not in ask.wants or not ask.customer:
        return ()
    return await shop.orders_of_customer(customer=ask.customer, conversation_id=ask.conversation_id)


async def _customer(ask: FetchFacts, shop: CommerceApi) -> Customer | None:
    if "customer" not in ask.wants or not ask.customer:
        return None
    return await shop.customer(ask.customer, conversation_id=ask.conversation_id)


async def _address(ask: FetchFacts, shop: CommerceApi) -> AddressRead | None:
    if "address" not in ask.wants or not (ask.customer and ask.order_number):
        return None
    return await shop.read_address(
        ask.address, number=ask.order_number, customer=ask.customer, conversation_id=ask.conversation_id
    )


async def _products(ask: FetchFacts, shop: CommerceApi) -> Sequence[Product]:
    if "products" not in ask.wants:
        return ()
    return await shop.products(ask.product_query, limit=ask.most_products)
