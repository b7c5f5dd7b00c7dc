"""The tree and the clock of a turn, whatever the rows say."""

from gateway.ops.explaining.spans import Spanned
from gateway.ops.explaining.timeline import timeline


def span(
    name: str, began: float, ms: float, *, parent: str = "", service: str = "all", kind: str = "x"
) -> Spanned:
    """A step that began so many milliseconds after 1,000 s."""
    return Spanned(name, parent, "t", kind, service, 1000 + began / 1000, ms, failed=False, notes={})


def places(*spans: Spanned) -> dict[str, tuple[int, float]]:
    """Depth and start of each, in the order in which they are read."""
    return {node.span.id: (node.depth, round(node.start, 3)) for node in timeline(spans).nodes}


def test_steps_stand_under_what_began_them() -> None:
    """In order of time, each before its own; parts of the whole for the picture."""
    spans = (
        span("b", 40, 60, parent="a"),
        span("a", 0, 200),
        span("c", 10, 20, parent="a"),
        span("d", 50, 10, parent="b"),
    )
    assert places(*spans) == {"a": (0, 0.0), "c": (1, 10.0), "b": (1, 40.0), "d": (2, 50.0)}
    found = timeline(spans)
    assert found.total == 200
    assert [(node.left, node.width) for node in found.nodes][2] == (20.0, 30.0)
    assert found.self_ms == {"a": 120.0, "c": 20.0, "b": 50.0, "d": 10.0}
    assert found.slowest is not None
    assert found.slowest.span.id == "a"


def test_what_lacks_its_parent_stands_at_the_top() -> None:
    """A parent that was lost takes nothing with it; a row that is its own ancestor is no trap."""
    assert places(span("a", 0, 10), span("b", 4, 2, parent="lost")) == {"a": (0, 0.0), "b": (0, 4.0)}
    assert set(places(span("a", 0, 10, parent="b"), span("b", 1, 5, parent="a"))) == {"a", "b"}
    assert set(places(span("a", 0, 10, parent="a"))) == {"a"}
    assert timeline(()).roots == ()


def test_clocks_that_differ_are_told_and_give_no_negative_bars() -> None:
    """A service whose clock is behind is moved as a whole, with all below it."""
    spans = (
        span("a", 0, 100, service="conversation"),
        span("b", -230, 40, parent="a", service="intent", kind="invoke_agent intent"),
        span("c", -220, 10, parent="b", service="intent"),
    )
    found = timeline(spans)
    assert [round(node.start) for node in found.nodes] == [0, 0, 10]
    assert all(node.left >= 0 and node.left + node.width <= 100 for node in found.nodes)
    assert list(found.skews) == [
        "The clocks of conversation and intent differ by about 230 ms; intent is shown by conversation’s."
    ]


def test_a_clock_that_is_ahead_is_told_too() -> None:
    """Who waited for an answer cannot have ended before it."""
    spans = (
        span("a", 0, 100, service="conversation"),
        span("b", 90, 40, parent="a", service="intent", kind="invoke_agent intent"),
    )
    found = timeline(spans)
    assert [round(node.start) for node in found.nodes] == [0, 60]
    assert len(found.skews) == 1


def test_one_clock_is_never_told_to_differ() -> None:
    """Two readings of it may, by less than a millisecond; nor what goes on after who began it."""
    spans = (span("a", 0, 100), span("b", -0.4, 5, parent="a"), span("late", 90, 400, parent="a"))
    found = timeline(spans)
    assert not found.skews
    assert min(node.start for node in found.nodes) == 0
    assert round(found.total) == 490
