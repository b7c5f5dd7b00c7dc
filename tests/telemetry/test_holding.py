"""What is kept of all that is recorded: conversations whole, what was flagged, with weights that are true."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from shared import telemetry
from shared.telemetry import flags
from shared.telemetry import holding as holding_room
from shared.telemetry.holding import Holding, Kept, chosen
from shared.telemetry.sending import FULL, UNREACHABLE, Sent
from shared.telemetry.spans import record_to


class Taken:
    """Takes what is sent, or fails as told; `stuck` is waited for before anything is taken."""

    def __init__(self, error: Exception | None = None, stuck: threading.Event | None = None) -> None:
        self.kept: list[Kept] = []
        self.closed = False
        self._error = error
        self._stuck = stuck

    def send(self, kept: Sequence[Kept]) -> Sent:
        """See `Sends.send`."""
        if self._stuck is not None:
            self._stuck.wait(20)
        if self._error is not None:
            raise self._error
        self.kept += kept
        return Sent(len(kept))

    def close(self) -> None:
        """See `Sends.close`."""
        self.closed = True


def hold(taken: Taken, **more: float) -> tuple[Holding, Callable[[], None]]:
    """A holding that records, and what ends it and sends everything."""
    holding = Holding(lambda: taken, **{"ratio": 0.5, **more})  # type: ignore[arg-type]
    stop = record_to(holding)

    def end() -> None:
        stop()
        holding.stop(20)

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
    forget = flags.on_flag(lambda trace, why: told.append((trace, why)))
    taken = Taken()
    _, end = hold(taken, ratio=1e-9)
    with telemetry.root("turn", conversation="c-far") as far:
        assert isinstance(far, telemetry.Span)
    flags.keep(far.trace, "handed_over", tell=False)
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
    now, told = [100.0], threading.Event()
    forget = flags.on_flag(lambda _, why: told.set() if why == "slow" else None)
    holding, end = hold(Taken(), slow=2.0)
    holding._now = lambda: now[0]
    with telemetry.root("turn", conversation="c-slow"):
        now[0] += 2.5
        assert told.wait(20)
    end()
    forget()


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
    holding = Holding(lambda: Taken(stuck=stuck), ratio=1.0, settle=0.0, most=40)
    stop = record_to(holding)
    for number in range(200):
        turn(f"c-{number}")
    stop()
    assert not holding.stop(0.05)
    assert holding.losses.overflowed >= 200
    stuck.set()
    assert holding.stop(20)


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


class Away(Taken):
    """A service that answers this to the first batches, and takes all that come after."""

    def __init__(self, *answers: Sent) -> None:
        super().__init__()
        self.answers = list(answers)
        self.tried = threading.Semaphore(0)

    def send(self, kept: Sequence[Kept]) -> Sent:
        """See `Sends.send`."""
        sent = self.answers.pop(0) if self.answers else Sent(len(kept))
        self.kept += kept[: sent.taken]
        self.tried.release()
        return sent


def quick(taken: Taken, monkeypatch: pytest.MonkeyPatch, **more: float) -> tuple[Holding, Callable[[], None]]:
    """A holding that decides, sends and tries again at once."""
    monkeypatch.setattr(holding_room, "_LOOK_S", 0.005)
    monkeypatch.setattr(holding_room, "_LINGER_S", 0.0)
    return hold(taken, **{"ratio": 1.0, "settle": 0.0, "pause": 0.01, **more})


def test_a_service_that_was_away_gets_what_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once each and in order, the part of a batch that it took before too; how it stood is told."""
    away = Sent(0, UNREACHABLE, again=True)
    service = Away(away, away, Sent(3, "429", again=True), away)
    holding, end = quick(service, monkeypatch)
    for number in range(4):
        turn(f"c-{number}")
    assert service.tried.acquire(timeout=20)
    assert service.tried.acquire(timeout=20)
    seen = (holding.sending.up, holding.sending.why)
    assert seen in {(False, UNREACHABLE), (False, "429")}
    assert service.tried.acquire(timeout=20)
    assert service.tried.acquire(timeout=20)
    assert service.tried.acquire(timeout=20)
    end()
    assert Counter(kept.span.id for kept in service.kept).most_common(1)[0][1] == 1
    assert [kept.span.conversation for kept in service.kept] == [f"c-{n // 2}" for n in range(8)]
    assert (holding.losses.failed, holding.losses.overflowed, holding.losses.why) == (0, 0, {})
    assert (holding.sending.up, holding.sending.sent, holding.sending.waiting) == (True, 8, 0)
    assert holding.sending.accepted_at >= holding.sending.since > 0


def test_a_service_that_stays_away_costs_a_bounded_number_of_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest wait for it; those that had no room, and those at the end, are lost with the reason."""
    away = Sent(0, UNREACHABLE, again=True)
    service = Away(*[away] * 10_000)
    holding, end = quick(service, monkeypatch, waiting=4)
    for number in range(5):
        turn(f"c-{number}")
    until = time.monotonic() + 20
    while holding.sending.waiting != 4 or holding.losses.overflowed != 6:
        assert time.monotonic() < until
        service.tried.acquire(timeout=1)
    end()
    assert holding.losses.why == {FULL: 6, UNREACHABLE: 4}
    assert not service.kept


def test_what_is_refused_for_good_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The daily cap is used up, or a part of a batch is wrong: the reason is counted."""
    service = Away(Sent(0, "402"), Sent(1, "400"))
    holding, end = quick(service, monkeypatch)
    turn("c-1")
    assert service.tried.acquire(timeout=20)
    turn("c-2")
    assert service.tried.acquire(timeout=20)
    end()
    assert holding.losses.why == {"402": 2, "400": 1}
    assert holding.sending.sent == 1
