"""What is kept of all that is recorded: conversations whole, what was flagged, with weights that are true."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from shared import telemetry
from shared.telemetry.contract import Notes, SpanKind
from shared.telemetry.flags import OURS, Flags
from shared.telemetry.holding import Holding, Kept, chosen
from shared.telemetry.sending import Sending
from shared.telemetry.spans import record_to
from shared.telemetry.taking import Sent


class Taken:
    """Takes what is sent, or fails as told; `stuck` is waited for before anything is taken."""

    def __init__(self, error: Exception | None = None, stuck: threading.Event | None = None) -> None:
        self.kept: list[Kept] = []
        self.closed = False
        self.stuck = stuck
        self._error = error

    def send(self, kept: Sequence[Kept]) -> Sent:
        """See `Sends.send`."""
        if self.stuck is not None:
            self.stuck.wait(20)
        if self._error is not None:
            raise self._error
        self.kept += kept
        return Sent(len(kept))

    def close(self) -> None:
        """See `Sends.close`."""
        self.closed = True


def hold(taken: Taken, **more: float) -> tuple[Holding, Callable[[], None]]:
    """A holding that records, and what ends it and sends everything."""
    holding = Holding(**{"ratio": 0.5, **more})  # type: ignore[arg-type]
    sending = Sending(holding, lambda: taken)
    stop = record_to(holding)

    def end() -> None:
        stop()
        assert sending.stop(20)

    return holding, end


def turn(conversation: str, *, flag: str = "", error: bool = False, cost: float = 0.0) -> None:
    """A turn of two spans."""
    with (
        suppress(ZeroDivisionError),
        telemetry.root("turn", conversation=conversation, turn="t", cost_usd=cost),
        telemetry.span("invoke_agent intent", agent="intent"),
    ):
        if flag:
            telemetry.flag(flag)
        if error:
            1 / 0  # noqa: B018  any error


def test_estimates_of_2000_conversations_are_near_the_truth() -> None:
    """Sums over weights: turns, cost and hand-overs of all, from half of them."""
    dice = random.Random(7)
    taken = Taken()
    _, end = hold(taken)
    turns, cost, handed = 0, 0.0, 0
    for number in range(2000):
        for _ in range(dice.randint(1, 6)):
            hands = dice.random() < 0.08
            price = dice.expovariate(100)
            turn(f"c-{number}", flag="handed_over" if hands else "", cost=price)
            turns, cost, handed = turns + 1, cost + price, handed + hands
    end()
    roots = [kept for kept in taken.kept if kept.span.name == "turn"]
    assert sum(kept.weight for kept in roots) == pytest.approx(turns, rel=0.05)
    assert sum(kept.weight * float(str(kept.span.attributes["cost_usd"])) for kept in roots) == pytest.approx(
        cost, rel=0.08
    )
    assert sum(kept.weight for kept in roots if kept.why == "handed_over") == handed, "these are exact"
    assert len(taken.kept) == 2 * len(roots), "a turn is kept with all its spans"
    assert len(roots) < 0.62 * turns


def test_a_conversation_is_kept_whole_or_not_at_all() -> None:
    """Its id decides, in whatever process."""
    taken = Taken()
    _, end = hold(taken)
    for number in range(60):
        turn(f"c-{number % 20}")
    end()
    found = Counter(kept.span.conversation for kept in taken.kept)
    assert set(found.values()) == {6}
    assert set(found) == {f"c-{number}" for number in range(20) if chosen(f"c-{number}", 0.5)}
    assert 0 < len(found) < 20


def test_what_failed_was_slow_or_flagged_is_kept_for_itself_alone() -> None:
    """Weight 1, in chosen conversations too: all of them are there."""
    taken = Taken()
    _, end = hold(taken, ratio=0.5, slow=0.01)
    names = [f"c-{number}" for number in range(8)]
    for name in names:
        turn(name, error=True)
        turn(name, flag="refused")
        with telemetry.root("turn", conversation=name):
            threading.Event().wait(0.012)
    end()
    assert Counter((kept.why, kept.weight) for kept in taken.kept if kept.span.name == "turn") == {
        ("failed", 1.0): 8,
        ("refused", 1.0): 8,
        ("slow", 1.0): 8,
    }


def test_another_process_that_flags_a_trace_keeps_it_here() -> None:
    """What was flagged elsewhere comes as a sign; what is flagged here is told, once."""
    told: list[tuple[str, str]] = []
    forget = OURS.on_flag(lambda trace, why: told.append((trace, why)))
    taken = Taken()
    _, end = hold(taken, ratio=1e-9)
    with telemetry.root("turn", conversation="c-far") as far:
        assert isinstance(far, telemetry.Span)
    OURS.keep(far.trace, "handed_over", tell=False)
    turn("c-near", flag="rejected")
    end()
    forget()
    assert {(kept.span.conversation, kept.why) for kept in taken.kept} == {
        ("c-far", "handed_over"),
        ("c-near", "rejected"),
    }
    assert [why for _, why in told] == ["rejected"]


def test_a_slow_turn_is_flagged_while_it_runs() -> None:
    """So that its parts elsewhere are still held when the sign comes."""
    now, known = [100.0], Flags()
    holding = Holding(ratio=0.5, slow=2.0, flags=known, now=lambda: now[0])
    stop = record_to(holding)
    with telemetry.root("turn", conversation="c-slow") as turn:
        assert isinstance(turn, telemetry.Span)
        now[0] += 1.5
        assert not holding.decided()
        assert known.why(turn.trace) == ""
        now[0] += 1.0
        assert not holding.decided()
        assert known.why(turn.trace) == "slow"
    stop()


@pytest.mark.parametrize(
    ("kind", "notes", "why"),
    [
        (telemetry.CLIENT, {"queued_ms": 12_600.0}, "slow"),
        (telemetry.CLIENT, {"queued_ms": 1_900.0}, ""),
        (telemetry.CLIENT, {"waited_ms": 13_007.4}, "slow"),
        (telemetry.CLIENT, {"waited_ms": 466.0, "queued_ms": 12}, ""),
        (telemetry.CONSUMER, {"queued_ms": 12_600.0}, ""),
    ],
)
def test_what_lay_on_the_bus_was_waited_for(kind: SpanKind, notes: Notes, why: str) -> None:
    """A turn that is worked on again after a crash is slow however quick that is; a listener is not."""
    known = Flags()
    holding = Holding(ratio=0.5, slow=2.0, flags=known)
    stop = record_to(holding)
    with telemetry.root("turn", kind=kind, **notes) as turn:
        assert isinstance(turn, telemetry.Span)
    stop()
    assert known.why(turn.trace) == why


def test_a_trace_that_rests_is_not_slow_when_something_of_it_begins_again() -> None:
    """Else chance decides: whether it is looked at while a listener works on it once more."""
    now, known = [100.0], Flags()
    holding = Holding(ratio=1.0, settle=5.0, slow=2.0, flags=known, now=lambda: now[0])
    stop = record_to(holding)
    with telemetry.root("turn", conversation="c-quick") as turn:
        assert isinstance(turn, telemetry.Span)
        with telemetry.span("invoke_agent intent"):
            pass
    now[0] += 3.0
    with turn.within(), telemetry.span("handle turn.finished.v1"):
        assert not holding.decided()
    stop()
    assert known.why(turn.trace) == ""


@pytest.mark.parametrize("error", [OSError("dead"), RuntimeError("402")])
def test_an_exporter_that_fails_costs_spans_and_nothing_else(error: Exception) -> None:
    """They are counted as lost."""
    holding, end = hold(Taken(error), ratio=1.0)
    for number in range(5):
        turn(f"c-{number}")
    end()
    assert holding.losses.failed == 10


def test_an_exporter_that_hangs_never_makes_a_turn_wait() -> None:
    """What is held is bounded, what is too much is counted, and a stop is not waited for longer than told."""
    stuck = threading.Event()
    taken = Taken(stuck=stuck)
    holding = Holding(ratio=1.0, settle=0.0, most=40)
    sending = Sending(holding, lambda: taken)
    stop = record_to(holding)
    for number in range(200):
        turn(f"c-{number}")
    stop()
    assert not sending.stop(0.05)
    assert holding.losses.overflowed >= 200
    assert not taken.closed, "nobody closes an exporter that is sending"
    stuck.set()
    assert sending.stop(20)
    assert taken.closed


def test_a_span_that_never_ends_is_not_held_for_ever() -> None:
    """A stream that nobody closed: its trace goes when there is too much, and its late end is counted."""
    holding, end = hold(Taken(), ratio=1.0, most=10)
    with telemetry.root("turn", conversation="c-0") as open_for_ever:
        open_for_ever.stay()
    for number in range(20):
        turn(f"c-{number + 1}")
    before = holding.losses.overflowed
    open_for_ever.end()
    assert holding.losses.overflowed == before + 1
    end()
