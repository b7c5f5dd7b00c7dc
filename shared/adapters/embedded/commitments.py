"""Finds in a draft what it commits us to that no receipt, policy passage or fact covers."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from shared.adapters.embedded.promises import Cover, Promises, approved
from shared.adapters.embedded.unmasking import fold
from shared.adapters.embedded.values import values_of
from shared.contracts import Finding, Language, Promise, Sentence
from shared.promises import RECEIPTS, promises_in
from shared.promises.money import amount_in

_DESKS_OWN = frozenset({"answer_by", "ticket_update", "other", "call_back"})


def unbacked(text: str, language: Language, promises: Promises, cover: Cover) -> Iterator[Finding]:
    """The commitments of one sentence that nothing backs, one finding each.

    For a sentence that the older rules have nothing against: they compare its days and numbers with what it
    cites. Days are not looked at here, so that the same draft always gets the same verdict.
    """
    for promise in promises_in([Sentence(text=text)], language, now=0.0):
        if not promise.binding:
            continue
        if (right := _other_amount(promise, cover)) is not None:
            yield _finding(promise, f"{right} was approved: say that amount")
        elif not _covered(promise, language, promises, cover):
            remedy = "no receipt, policy passage or fact covers this promise: leave it out, or hand over"
            yield _finding(promise, remedy)


def _covered(promise: Promise, language: Language, promises: Promises, cover: Cover) -> bool:
    """What the sentence cites is compared by other rules; here it is enough that there is something."""
    if cover.sources or cover.facts or _proved(promise, cover.receipts):
        return True
    if approved(values_of(promise.text, language), cover.allowed):
        return True
    if promise.kind == "other" and not promise.amount and promise.due is None:
        return True  # that somebody looks at it is nothing to hold us to
    if promise.due is not None and cover.allowed:
        return True  # a time that policy gave: the rule of values compares it
    return promise.kind in _DESKS_OWN and promises.own.search(fold(promise.span)) is not None


def _proved(promise: Promise, receipts: Mapping[str, str]) -> bool:
    # A refund that was agreed to and is paid later may be told as agreed to.
    proving = RECEIPTS.get(promise.kind, frozenset()) | (
        {"refund_agreed"} if promise.kind == "refund" else set()
    )
    return any(name.split(":")[1] in proving and value.startswith("done") for name, value in receipts.items())


def _other_amount(promise: Promise, cover: Cover) -> str | None:
    """The amount that was approved, when a refund that was made names another one."""
    if promise.kind != "refund" or not promise.amount or not _proved(promise, cover.receipts):
        return None
    allowed = [amount_in(fold(line)) for line in cover.allowed.splitlines()]
    money = [found for found in allowed if found[0] and found[1] != "%"]
    if not money or any(Decimal(amount) == Decimal(promise.amount) for amount, _ in money):
        return None
    return " ".join(money[0])


def _finding(promise: Promise, remedy: str) -> Finding:
    return Finding(rule="output.promise", span=promise.span, remedy=remedy)
