"""What replies promise customers: found, dated, held against what covers it, and seen kept or broken."""

from shared.promises.checking import Checked, PromiseWarning, check
from shared.promises.finding import MOST, RECEIPTS, promises_in
from shared.promises.following import Following
from shared.promises.keeping import (
    GRACE_SECONDS,
    is_of,
    kept_by_order,
    kept_by_receipt,
    kept_by_staff,
    kept_by_task,
    kept_by_ticket,
    made_in,
    voided_by_case,
    voided_by_order,
)

__all__ = [
    "GRACE_SECONDS",
    "MOST",
    "RECEIPTS",
    "Checked",
    "Following",
    "PromiseWarning",
    "check",
    "is_of",
    "kept_by_order",
    "kept_by_receipt",
    "kept_by_staff",
    "kept_by_task",
    "kept_by_ticket",
    "made_in",
    "promises_in",
    "voided_by_case",
    "voided_by_order",
]
