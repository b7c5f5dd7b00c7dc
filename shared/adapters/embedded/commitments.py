"""Finds in a draft what it commits us to that no receipt, policy passage or fact covers."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from shared.adapters.embedded.promises import Cover, Promises, approved
from shared.adapters.embedded.unmasking import fold
from shared.adapters.embedded.values import values_of
from shared.contracts import Finding, Language, Promise, Sentence
from shared.promises import RECEIPTS, promises_in
from shared.promises.money import amount_in

_RULE = "output.promise"
_DESKS_OWN = frozenset({"answer_by", "ticket_update", "other", "call_back"})
# A day without a year is read from here: before the day that it is compared with.
_BEFORE = timedelta(days=30)
_MONEY = re.compile(r"[^\n]+")


def unbacked(
    text: str, language: Language, promises: Promises, cover: Cover, *, facts: Mapping[str, str]
) -> Iterator[Finding]:
    """The commitments of one sentence that nothing backs; one finding each.

    `facts` are all of the reply, by id. For what the older rules find already nobody asks here.
    """
    for promise in promises_in([Sentence(text=text)], language, now=_now(facts)):
        if not promise.binding:
            continue
        if (expected := _too_early(promise, facts)) is not None:
            yield _finding(promise, f"the shop expects it on {expected}: promise no earlier day")
        elif (right := _other_amount(promise, cover)) is not None:
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
    proving = RECEIPTS.get(promise.kind, frozenset())
    return any(name.split(":")[1] in proving and value.startswith("done") for name, value in receipts.items())


def _other_amount(promise: Promise, cover: Cover) -> str | None:
    """The amount that was approved, when a refund that was made names another one."""
    if promise.kind != "refund" or not promise.amount or not _proved(promise, cover.receipts):
        return None
    approved = [amount_in(fold(line)) for line in _MONEY.findall(cover.allowed)]
    money = [found for found in approved if found[0] and found[1] != "%"]
    if not money or any(float(amount) == float(promise.amount) for amount, _ in money):
        return None
    return " ".join(money[0])


def _too_early(promise: Promise, facts: Mapping[str, str]) -> str | None:
    """The day the shop expects, when the promise is for one before it."""
    expected = _expected(facts)
    if promise.kind != "delivery_date" or promise.due is None or expected is None:
        return None
    last = datetime.fromtimestamp(promise.due.until, UTC).date()
    return expected.date().isoformat() if last < expected.date() else None


def _now(facts: Mapping[str, str]) -> float:
    """Any moment shortly before the expected day: the same draft always gets the same verdict."""
    expected = _expected(facts)
    return (expected - _BEFORE).timestamp() if expected else _BEFORE.total_seconds()


def _expected(facts: Mapping[str, str]) -> datetime | None:
    days = [value[:10] for name, value in facts.items() if name.endswith("/expected_on")]
    try:
        return datetime.fromisoformat(days[0]).replace(tzinfo=UTC) if len(days) == 1 else None
    except ValueError:
        return None


def _finding(promise: Promise, remedy: str) -> Finding:
    return Finding(rule=_RULE, span=promise.span, remedy=remedy)
