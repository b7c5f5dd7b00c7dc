"""Plays a scenario on a desk, turn by turn, up to the first turn that is wrong."""

from dataclasses import dataclass

from evals.suite.checks import Played, wrong
from evals.suite.desk import EvalDesk
from evals.suite.scenario import Scenario
from evals.suite.shop import Placed
from evals.suite.spoken import filled


@dataclass(frozen=True)
class Line:
    """One turn as it went."""

    say: str
    reply: str
    outcome: str
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """A scenario as it went; the last line is the one that failed, if one did."""

    scenario: Scenario
    engine: str
    lines: tuple[Line, ...]

    @property
    def passed(self) -> bool:
        """Whether every turn was as expected."""
        return not self.lines[-1].wrong

    def told(self) -> str:
        """The failing turn with its reply, for a person to read."""
        last = self.lines[-1]
        return (
            f"turn {len(self.lines)} of {len(self.scenario.turns)} [{last.outcome}] {'; '.join(last.wrong)}"
            f"\n      customer: {last.say}\n      bot: {last.reply}"
        )


async def play(desk: EvalDesk, scenario: Scenario) -> Outcome:
    """The conversation of one scenario; the shop is as it was when it is over."""
    played = Played(scenario, desk.shop.cast(scenario))
    conversation, lines = desk.conversation(scenario.name), []
    try:
        for turn in scenario.turns:
            desk.clock.moved += turn.seconds
            if turn.faults is not None:
                desk.break_down(turn.faults)
            say = filled(turn.say, played.cast)
            played.said.append(say)
            before = _watched(desk, played)
            answer = await desk.say(say, conversation=conversation, customer=played.cast.customer.id)
            found = tuple(wrong(turn, answer, played, desk, before))
            got = answer.turn
            reason = f" {got.escalation.reason}" if got.escalation else ""
            outcome = f"{got.status}{reason} {got.intent} {got.language} {got.confidence:.2f}"
            lines.append(Line(say, answer.reply, outcome, found))
            if found:
                break
    finally:
        desk.break_down(())
        desk.clock.moved = 0.0
        desk.shop.restore()
    return Outcome(scenario, desk.engine, tuple(lines))


def _watched(desk: EvalDesk, played: Played) -> tuple[Placed, ...]:
    """The orders that must not change unasked: all of the customer, and all the scenario speaks of."""
    own = desk.shop.orders_of(played.cast.customer.id) if played.cast.customer.id else ()
    named = {order.number: desk.shop.order(order.number) for order in played.cast.orders.values()}
    return tuple(({order.number: order for order in own} | named).values())
