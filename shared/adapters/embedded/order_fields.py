"""Compares a date with the field of an order that the sentence names beside it."""

import re
from collections.abc import Iterator, Mapping

from shared.adapters.embedded.values import Mark, Values, values_of
from shared.contracts import Finding

# "was expected to be delivered": words so many characters apart name the event together.
_NEAR = 25
_COMES = frozenset({"delivered_on", "expected_on"})
# What happened on a day, in folded words of three languages, and which fields of an order may say so.
_EVENTS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(rf"\b(?:{words})"), fields)
    for words, fields in (
        (
            (
                r"placed\b|ordered\b|passee? (?:le|commande)|avez commande|realizad[oa]|hizo\b|encargad[oa]|"
                r"commande #?\w+ du\b|pedido #?\w+ del\b"
            ),
            frozenset({"placed_on"}),
        ),
        (
            (
                r"shipped\b|left\b|dispatched\b|expediee?s?\b|(?:est|sont|etait) (?:deja )?partie?s?\b|"
                r"remise? au transporteur|enviad[oa]|salio\b|salido\b"
            ),
            frozenset({"shipped_on"}),
        ),
        (r"sent\b|envoyee?s?\b", frozenset({"shipped_on", "refunded_on"})),
        (r"delivered\b|arrived\b|livree?s?\b|entregad[oa]|llego\b|llegado\b", _COMES),
        (r"arrive\b|reach|deliver|arriver|arrivera|livraison|livrer|llegar|llega\b|entrega\b", _COMES),
        (
            r"expected\b|due\b|prevue?s?\b|attendue?s?\b|previst[oa]|esperad[oa]|esperaba",
            frozenset({"expected_on"}),
        ),
        (r"cancell?ed\b|annulee?s?\b|cancelad[oa]|anulad[oa]|cancelo\b", frozenset({"cancelled_on"})),
        (r"refund|rembours|reembols", frozenset({"refunded_on"})),
    )
)


def misplaced(said: Values, cited: Mapping[str, str], known: Mapping[str, str]) -> Iterator[Finding]:
    """Dates that belong to another event of the order. `known` are all fields, `cited` the sentence's."""
    orders = {fact.split("/")[0] for fact in cited if fact.startswith("order:")}
    dates = sorted((mark for mark in said.marks if mark.kind == "date"), key=lambda mark: mark.start)
    if not orders or not dates:
        return
    fields = {
        fact: _days(value)
        for fact, value in known.items()
        if fact.split("/")[0] in orders and fact.endswith("_on")
    }
    for n, date in enumerate(dates):
        before = dates[n - 1].end if n else 0
        named = _event(said.plain, date, before)
        days = frozenset().union(*(day for fact, day in fields.items() if fact.split("/")[1] in named))
        if named and not date.readings & days:
            yield Finding(
                rule="output.value",
                span=date.span,
                remedy="this date belongs to another event of the order: take that of this event",
            )


def _days(value: str) -> frozenset[object]:
    return frozenset().union(*(day.readings for day in values_of(value).days))


def _event(plain: str, date: Mark, before: int) -> frozenset[str]:
    """The fields that the nearest word before the date may mean; empty when none is there."""
    found = [
        (match.end(), fields)
        for words, fields in _EVENTS
        for match in words.finditer(plain[before : date.start])
    ]
    nearest = max((place for place, _ in found), default=0)
    return frozenset().union(*(fields for place, fields in found if nearest - place < _NEAR))
