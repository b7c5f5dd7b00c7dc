"""Tells staff, before they send, what their words promise that nothing covers; they may send it anyway."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from shared.contracts import Due, Fact, Language, Promise, Receipt, Sentence
from shared.hand_over import ZONE, due_at
from shared.promises.calendar import after_business_days
from shared.promises.finding import RECEIPTS, promises_in
from shared.promises.money import amount_in

REFUND_BUSINESS_DAYS = 5
"""The fewest that a refund takes (FACTS.toml `refunds.refund_business_days`; a test compares)."""
_DONE = "shop's receipt"
WarningKind = Literal["no_receipt", "amount", "too_early", "past", "closed", "no_time"]
_NEED_HOURS = frozenset({"call_back", "answer_by", "ticket_update"})


@dataclass(frozen=True)
class PromiseWarning:
    """What is wrong with one promise, in words for staff; `span` are theirs."""

    kind: WarningKind
    span: str
    message: str


@dataclass(frozen=True)
class Checked:
    """What a draft would promise (it is theirs once it is sent), and what nothing covers."""

    promises: tuple[Promise, ...]
    warnings: tuple[PromiseWarning, ...]


def check(
    text: str,
    language: Language,
    *,
    now: float,
    receipts: Sequence[Receipt] = (),
    facts: Collection[Fact] = (),
) -> Checked:
    """What a member of staff's text, tokenized or not, commits them to at `now` (seconds since 1970).

    `receipts` are of the conversation so far, `facts` those of the order that it is about. Deterministic, and
    cheap enough to ask while somebody types.
    """
    found = promises_in([Sentence(text=text)], language, now=now, earlier=receipts, speaker="staff")
    binding = tuple(promise for promise in found if promise.binding)
    known = {fact.id: fact.value for fact in facts}
    warnings = (warning for promise in binding for warning in _warnings(promise, now, known))
    return Checked(binding, tuple(warnings))


def _warnings(promise: Promise, now: float, facts: Mapping[str, str]) -> Iterator[PromiseWarning]:
    if promise.kind in RECEIPTS and not promise.source.startswith("receipt:"):
        told = f"nothing was done yet: there is no {_DONE} for this {promise.kind.replace('_', ' ')}"
        yield PromiseWarning("no_receipt", promise.span, f"{told}. Do it first, or it is yours to do.")
    yield from _amount(promise, facts)
    if promise.due is not None:
        yield from _time(promise, promise.due, now, facts)
    elif promise.kind in _NEED_HOURS:
        yield PromiseWarning("no_time", promise.span, "say by when: nobody can see that this is late.")


def _amount(promise: Promise, facts: Mapping[str, str]) -> Iterator[PromiseWarning]:
    """More than was paid, or another amount than the shop has refunded."""
    if promise.kind != "refund" or not promise.amount or promise.currency == "%":
        return
    amount = Decimal(promise.amount)
    refunded = _money(facts, promise.order, "refunded")
    total = _money(facts, promise.order, "total")
    if promise.source.startswith("receipt:") and refunded is not None and amount != refunded:
        yield PromiseWarning("amount", promise.span, f"the shop refunded {refunded}, not {amount}.")
    elif total is not None and amount > total:
        yield PromiseWarning("amount", promise.span, f"the order was {total} in all, less than {amount}.")


def _money(facts: Mapping[str, str], order: str, field: str) -> Decimal | None:
    """An amount of the order the promise is about; of the only one that is known when it names none."""
    fitting = [
        value for name, value in facts.items()
        if name.endswith(f"/{field}") and name.startswith(f"order:{order}/" if order else "order:")
    ]  # fmt: skip
    amount = amount_in(fitting[0].lower())[0] if len(fitting) == 1 else ""
    return Decimal(amount) if amount else None


def _time(promise: Promise, due: Due, now: float, facts: Mapping[str, str]) -> Iterator[PromiseWarning]:
    if due.until < now:
        yield PromiseWarning("past", promise.span, "that time has passed.")
        return
    if promise.kind in _NEED_HOURS and due.since >= due.until and due_at(due.until, 0) != due.until:
        yield PromiseWarning("closed", promise.span, "nobody of support works at that time.")
    last = datetime.fromtimestamp(due.until, ZoneInfo(ZONE)).date()
    if promise.kind == "refund":
        soonest = after_business_days(
            datetime.fromtimestamp(now, ZoneInfo(ZONE)).date(), REFUND_BUSINESS_DAYS
        )
        if last < soonest:
            said = f"refunds take at least {REFUND_BUSINESS_DAYS} business days, until {soonest.isoformat()}."
            yield PromiseWarning("too_early", promise.span, said)
    expected = [value for name, value in facts.items() if name.endswith("/expected_on")]
    if promise.kind == "delivery_date" and len(expected) == 1 and last.isoformat() < expected[0][:10]:
        yield PromiseWarning(
            "too_early", promise.span, f"the carrier expects to deliver on {expected[0][:10]}."
        )
