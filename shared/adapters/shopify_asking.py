"""Asks Shopify for one change, and says how an action ended."""

import uuid
from dataclasses import dataclass

from shared import contracts as c
from shared.adapters import shopify_queries as queries
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_client import VENDOR, ShopifyClient
from shared.errors import VendorDown

# Turns our key into the vendor's recommended form; the value only has to stay the same forever.
_KEYS = uuid.UUID("5f0f2a0c-6d6e-4d8f-9b8a-3f1a4f4f7c11")


@dataclass(frozen=True)
class Refused:
    """Why an action cannot be done, as staff read it, and `code` for customers.

    `half`: what was begun of it could not be taken back.
    """

    why: str
    code: c.Refusal = "other"
    half: bool = False


def by_hand(why: str) -> Refused:
    """What only a person can do, where the shop's own pages show more than we see."""
    return Refused(f"{why}: do it in the shop's admin", "by_hand")


_MARK = "desk:"


def is_ours(note: str | None) -> bool:
    """Whether a note at the vendor carries the mark of any action of this desk."""
    return _MARK in (note or "")


@dataclass(frozen=True)
class Mark:
    """How an action is known again at the vendor: `key` for idempotent mutations, `text` for notes."""

    key: uuid.UUID

    @classmethod
    def of(cls, key: str) -> "Mark":
        """The mark of our idempotency key."""
        return cls(uuid.uuid5(_KEYS, key))

    @property
    def text(self) -> str:
        """For a note."""
        return f"{_MARK}{self.key}"

    @property
    def tag(self) -> str:
        """For a tag, of which the vendor takes 40 characters."""
        return f"desk-{self.key.hex}"

    @property
    def short(self) -> str:
        """A reference to tell a customer, where the vendor gives none."""
        return f"D-{self.key.hex[:8].upper()}"


async def change(client: ShopifyClient, mutation: str, **variables: object) -> wire.Outcome:
    """One change, with what the vendor says of it. Raises `VendorDown` or `VendorRefused`."""
    done = (await client.once(mutation, wire.Done, **variables)).done
    if done is None:
        raise VendorDown(VENDOR, "answered nothing about the change")
    return done


async def ask(client: ShopifyClient, mutation: str, **variables: object) -> Refused | None:
    """One change; None when the vendor has taken it. Raises as `change`."""
    return refusal(await change(client, mutation, **variables))


def refusal(done: wire.Outcome) -> Refused | None:
    """The vendor's reasons, if it refused."""
    return Refused("; ".join(problem.message for problem in done.problems)) if done.problems else None


async def variant_of(client: ShopifyClient, sku: str) -> str:
    """The id of the variant with this SKU; empty when the shop has none."""
    found = (await client.once(queries.VARIANT, wire.Variants, search=f'sku:"{sku}"')).product_variants.nodes
    return next((row.id for row in found if row.sku == sku), "")


def receipt(action: c.Action, reference: str, *, label: str = "") -> c.Receipt:
    """It happened; of a refund that waits for its goods, the return."""
    waits = isinstance(action, c.Refund) and action.goods_back and not action.of_return
    return c.Receipt(
        kind="return" if waits else action.kind,
        order_number=action.order_number,
        status="done",
        reference=reference,
        label=label,
        part=isinstance(action, c.Cancel) and bool(action.items),
    )


def refused(action: c.Action, no: Refused) -> c.Receipt:
    """It did not."""
    return c.Receipt(
        kind=action.kind,
        order_number=action.order_number,
        status="half" if no.half else "refused",
        reference="",
        detail=no.why,
        why=no.code,
    )
