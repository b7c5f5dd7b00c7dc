"""Draws the charts of the report as inline SVG."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from evals.calibration import Bin
from evals.page.wording import name, percent
from evals.results import Cell, Figure

# In user units; 360 wide is a phone's column, so letters keep their size there.
WIDTH = 360
_ROW = 34
_TRACK = WIDTH - 8
_CELL = 24


def bars(figures: Sequence[Figure]) -> Markup:
    """Shares from 0 to 1, one under the other, with their intervals as whiskers."""
    rows = Markup("").join(_bar(figure, n * _ROW) for n, figure in enumerate(figures))
    label = ", ".join(f"{figure.name} {percent(figure.value)}" for figure in figures)
    return _svg(WIDTH, len(figures) * _ROW + 2, label, rows)


def _bar(figure: Figure, y: int) -> Markup:
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return Markup(
        '<text x="4" y="{text_y}">{name} <tspan class="soft">n {n}</tspan></text>'
        '<text x="{right}" y="{text_y}" text-anchor="end">{value}</text>'
        '<rect class="track" x="4" y="{bar_y}" width="{track}" height="9" rx="2"/>'
        '<rect class="bar {better}" x="4" y="{bar_y}" width="{width:.1f}" height="9" rx="2"/>'
        '<path class="whisker" d="M{low:.1f} {mid}H{high:.1f}'
        'M{low:.1f} {top}V{bottom}M{high:.1f} {top}V{bottom}"/>'
    ).format(
        name=name(figure.name),
        n=f"{figure.n:,}",
        value=percent(figure.value),
        better=figure.better,
        right=WIDTH - 4,
        track=_TRACK,
        text_y=y + 13,
        bar_y=y + 19,
        width=figure.value * _TRACK,
        low=4 + low * _TRACK,
        high=4 + high * _TRACK,
        mid=y + 23.5,
        top=y + 20.5,
        bottom=y + 26.5,
    )


def mark(figure: Figure, limit: float) -> Markup:
    """A small line: the interval, the figure as a dot, the limit as a stroke across; the scale is its own."""
    if figure.low is None or figure.high is None:
        return Markup("")
    least, most = min(figure.low, limit), max(figure.high, limit)
    pad = (most - least) * 0.12 or 0.05

    def x(value: float) -> float:
        return 2 + 116 * (value - least + pad) / (most - least + 2 * pad)

    inside = Markup(
        '<path class="whisker" d="M{low:.1f} 9H{high:.1f}"/>'
        '<circle class="dot" cx="{at:.1f}" cy="9" r="3.5"/>'
        '<path class="limit" d="M{limit:.1f} 2V16"/>'
    ).format(low=x(figure.low), high=x(figure.high), at=x(figure.value), limit=x(limit))
    return _svg(120, 18, f"interval and limit {percent(limit)}", inside, kind="mark")


def reliability(bins: Sequence[Bin]) -> Markup:
    """How often the answers of each confidence were right; on the diagonal they would be what they say."""
    size, left, top = 280, 44, 10
    bottom = top + size

    def x(value: float) -> float:
        return left + value * size

    def y(value: float) -> float:
        return bottom - value * size

    grid = Markup("").join(
        Markup(
            '<path class="grid" d="M{left} {y:.1f}H{right}M{x:.1f} {top}V{bottom}"/>'
            '<text class="soft" x="{before}" y="{text_y:.1f}" text-anchor="end">{label}</text>'
            '<text class="soft" x="{x:.1f}" y="{under}" text-anchor="middle">{label}</text>'
        ).format(
            left=left, right=left + size, top=top, bottom=bottom, before=left - 6, under=bottom + 16,
            x=x(tick / 4), y=y(tick / 4), text_y=y(tick / 4) + 4, label=f"{tick / 4:.2g}",
        )
        for tick in range(5)
    )  # fmt: skip
    total = sum(each.n for each in bins)
    points = Markup("").join(
        Markup(
            '<path class="whisker" d="M{x:.1f} {low:.1f}V{high:.1f}"/>'
            '<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}">'
            "<title>said {said}, right {right}, n {n}</title></circle>"
        ).format(
            x=x(each.said), y=y(each.right), low=y(each.low), high=y(each.high),
            r=3 + 7 * (each.n / total) ** 0.5, said=percent(each.said), right=percent(each.right), n=each.n,
        )
        for each in bins
    )  # fmt: skip
    axes = Markup(
        '<path class="ideal" d="M{left} {bottom}L{right} {top}"/>'
        '<text x="{middle}" y="{low}" text-anchor="middle">said (confidence)</text>'
        '<text x="12" y="{center}" text-anchor="middle" transform="rotate(-90 12 {center})">right</text>'
    ).format(
        left=left, right=left + size, top=top, bottom=bottom, middle=left + size / 2, low=bottom + 36,
        center=top + size / 2,
    )  # fmt: skip
    return _svg(WIDTH, bottom + 44, "reliability curve", grid + axes + points)


def confusion(cells: Sequence[Cell]) -> Markup:
    """What was said (columns) for what was right (rows); the darker, the larger the part of its row."""
    labels = sorted({cell.wanted for cell in cells} | {cell.said for cell in cells})
    totals = {label: sum(cell.n for cell in cells if cell.wanted == label) for label in labels}
    room, size = 12 + 7 * max(map(len, labels)), len(labels) * _CELL
    boxes = Markup("").join(
        _box(
            cell,
            room + labels.index(cell.said) * _CELL,
            room + labels.index(cell.wanted) * _CELL,
            cell.n / totals[cell.wanted],
        )
        for cell in cells
    )
    frame = Markup('<rect class="frame" x="{at}" y="{at}" width="{size}" height="{size}"/>').format(
        at=room, size=size
    )
    heads = Markup("").join(_heads(labels, room))
    side = room + size + 4
    return _svg(
        side, side, "confusion: rows are right, columns were said", frame + boxes + heads, kind="wide"
    )


def _heads(labels: Sequence[str], room: int) -> Iterable[Markup]:
    for n, label in enumerate(labels):
        middle = room + n * _CELL + _CELL / 2
        yield Markup(
            '<text x="{before}" y="{base}" text-anchor="end">{label}</text>'
            '<text x="{base}" y="{before}" transform="rotate(-90 {base} {before})">{label}</text>'
        ).format(before=room - 6, base=middle + 4, label=name(label).lower())


def _box(cell: Cell, x: int, y: int, part: float) -> Markup:
    return Markup(
        '<rect class="{kind}" x="{x}" y="{y}" width="{size}" height="{size}" fill-opacity="{part:.2f}">'
        "<title>{wanted} read as {said}: {n}</title></rect>"
        '<text class="count" x="{tx:g}" y="{ty:g}" text-anchor="middle">{n}</text>'
    ).format(
        kind="hit" if cell.wanted == cell.said else "miss",
        x=x, y=y, size=_CELL, part=0.12 + 0.6 * part, wanted=cell.wanted, said=cell.said, n=cell.n,
        tx=x + _CELL / 2, ty=y + _CELL / 2 + 4,
    )  # fmt: skip


def _svg(width: float, height: float, label: str, inside: Markup, *, kind: str = "chart") -> Markup:
    return Markup(
        '<svg class="{kind}" width="{w:g}" height="{h:g}" viewBox="0 0 {w:g} {h:g}" role="img" '
        'aria-label="{label}">{inside}</svg>'
    ).format(kind=kind, w=width, h=height, label=label, inside=inside)
