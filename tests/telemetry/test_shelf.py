"""What waits for a late flag is bounded by bytes, and what is too much is decided on early."""

import tracemalloc
from collections.abc import Iterator

import pytest

from shared.contracts import ClassifyIntent
from shared.telemetry import Span, holding
from shared.telemetry.flags import Flags
from shared.telemetry.holding import Holding, chosen
from shared.telemetry.shelf import Shelf, encoded

ASK = ClassifyIntent(conversation_id="c-1", turn_id="t-1", step_id="t-1.classify", text="é" * 3000)


def spans(count: int) -> Iterator[Span]:
    for number in range(count):
        span = Span(
            f"invoke_agent {number}", "internal", f"{number:032x}", "p" * 16, f"c-{number}", f"t-{number}"
        )
        span.note(agent="intent", action="intent.classify.v1", reasoning="’" * (number % 400), confidence=0.5)
        if number % 2:
            span.inputs = ASK
            span.link(f"00-{'a' * 32}-{'b' * 16}-01")
        yield span


def test_the_shelf_holds_no_more_bytes_than_it_may() -> None:
    """By Python's own account of its memory: 4,000 spans that would take ten times as much."""
    most = 2**20
    shelf, fell = Shelf(seconds=60.0, most=most), 0
    tracemalloc.start()
    try:
        for number, span in enumerate(spans(4000)):
            shelf.put(span.trace, [span], float(number) / 1000)
            fell += sum(len(fallen) for _, fallen in shelf.fallen(float(number) / 1000))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.9 * most < shelf.size <= most
    assert taken <= most
    assert fell > 3000
    assert sum(len(fallen) for _, fallen in shelf.fallen(float("inf"))) == 4000 - fell
    assert shelf.size == 0


def test_what_is_too_much_for_the_shelf_is_decided_on_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest first, chosen or not; of what is let go only so many traces are remembered."""
    monkeypatch.setattr(holding, "_MOST_GONE", 10)
    now, known = [0.0], Flags()
    process = Holding(ratio=0.5, most_bytes=200_000, flags=known, now=lambda: now[0])
    every = list(spans(1000))
    for span in every:
        process.opened(span)
        process.ended(span)
    now[0] = 6.0
    early = process.decided()
    assert process.shelf.size <= 200_000
    numbers = [int(one.span.trace, 16) for one in early]
    assert numbers == [n for n in range(numbers[-1] + 1) if chosen(f"c-{n}", 0.5)]
    assert 500 < numbers[-1] < 990
    for span in every:
        known.keep(span.trace, "rejected", tell=False)
    now[0] = 70.0
    found = process.decided()
    assert sum(one.span.name == "lost" for one in found) == process.losses.late == 10
    assert process.shelf.size == 0


def test_a_message_that_cannot_be_written_costs_no_other_span() -> None:
    """It says so itself; a lone half of a pair is no text that JSON can hold."""
    broken = ClassifyIntent(conversation_id="c-1", turn_id="t-1", step_id="s", text="\ud83d")
    assert encoded(broken) == "cannot be written as JSON: UnicodeEncodeError"
    assert encoded(None) is None
