"""What is kept is sent: again where it never came, and counted with the reason where it is lost."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from shared.telemetry import sending as sending_room
from shared.telemetry.holding import Holding, Kept
from shared.telemetry.sending import Sending
from shared.telemetry.spans import record_to
from shared.telemetry.taking import FULL, UNREACHABLE, Sent
from tests.telemetry.test_holding import Taken, turn


class Away(Taken):
    """A service that answers this to the first batches, and takes all that come after."""

    def __init__(self, *answers: Sent) -> None:
        super().__init__()
        self.answers = list(answers)
        self.offered: Sequence[Kept] = ()
        self.tried = threading.Semaphore(0)

    def send(self, kept: Sequence[Kept]) -> Sent:
        """See `Sends.send`."""
        self.offered = kept
        sent = self.answers.pop(0) if self.answers else Sent(len(kept))
        self.kept += kept[: sent.taken]
        self.tried.release()
        return sent


def quick(
    taken: Taken, monkeypatch: pytest.MonkeyPatch, *, waiting: int = 100
) -> tuple[Holding, Sending, Callable[[], None]]:
    """A holding that decides, a thread that sends and tries again at once, and what ends both."""
    monkeypatch.setattr(sending_room, "_LOOK_S", 0.005)
    monkeypatch.setattr(sending_room, "_LINGER_S", 0.0)
    holding = Holding(ratio=1.0, settle=0.0)
    sending = Sending(holding, lambda: taken, waiting=waiting, pause=0.01)
    stop = record_to(holding)

    def end() -> None:
        stop()
        assert sending.stop(20)

    return holding, sending, end


def test_a_service_that_was_away_gets_what_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once each and in order, the part of a batch that it took before too; how it stood is told."""
    away = Sent(0, UNREACHABLE, again=True)
    service = Away(away, away, Sent(3, "429", again=True), away)
    holding, sending, end = quick(service, monkeypatch)
    for number in range(4):
        turn(f"c-{number}")
    assert service.tried.acquire(timeout=20)
    assert service.tried.acquire(timeout=20)
    seen = (sending.taking.up, sending.taking.why)
    assert seen in {(False, UNREACHABLE), (False, "429")}
    assert service.tried.acquire(timeout=20)
    assert service.tried.acquire(timeout=20)
    assert service.tried.acquire(timeout=20)
    end()
    assert Counter(kept.span.id for kept in service.kept).most_common(1)[0][1] == 1
    assert [kept.span.conversation for kept in service.kept] == [f"c-{n // 2}" for n in range(8)]
    assert (holding.losses.failed, holding.losses.overflowed, holding.losses.why) == (0, 0, {})
    assert (sending.taking.up, sending.taking.sent, sending.taking.waiting) == (True, 8, 0)
    assert sending.taking.accepted_at >= sending.taking.since > 0


def test_a_service_that_stays_away_costs_a_bounded_number_of_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest wait for it; those that had no room, and those at the end, are lost with the reason."""
    away = Sent(0, UNREACHABLE, again=True)
    service = Away(*[away] * 10_000)
    holding, sending, end = quick(service, monkeypatch, waiting=4)
    for number in range(5):
        turn(f"c-{number}")
    until = time.monotonic() + 20
    while sending.taking.waiting != 4 or holding.losses.overflowed != 6:
        assert time.monotonic() < until
        service.tried.acquire(timeout=1)
    end()
    assert holding.losses.why == {FULL: 6, UNREACHABLE: 4}
    assert [each.span.under for each in service.offered] == [None] * 4, "they hold nothing but themselves"
    assert not service.kept


def test_a_fault_in_deciding_costs_no_later_span(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Or a process would tell of traces that are taken for ever, and send none."""
    service = Away()
    holding, _, end = quick(service, monkeypatch)
    broke = threading.Event()

    def breaks() -> list[Kept]:
        monkeypatch.undo()
        broke.set()
        raise RecursionError

    monkeypatch.setattr(holding, "decided", breaks)
    assert broke.wait(20)
    turn("c-1")
    end()
    assert [kept.span.conversation for kept in service.kept] == ["c-1"] * 2
    assert "not decided on: RecursionError" in caplog.text


def test_what_is_refused_for_good_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The daily cap is used up, or a part of a batch is wrong: the reason is counted."""
    service = Away(Sent(0, "402"), Sent(1, "400"))
    holding, sending, end = quick(service, monkeypatch)
    turn("c-1")
    assert service.tried.acquire(timeout=20)
    turn("c-2")
    assert service.tried.acquire(timeout=20)
    end()
    assert holding.losses.why == {"402": 2, "400": 1}
    assert sending.taking.sent == 1
