"""A turn that is flagged when a process is done with its part: kept whole, for itself alone, or it says so.

Four processes of one desk, each with its own flags; the test turns their clock.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from shared.telemetry import Span
from shared.telemetry.flags import Flags
from shared.telemetry.holding import Holding, Kept, chosen

STEP = 0.5
"""Seconds after which a process looks at what it holds."""
IN, OUT = ("c-1", "c-2") if chosen("c-1", 0.5) else ("c-2", "c-1")
"""A conversation that half a sample has, and one that it has not."""


class Process:
    """Holds its parts of traces and sends them when it is time."""

    def __init__(self, now: Callable[[], float], **more: float) -> None:
        self.flags = Flags()
        self.holding = Holding(**{"ratio": 0.5, **more}, flags=self.flags, now=now)  # type: ignore[arg-type]
        self.sent: list[Kept] = []

    def begins(self, name: str, trace: str, conversation: str) -> Span:
        """A span of the turn of a conversation."""
        span = Span(name, "internal", trace, "", conversation, f"{trace}-t")
        self.holding.opened(span)
        return span

    def does(self, name: str, trace: str, conversation: str, *, error: str = "") -> None:
        """A span that takes no time."""
        span = self.begins(name, trace, conversation)
        span.error = error
        self.holding.ended(span)


@dataclass
class Desk:
    """Processes that hear each other's flags; `wait` lets time go by."""

    late: float = 60.0
    now: float = 1000.0
    made: int = 0
    processes: dict[str, Process] = field(default_factory=dict)
    coming: list[tuple[float, str]] = field(default_factory=list)
    """When the critic will flag which trace."""

    def __post_init__(self) -> None:
        for name in ("gateway", "conversation", "critic", "analytics"):
            self.processes[name] = process = Process(lambda: self.now, late=self.late)
            process.flags.on_flag(self._told)

    def _told(self, trace: str, why: str) -> None:
        for process in self.processes.values():
            process.flags.keep(trace, why, tell=False)

    def __getitem__(self, name: str) -> Process:
        return self.processes[name]

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        for _ in range(round(seconds / STEP)):
            self.now += STEP
            for due in [each for each in self.coming if each[0] <= self.now]:
                self.coming.remove(due)
                self["critic"].flags.keep(due[1], "rejected", tell=True)
            for process in self.processes.values():
                process.sent += process.holding.decided()

    def turn(self, conversation: str, *, seconds: float = 1.0) -> str:
        """A turn of five spans in four processes, which nobody has flagged; its trace."""
        self.made += 1
        trace = f"{self.made:032x}"
        root = self["gateway"].begins("turn", trace, conversation)
        answer = self["conversation"].begins("invoke_agent conversation", trace, conversation)
        self["critic"].does("invoke_agent critic", trace, conversation)
        self["critic"].does("chat luna", trace, conversation)
        self.wait(seconds)
        self["conversation"].holding.ended(answer)
        self["gateway"].holding.ended(root)
        self["analytics"].does("handle turn.finished.v1", trace, conversation)
        return trace

    def kept(self, trace: str) -> list[Kept]:
        """What of a trace is sent, by all."""
        return [each for at in self.processes.values() for each in at.sent if each.span.trace == trace]


PARTS = {
    "conversation": "invoke_agent conversation",
    "critic": "invoke_agent critic",
    "analytics": "handle turn.finished.v1",
}
WHOLE = {"turn", "chat luna", *PARTS.values()}


def rejects(desk: Desk, conversation: str) -> str:
    """The critic, in a process of its own, while the turn runs."""
    trace = desk.turn(conversation)
    desk["critic"].flags.keep(trace, "rejected", tell=True)
    return trace


def fails_at_last(desk: Desk, conversation: str) -> str:
    """The turn fails when the agents have been quiet for long: it was slow by then."""
    trace = desk.turn(conversation, seconds=20.0)
    desk["gateway"].does("vault reveal", trace, conversation, error="VaultDown")
    return trace


def taken_late(desk: Desk, conversation: str) -> str:
    """What staff do waits for a conversation service that is away, and is handed over when it is back."""
    desk["gateway"].does("turn", trace := f"{7:032x}", conversation)
    desk.wait(30)
    for process, name in PARTS.items():
        desk[process].does(name, trace, conversation)
    desk["critic"].does("chat luna", trace, conversation)
    desk["conversation"].flags.keep(trace, "handed_over", tell=True)
    return trace


def held_back(desk: Desk, conversation: str) -> str:
    """The customer comes back after 20 s, and a person has taken the conversation."""
    trace = desk.turn(conversation)
    desk.wait(20)
    desk["gateway"].flags.keep(trace, "held_back", tell=True)
    return trace


def marked_wrong(desk: Desk, conversation: str) -> str:
    """Staff read the reply and mark it."""
    trace = desk.turn(conversation)
    desk.wait(45)
    desk["gateway"].flags.keep(trace, "marked_wrong", tell=True)
    return trace


def given_up(desk: Desk, conversation: str) -> str:
    """What the conversation has to do afterwards fails five times, and becomes a dead letter."""
    trace = desk.turn(conversation)
    desk.wait(31)
    desk["conversation"].does("bury", trace, conversation)
    desk["conversation"].flags.keep(trace, "given_up", tell=True)
    return trace


