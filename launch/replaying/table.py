"""Shows a replay to people in a terminal; every text in it is tokenized, and none can move the cursor."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from launch.replaying.comparing import Compared, Decision, Side
from launch.replaying.purse import Bill
from launch.replaying.report import Report, Totals

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_HEAD = f"  {'accepted (UTC)':<16}  {'intent':<18}  {'route':<9}  {'status':<11}  {'agents ms':>13}  outcome"


def lines(report: Report, *, every: bool) -> Iterator[str]:
    """The table turn by turn, then the summary; without `every` only turns that are not the same."""
    conversation = ""
    for turn in report.turns:
        if not every and turn.verdict == "same":
            continue
        if turn.conversation != conversation:
            conversation = turn.conversation
            yield f"conversation {safe(conversation)}"
            yield _HEAD
        yield from _turn(turn)
    yield from _summary(report)


def _turn(turn: Compared) -> Iterator[str]:
    at = datetime.fromtimestamp(turn.at, UTC).strftime("%Y-%m-%d %H:%M")
    if turn.then is None or turn.now is None:
        yield f"  {at:<16}  {'':<18}  {'':<9}  {'':<11}  {'':>13}  skipped: {turn.why}"
        return
    then, now = turn.then, turn.now
    decision = then.decision
    pace = f"{then.agents_ms:.0f} -> {now.agents_ms:.0f}"
    what = turn.verdict + (f": {', '.join(turn.changed)}" if turn.changed else "")
    first = decision.intent[0] if decision.intent else "-"
    yield (f"  {at:<16}  {first[:18]:<18}  {decision.route:<9}  {decision.status:<11}  {pace:>13}  {what}")
    if turn.verdict != "same":
        yield f"      {'turn':<9} {safe(turn.turn)}"
    for name in turn.changed:
        yield f"      {name:<9} {_value(then.decision, name)} -> {_value(now.decision, name)}"
    yield from _beside(then, now)
    for line in turn.diff:
        yield f"      {safe(line)}"
    for each in turn.not_recorded:
        yield f"      asked now and not recorded: {safe(each)}"


def _beside(then: Side, now: Side) -> Iterator[str]:
    if then.engine != now.engine:
        yield f"      {'engine':<9} {then.engine or '-'} -> {now.engine or '-'}"
    if (then.cost_usd, then.tokens) != (now.cost_usd, now.tokens):
        tokens = f"({then.tokens} -> {now.tokens} tokens)"
        yield f"      {'cost':<9} ${then.cost_usd:.6f} -> ${now.cost_usd:.6f} {tokens}"


def _value(decision: Decision, name: str) -> str:
    value = getattr(decision, name)
    if isinstance(value, tuple):
        value = ", ".join(value)
    return safe(str(value)) or "-"


def _summary(report: Report) -> Iterator[str]:
    found = report.totals
    changes = ", ".join(f"{name} {safe(value)}" for name, value in report.changes.items())
    many = f"{found.turns} turns in {found.conversations} conversations"
    yield f"replay of {many} with {changes or 'no change'}"
    yield f"  same      {found.same:>6}"
    yield f"  reworded  {found.reworded:>6}   the same decision in other words"
    fields = ", ".join(f"{name} {count}" for name, count in sorted(found.fields.items()))
    yield f"  changed   {found.changed:>6}" + (f"   {fields}" if fields else "")
    if found.unknown:
        yield f"  unknown   {found.unknown:>6}   decided otherwise, and what comes of it was never recorded"
    for why, count in sorted(found.skipped.items()):
        yield f"  skipped   {count:>6}   {why}"
    if found.replayed:
        yield from _costs(found)
    yield _paid(report.paid)
    for each in report.over:
        yield f"  over      {each}"


def _paid(paid: Bill) -> str:
    """All that was paid now, whatever came of it."""
    if not paid.calls:
        return "  paid      nothing: no model service was asked"
    exact = f"{paid.estimated_tokens:,} of them estimated" if paid.estimated_tokens else "exact"
    unpriced = f", {paid.unpriced_tokens:,} of them without a price" if paid.unpriced_tokens else ""
    what = f"${paid.usd:.6f} for {paid.calls} calls, {paid.tokens:,} tokens ({exact}{unpriced})"
    bound = f"at most ${paid.most_usd:g}" if paid.most_usd else "no bound was set"
    where = f"not in the ledger: {safe(paid.uncounted)}" if paid.uncounted else "in the ledger as replay"
    return f"  paid      {what}; {bound}; {where}"


def _costs(found: Totals) -> Iterator[str]:
    tokens = f"{found.tokens_then} -> {found.tokens_now} tokens"
    cost = f"${found.cost_then:.6f} recorded then -> ${found.cost_now:.6f} by today's prices"
    yield f"  cost      {cost}, {tokens}"
    pace = f"{found.agents_ms_then:g} ms recorded then -> {found.agents_ms_now:g} ms measured here"
    yield f"  agents    {pace}, the median turn without shop and helpdesk"


def safe(text: str) -> str:
    """Text of customers and models without what a terminal would obey."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)
