"""Finds what a reply promises, with the time it is due and what it rests on."""

import re
from collections.abc import Sequence

from msgspec import structs

from shared.contracts import Due, Language, Promise, Promiser, Receipt, Sentence
from shared.hand_over import ZONE
from shared.promises.due import resolved
from shared.promises.reading import Commitment, commitments_in, sentences_of

MOST = 20
"""Promises of one reply that are kept track of."""
_MOST_SENTENCES = 200
RECEIPTS: dict[str, frozenset[str]] = {
    "refund": frozenset({"refund"}),
    "replacement": frozenset({"replacement", "resend", "exchange"}),
    "return_label": frozenset({"return_label", "return"}),
    "discount": frozenset({"discount"}),
    "store_credit": frozenset({"store_credit", "loyalty"}),
}
"""Kinds of receipts that prove a promise, by its kind."""
_ORDER = re.compile(r"#(\d{3,19})\b")
# A field of an order that says what has happened already: the sentence reports.
_HAPPENED = ("refunded", "refunded_on", "shipped_on", "delivered_on", "cancelled_on")
_REPORTS = 0.3
_DAY = 86_400.0
# What "it arrives by Friday" may be about.
_SENT = frozenset({"refund", "replacement", "return_label", "store_credit", "discount"})


def promises_in(
    sentences: Sequence[Sentence],
    language: Language,
    *,
    now: float,
    receipts: Sequence[Receipt] = (),
    earlier: Sequence[Receipt] = (),
    speaker: Promiser = "bot",
    zone: str = ZONE,
) -> tuple[Promise, ...]:
    """What these sentences promise at `now` (seconds since 1970), in their order; at most 20.

    `binding` ones are commitments; the others inform of what will happen (an expected day, a policy).
    `receipts` are of this turn: a promise rests on the one of its kind; on those of `earlier` only what is
    said to be done. `zone` is where days begin.
    """
    found: list[Promise] = []
    numbers = {number for sentence in sentences for number in _ORDER.findall(sentence.text)}
    numbers |= {receipt.order_number for receipt in receipts if receipt.order_number}
    only = next(iter(numbers)) if len(numbers) == 1 else ""
    # What staff write comes as one text.
    parts = [structs.replace(each, text=text) for each in sentences for text in sentences_of(each.text)]
    for place, sentence in enumerate(parts[:_MOST_SENTENCES]):
        for each in commitments_in(sentence.text, language):
            due = _due(each, sentence.text, now=now, zone=zone)
            if each.follows and found and found[-1].kind in _SENT and found[-1].due is None:
                found[-1] = structs.replace(found[-1], due=due)
            else:
                named = _ORDER.search(sentence.text)
                order = named[1] if named else only
                proofs = (*receipts, *(earlier if each.done else ()))
                found.append(_promise(each, place, sentence, due, order, proofs, speaker, now))
    return tuple(found[:MOST])


def _due(each: Commitment, text: str, *, now: float, zone: str) -> Due | None:
    if each.moment is None:
        return None
    return resolved(each.moment, text[each.moment.start : each.moment.end], now=now, zone=zone)


def _promise(
    each: Commitment,
    place: int,
    sentence: Sentence,
    due: Due | None,
    order: str,
    receipts: Sequence[Receipt],
    speaker: Promiser,
    now: float,
) -> Promise:
    source, sure = _source(each, sentence, order, receipts), each.confidence
    reports = source.startswith("kb:") or source.rsplit("/", 1)[-1] in _HAPPENED
    if reports or (due is not None and due.until < now - _DAY):
        sure = min(sure, _REPORTS)
    return Promise(
        kind=each.kind,
        text=sentence.text,
        sentence=place,
        start=each.start,
        end=each.end,
        by=speaker if each.who == "speaker" else each.who,
        confidence=sure,
        amount=each.amount,
        currency=each.currency,
        due=due,
        order=order,
        source=source,
    )


def _source(each: Commitment, sentence: Sentence, order: str, receipts: Sequence[Receipt]) -> str:
    """The receipt that proves it, else the first thing the sentence cites."""
    proving = RECEIPTS.get(each.kind, frozenset())
    for receipt in receipts:
        if receipt.kind in proving and receipt.status == "done" and order in {"", receipt.order_number}:
            return f"receipt:{receipt.kind}:{receipt.order_number}"
    # What it rests on is named last: first comes the order it is about.
    return next((source for source in reversed(sentence.sources)), "")
