"""Receipts for what was erased: signed, so that they can be checked later."""

from typing import Protocol

import msgspec


class Removed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one store lost: counts by kind. `left` says what stays there and why, if anything does."""

    store: str
    removed: dict[str, int] = {}
    left: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Proof of an erasure. `customer` is their pseudonym in the audit log, times are UTC in ISO form.

    `by` is who did it and `purpose` what for; receipts of before have neither. `signature` is over the rest.
    """

    customer: str
    begun_at: str
    done_at: str
    conversations: int
    stores: tuple[Removed, ...]
    by: str = ""
    purpose: str = ""
    signature: str = ""


class ReceiptBook(Protocol):
    """Signs receipts with a key that only this installation has. Raises `VaultDown` without the key."""

    def sign(self, receipt: Receipt) -> Receipt:
        """The receipt with its signature."""
        ...

    def genuine(self, receipt: Receipt) -> bool:
        """Whether this installation signed it as it is."""
        ...
