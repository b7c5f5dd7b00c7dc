"""Puts the spans of a turn into one order, one tree and one clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.ops.explaining.spans import Spanned

_JITTER_MS = 1.0
"""What two readings of one clock may differ by: no difference between clocks is told below it."""


@dataclass
class Node:
    """A step with those it began. `start` is milliseconds from the turn's beginning, by its own clock.

    `wait` is how long it lay on the bus before; `left`, `width` and `waited` are parts of the whole, in per
    cent, for a picture.
    """

    span: Spanned
    start: float = 0.0
    depth: int = 0
    left: float = 0.0
    width: float = 0.0
    waited: float = 0.0
    children: list["Node"] = field(default_factory=list)

    @property
    def wait(self) -> float:
        """Milliseconds from stored on the bus to taken."""
        return self.span.number("queued_ms")

    @property
    def all(self) -> Iterator["Node"]:
        """It and what is below it, in the order of a reader."""
        yield self
        for child in self.children:
            yield from child.all


@dataclass(frozen=True)
class Timeline:
    """The steps of a turn. `skews` say, in English, which clocks differ; `total` is in milliseconds."""

    roots: Sequence[Node]
    total: float
    skews: Sequence[str]

    @property
    def nodes(self) -> list[Node]:
        """Every step in the order of a reader: each before what it began."""
        return [node for root in self.roots for node in root.all]

    @property
    def self_ms(self) -> dict[str, float]:
        """By span id, its milliseconds without those of its children, where they did not overlap."""
        return {node.span.id: _alone(node) for node in self.nodes}

    @property
    def slowest(self) -> Node | None:
        """Where the most time went by itself."""
        own = self.self_ms
        return max(self.nodes, key=lambda node: own[node.span.id], default=None)


def timeline(spans: Sequence[Spanned]) -> Timeline:
    """The tree of these spans. Whose parent was not kept stands at the top, and none begins before 0.

    A child of another service that begins before its parent, or ends after a parent that waited for it, was
    timed by another clock: it is moved, with all below it, and the difference is told.
    """
    nodes = {each.id: Node(each) for each in spans}
    roots: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.span.parent)
        if above is None or above is node or _below(node, above, nodes):
            roots.append(node)
        else:
            above.children.append(node)
    if not roots:
        return Timeline((), 0.0, ())
    zero = min(root.span.began for root in roots)
    skews: dict[tuple[str, str], float] = {}
    for root in roots:
        _place(root, 0.0, zero, skews)
    roots.sort(key=lambda each: each.start)
    total = max(node.start + node.span.ms for root in roots for node in root.all) or 1.0
    for node in (node for root in roots for node in root.all):
        node.left = round(100 * node.start / total, 3)
        node.width = round(100 * node.span.ms / total, 3)
        node.waited = round(min(node.left, 100 * node.wait / total), 3)
    said = [
        f"The clocks of {here} and {there} differ by about {abs(by):.0f} ms; {there} is shown by {here}’s."
        for (here, there), by in skews.items()
    ]
    return Timeline(roots, total, said)


def _below(node: Node, above: Node, nodes: dict[str, Node]) -> bool:
    """Whether the parent is one of its own descendants: rows of strangers may say so."""
    seen = {node.span.id}
    while above is not None:
        if above.span.id in seen:
            return True
        seen.add(above.span.id)
        found = nodes.get(above.span.parent)
        if found is None:
            return False
        above = found
    return False


def _place(root: Node, shift: float, zero: float, skews: dict[tuple[str, str], float]) -> None:
    """Start and depth of a root and all below it, by a stack: a trace may be deeper than Python's."""
    root.start = max(0.0, (root.span.began - zero) * 1000 + shift)
    waiting = [(root, shift)]
    while waiting:
        above, moved = waiting.pop()
        for child in above.children:
            raw = (child.span.began - zero) * 1000 + moved
            by = _off(above, child, raw)
            if abs(by) > _JITTER_MS and child.span.service != above.span.service:
                pair = (above.span.service, child.span.service)
                skews[pair] = max(skews.get(pair, 0.0), by, key=abs)
            child.start, child.depth = raw + by, above.depth + 1
            waiting.append((child, moved + by))
        above.children.sort(key=lambda each: each.start)


def _off(above: Node, child: Node, start: float) -> float:
    """By how many milliseconds a child has to move to lie within what waited for it."""
    if start < above.start:
        return above.start - start
    late = start + child.span.ms - (above.start + above.span.ms)
    waits_for_it = child.span.name.startswith("invoke_agent ") and child.span.service != above.span.service
    if waits_for_it and late > _JITTER_MS and child.span.ms <= above.span.ms:
        return -min(late, start - above.start)
    return 0.0


def _alone(node: Node) -> float:
    covered, reached = 0.0, node.start
    end = node.start + node.span.ms
    for child in node.children:
        begin, stop = max(child.start, reached), min(child.start + child.span.ms, end)
        if stop > begin:
            covered += stop - begin
            reached = stop
    return max(0.0, node.span.ms - covered)
