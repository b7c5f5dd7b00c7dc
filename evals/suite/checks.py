"""Compares one answer with what its turn expects and with what the shop knows."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from evals.suite import spoken
from evals.suite.desk import Answer, EvalDesk
from evals.suite.scenario import HandOverExpected, Phrase, Scenario, Turn
from evals.suite.shop import Cast, Placed
from shared.contracts import HandOver
from shared.routing.queues import routing

KNOWLEDGE = Path("knowledge_base")


@dataclass
class Played:
    """What a scenario has come to: who takes part, and all that was said by the customer so far."""

    scenario: Scenario
    cast: Cast
    said: list[str] = field(default_factory=list)
    promised: set[tuple[int, int]] = field(default_factory=set)
    """Days (month, day) by which somebody who was handed over hears, until the conversation is over."""

    def hearable(self, desk: EvalDesk) -> tuple[Placed, ...]:
        """The orders this customer may hear about: their own, and those a guest has proved by now."""
        if self.cast.customer.id:
            return desk.shop.orders_of(self.cast.customer.id)
        all_said = " ".join(self.said).casefold()
        return tuple(
            desk.shop.order(order.number)
            for order in self.cast.orders.values()
            if order.number in all_said and order.email.casefold() in all_said
        )


def wrong(
    turn: Turn, answer: Answer, played: Played, desk: EvalDesk, before: tuple[Placed, ...]
) -> list[str]:
    """Everything about this answer that is not as it should be; empty when it passes."""
    return [
        *_understood(turn, answer, played.scenario),
        *_worded(turn, answer, played),
        *_done(turn, answer, played, desk, before),
        *_handed_over(turn, answer, desk),
        *_invented(answer, played, desk),
    ]


def _understood(turn: Turn, answer: Answer, scenario: Scenario) -> Iterator[str]:
    got = answer.turn
    if got.status not in turn.statuses:
        reason = f" ({got.escalation.reason})" if got.escalation else ""
        yield f"status {got.status}{reason}, expected {' or '.join(turn.statuses)}"
    if turn.intents and got.intent not in turn.intents:
        yield f"intent {got.intent}, expected {' or '.join(turn.intents)}"
    if missing := [need for need in turn.needs if need not in {n.intent for n in got.intents}]:
        yield f"needs {[n.intent.value for n in got.intents]}, missing {' '.join(missing)}"
    language = turn.language or scenario.language
    if got.language != language:
        yield f"language {got.language}, expected {language}"
    if turn.gap is not None and got.gap != turn.gap:
        yield f"gap {got.gap}, expected {turn.gap}"
    if turn.citations:
        cited = {Path(citation.source).stem for citation in got.citations}
        if not cited & set(turn.citations):
            yield f"cites {sorted(cited)}, expected one of {list(turn.citations)}"


def _worded(turn: Turn, answer: Answer, played: Played) -> Iterator[str]:
    reply, cast = answer.reply, played.cast
    language = turn.language or played.scenario.language

    def says(phrase: Phrase) -> bool:
        several = (phrase,) if isinstance(phrase, str) else phrase
        return any(spoken.matcher(one, cast, language).search(reply) for one in several)

    for phrase in turn.must:
        if not says(phrase):
            yield f"does not say {phrase!r}"
    for phrase in turn.must_not:
        if says(phrase):
            yield f"says {phrase!r}"
    for fact in turn.facts:
        name, _, what = fact.partition(".")
        if not spoken.states(reply, cast, name, what, language):
            yield f"does not state {fact} ({spoken.value(cast, name, what) or 'nothing in the shop'})"
    if len(answer.sentences) > turn.max_sentences:
        yield f"{len(answer.sentences)} sentences, at most {turn.max_sentences}"


def _done(
    turn: Turn, answer: Answer, played: Played, desk: EvalDesk, before: tuple[Placed, ...]
) -> Iterator[str]:
    receipts, wanted = answer.turn.actions, turn.action
    after = {order.number: desk.shop.order(order.number) for order in before}
    changed = [order.number for order in before if after[order.number] != order]
    if wanted is None:
        if receipts:
            yield f"did {[(r.kind, r.order_number, r.status) for r in receipts]}, expected nothing to be done"
        if changed:
            yield f"changed orders {changed} at the shop, expected no change"
        return
    number = played.cast.orders[wanted.order].number if wanted.order else ""
    expected = (wanted.kind, number, wanted.status)
    if expected not in {(r.kind, r.order_number, r.status) for r in receipts}:
        yield f"did {[(r.kind, r.order_number, r.status) for r in receipts]}, expected {expected}"
    if others := [one for one in changed if one != number or wanted.status == "refused"]:
        yield f"changed orders {others} at the shop, expected no change there"
    shown = desk.shop.order(number) if number else None
    if shown is not None and wanted.shop and wanted.shop not in {shown.status, shown.payment}:
        yield f"the shop shows {shown.status}/{shown.payment} for the order, expected {wanted.shop}"


def _handed_over(turn: Turn, answer: Answer, desk: EvalDesk) -> Iterator[str]:
    wanted, got = turn.hand_over, answer.turn.escalation
    if wanted is None or got is None:
        return  # the status has told it
    yield from _routed(wanted, got)
    filed = desk.ticket(got.ticket) is not None if got.ticket else False
    if filed != wanted.ticket:
        yield f"ticket {got.ticket or 'none'} at the helpdesk: {filed}, expected {wanted.ticket}"


def _routed(wanted: HandOverExpected, got: HandOver) -> Iterator[str]:
    reasons = (wanted.reason,) if isinstance(wanted.reason, str) else wanted.reason
    if got.reason not in reasons:
        yield f"handed over for {got.reason}, expected {' or '.join(reasons)}"
    if wanted.priority and got.priority != wanted.priority:
        yield f"priority {got.priority}, expected {wanted.priority}"
    if wanted.queue and got.queue != wanted.queue:
        yield f"queue {got.queue}, expected {wanted.queue}"


def _invented(answer: Answer, played: Played, desk: EvalDesk) -> Iterator[str]:
    """What no reply may hold: days and amounts from nowhere, anything of other people, our own tokens."""
    reply, said = answer.reply, " ".join(played.said)
    mine = played.hearable(desk)
    if not reply.strip():
        yield "says nothing"
    if "TOKEN_" in reply:
        yield "shows a token"
    known = said + " ".join(_documents(answer, desk))
    days = spoken.days_in(known) | {day for order in mine for day in spoken.days_of(order)}
    played.promised |= _due(answer)
    days |= played.promised
    days |= spoken.days_in(
        datetime.fromtimestamp(answer.at, routing().queue("support").zone).date().isoformat()
    )
    if odd := spoken.days_in(reply) - days:
        yield f"names days {sorted(odd)} (month, day) that nothing holds"
    amounts = spoken.amounts_in(known) | {amount for order in mine for amount in spoken.amounts_of(order)}
    amounts |= {variant["price"] for product in desk.shop.products for variant in product["variants"]}
    label = _label_cost()
    amounts |= {amount for order in mine for amount in spoken.refunds_of(order, label)}
    if odd_amounts := spoken.amounts_in(reply) - amounts:
        yield f"names amounts {sorted(odd_amounts)} that nothing holds"
    if strange := set(spoken.TRACKING.findall(reply)) - {order.tracking_number for order in mine}:
        yield f"shows tracking numbers {sorted(strange)} of other people"
    emails = {email.casefold() for email in spoken.EMAIL.findall(reply)}
    if strange := emails - {
        email.casefold() for email in (*spoken.EMAIL.findall(known), played.cast.customer.email)
    }:
        yield f"shows e-mail addresses {sorted(strange)} of other people"


@cache
def _label_cost() -> Decimal:
    """What the documents say that a refund lacks for the return label."""
    stated = tomllib.loads((KNOWLEDGE / "FACTS.toml").read_text("utf-8"), parse_float=Decimal)
    return Decimal(stated["returns"]["return_label_usd"]["value"])


def _due(answer: Answer) -> set[tuple[int, int]]:
    given = answer.turn.escalation
    if given is None and answer.turn.status != "with_person":
        return set()
    queue = routing().queue(given.queue if given else "support")
    told = (given.sla_due_at if given else answer.at, queue.calendar.opens_at(answer.at) or answer.at)
    days = [datetime.fromtimestamp(each, queue.zone) for each in told]
    return {(day.month, day.day) for day in days}


def _documents(answer: Answer, desk: EvalDesk) -> Iterator[str]:
    """The whole text of every document or product page the reply cites."""
    pages = {product["title"]: product["description"] for product in desk.shop.products}
    for citation in answer.turn.citations:
        if citation.fields:
            continue  # a record of the shop is looked up there
        page = pages.get(citation.source)
        yield page if page is not None else (KNOWLEDGE / citation.source).read_text("utf-8")