def fails_again(desk: Desk, conversation: str) -> str:
    """A listener was away and fails when it hears of the turn at last."""
    trace = desk.turn(conversation)
    desk.wait(8)
    desk["analytics"].does("handle turn.finished.v1", trace, conversation, error="StoreDown")
    return trace


@pytest.mark.parametrize(
    ("happens", "missing"),
    [
        (rejects, 0),
        (fails_at_last, 0),
        (taken_late, 1),
        (held_back, 5),
        (marked_wrong, 5),
        (given_up, 5),
        (fails_again, 5),
    ],
)
@pytest.mark.parametrize("conversation", [IN, OUT])
def test_a_turn_that_is_flagged_late_is_kept_whole(
    happens: Callable[[Desk, str], str], missing: int, conversation: str
) -> None:
    """In every process and for itself alone, whether or not the sample has its conversation.

    `missing` spans would be lost, or stand for two turns, if nothing waited for a flag.
    """
    desk, hasty = Desk(), Desk(late=0.0)
    found = []
    for each in (desk, hasty):
        trace = happens(each, conversation)
        each.wait(70)
        found.append(each.kept(trace))
    whole, hurried = found
    assert {one.span.name for one in whole} >= WHOLE
    assert {one.weight for one in whole} == {1.0}
    assert len({one.why for one in whole}) == 1
    assert len(whole) - sum(one.weight == 1.0 and one.span.name != "lost" for one in hurried) == missing
    assert sum(each.holding.losses.late for each in desk.processes.values()) == 0


def test_what_is_flagged_does_not_come_before_the_others() -> None:
    """Else the share of failed or slow turns would be too high in whatever is asked of the last minute."""
    desk = Desk()
    traces = [desk.turn(IN, seconds=0.0), rejects(desk, OUT), rejects(desk, IN)]
    desk.wait(60)
    assert [len(desk.kept(trace)) for trace in traces] == [0, 0, 0]
    desk.wait(6)
    assert [len(desk.kept(trace)) for trace in traces] == [5, 5, 5]


def test_where_all_is_kept_nothing_waits() -> None:
    """A flag would change nothing, and who looks at a desk of their own does not wait a minute."""
    desk = Desk()
    alone = Process(lambda: desk.now, ratio=1.0)
    alone.does("turn", f"{1:032x}", OUT)
    desk.now += 4.5
    assert not alone.holding.decided()
    desk.now += STEP
    assert [one.weight for one in alone.holding.decided()] == [1.0]


def test_a_flag_that_comes_too_late_is_counted_and_the_trace_says_so() -> None:
    """What was let go is gone; who sampled the conversation has sent all of it, and loses nothing."""
    desk = Desk()
    traces = [desk.turn(IN), desk.turn(OUT)]
    desk.wait(70)
    for trace in traces:
        desk["gateway"].flags.keep(trace, "marked_wrong", tell=True)
    desk.wait(10)
    sampled, lost = map(desk.kept, traces)
    assert {one.weight for one in sampled} == {2.0}
    assert {one.span.name for one in sampled} == WHOLE
    assert {one.span.name for one in lost} == {"lost"}
    assert [one.span.attributes["lost"] for one in lost] == [1, 1, 2, 1]
    assert {(one.why, one.weight) for one in lost} == {("marked_wrong", 1.0)}
    assert {(one.span.conversation, one.span.turn) for one in lost} == {(OUT, f"{traces[1]}-t")}
    assert [each.holding.losses.late for each in desk.processes.values()] == [1, 1, 2, 1]


def test_a_trace_whose_spans_go_on_waits_until_they_have_ended() -> None:
    """Each new one begins its minute again; what had been let go before is told, beside what is there."""
    desk = Desk()
    trace = desk.turn(OUT)
    desk.wait(70)
    for _ in range(4):
        desk.wait(30)
        desk["analytics"].does("handle feedback.given.v1", trace, OUT)
    desk["critic"].flags.keep(trace, "rejected", tell=True)
    desk.wait(70)
    heard = [one for one in desk["analytics"].sent if one.span.trace == trace]
    assert [one.span.name.partition(" ")[0] for one in heard] == ["lost", *4 * ["handle"]]


def test_estimates_stay_true_when_flags_come_late() -> None:
    """Were the chosen sent before a flag can come, flagged turns would count one and a half times."""
    desk, dice = Desk(), random.Random(11)
    turns, flagged = 0, 0
    for number in range(2000):
        for _ in range(dice.randint(1, 3)):
            trace = desk.turn(f"c-{number}", seconds=0.0)
            turns += 1
            if dice.random() < 0.4:
                flagged += 1
                desk.coming.append((desk.now + dice.choice((1.0, 10.0, 40.0)), trace))
        if number % 20 == 0:
            desk.wait(STEP)
    desk.wait(110)
    roots = [one for one in desk["gateway"].sent if one.span.name == "turn"]
    assert sum(one.weight for one in roots) == pytest.approx(turns, rel=0.04)
    assert sum(one.why == "rejected" for one in roots) == flagged > 1000
    assert len(roots) < 0.75 * turns
