"""Arranges a run for the templates."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from evals.comparing import Compared, Flip, compare
from evals.engine import MOCK
from evals.page import charts, wording
from evals.page.parts import Drawing, FigureLine, Line, Page, Quote, Section
from evals.results import Chart, Figure, Measured, Row, Run
from evals.targets import Outcome, Target, outcomes

WORST = 12
FLIPS = 60
_BARS = 12
_CONFUSIONS = 6


def page(run: Run, targets: Sequence[Target], *, texts: Mapping[str, str], against: Run | None) -> Page:
    """The run beside its targets and, where given, beside another run."""
    compared = {_key(each): compare(each, against) if against else None for each in run.measured}
    found = outcomes(run, targets)
    lines = [
        _line(outcome, compared.get(_key(outcome.measured)) if outcome.measured else None, against)
        for outcome in found
    ]
    return Page(
        run=run,
        other=against,
        lines=lines,
        tally=_tally(found),
        changed=_changed(run, against),
        languages=_languages(run),
        engines=_engines(run) if len(run.engines) > 1 else [],
        sections=[_section(each, compared[_key(each)], texts) for each in run.measured],
        mocked=any(each.engine == MOCK for each in run.measured),
    )


def _key(measured: Measured) -> tuple[str, str, str]:
    return measured.measure, measured.data, measured.engine


def _anchor(measured: Measured) -> str:
    return "-".join(part for part in _key(measured) if part)


def _line(outcome: Outcome, compared: Compared | None, against: Run | None) -> Line:
    target, figure, measured = outcome.target, outcome.figure, outcome.measured
    if figure is None or measured is None:
        return Line(
            what=target.what, engine="", limit=wording.limit(target), figure="", n="", interval="",
            verdict=outcome.verdict, hint="", change="", mark=Markup(""), anchor="",
        )  # fmt: skip
    hint = ""
    if outcome.verdict == "within interval":
        hint = "the figure reaches it" if outcome.reached else "the figure misses it"
    change = compared.changes.get(figure.name) if compared else None
    return Line(
        what=target.what,
        engine=measured.engine,
        limit=wording.limit(target),
        figure=wording.shown(figure),
        n=f"{figure.n:,}",
        interval=wording.interval(figure),
        verdict=outcome.verdict,
        hint=hint,
        change=wording.difference(figure, change) if against else "",
        mark=charts.mark(figure, target.limit),
        anchor=_anchor(measured),
    )


def _tally(found: Sequence[Outcome]) -> str:
    counts = {
        "met": sum(outcome.verdict == "met" for outcome in found),
        "within the interval and reached": sum(
            outcome.verdict == "within interval" and outcome.reached for outcome in found
        ),
        "within the interval and missed": sum(
            outcome.verdict == "within interval" and not outcome.reached for outcome in found
        ),
        "not met": sum(outcome.verdict == "not met" for outcome in found),
        "not measured": sum(outcome.verdict == "not measured" for outcome in found),
    }
    return ", ".join(f"{n} {name}" for name, n in counts.items() if n)


def _changed(run: Run, against: Run | None) -> list[str]:
    """What differs between the two runs besides their figures."""
    if against is None:
        return []
    names = [name for name, digest in run.digests.items() if against.digests.get(name) != digest]
    changed = [f"{name} {against.digests.get(name, '?')} → {run.digests[name]}" for name in names]
    machines = [
        f"{name}: {against.machine.get(name, '?')} → {value}"
        for name, value in run.machine.items()
        if against.machine.get(name) != value
    ]
    return changed + machines


def _languages(run: Run) -> list[tuple[str, dict[str, str]]]:
    """Shares of right rows by language, for every measure whose rows have one."""
    table = []
    for measured in run.measured:
        shares = {}
        for lang in ("en", "fr", "es"):
            hits = [row.right for row in measured.rows if f"lang:{lang}" in row.tags]
            if hits:
                shares[lang] = f"{wording.percent(sum(hits) / len(hits))} of {len(hits):,}"
        if shares:
            table.append((f"{measured.title} ({measured.engine})", shares))
    return table


def _engines(run: Run) -> list[tuple[str, dict[str, str]]]:
    """The first figure of every measure that more than one engine took, by engine."""
    table: dict[str, dict[str, str]] = {}
    for measured in run.measured:
        if measured.engine in run.engines and measured.figures:
            first = measured.figures[0]
            title = f"{measured.title}, {wording.name(first.name)}"
            table.setdefault(title, {})[measured.engine] = (
                f"{wording.shown(first)} ({wording.interval(first)})"
            )
    return list(table.items())


def _section(measured: Measured, compared: Compared | None, texts: Mapping[str, str]) -> Section:
    wrong = [row for row in measured.rows if not row.right]
    worst = sorted(wrong, key=lambda row: -(row.sure or 0.0))[:WORST]
    errors = [cell for cell in measured.confusion if cell.wanted != cell.said]
    return Section(
        anchor=_anchor(measured),
        title=measured.title,
        engine=measured.engine,
        seconds=measured.seconds,
        figures=[
            FigureLine(
                wording.name(figure.name),
                wording.shown(figure),
                f"{figure.n:,}",
                wording.interval(figure),
                wording.difference(figure, compared.changes.get(figure.name)) if compared else "",
            )
            for figure in measured.figures
        ],
        drawings=[_drawing(chart) for chart in measured.charts],
        bins=measured.reliability,
        curve=charts.reliability(measured.reliability) if measured.reliability else Markup(""),
        heat=charts.confusion(measured.confusion) if errors else Markup(""),
        confusions=sorted(errors, key=lambda cell: -cell.n)[:_CONFUSIONS],
        wrong=len(wrong),
        worst=[_quote(row, texts) for row in worst],
        compared=compared,
        broke=[_flip(flip, texts) for flip in compared.broke[:FLIPS]] if compared else [],
        mended=[_flip(flip, texts) for flip in compared.mended[:FLIPS]] if compared else [],
    )


def _drawing(chart: Chart) -> Drawing:
    shown, title = chart.bars, chart.title
    if len(shown) > _BARS:
        title = f"{title}: the {_BARS} worst of {len(shown)}"
        shown = tuple(sorted(shown, key=lambda bar: bar.value if bar.better == "higher" else -bar.value))[
            :_BARS
        ]
    return Drawing(title, charts.bars(shown), [_bar(bar) for bar in chart.bars], [_bar(bar) for bar in shown])


def _bar(bar: Figure) -> FigureLine:
    return FigureLine(
        wording.name(bar.name), wording.shown(bar), f"{bar.n:,}", wording.interval(bar), change=""
    )


def _quote(row: Row, texts: Mapping[str, str], before: str = "") -> Quote:
    text = texts.get(row.id)
    return Quote(
        text=wording.quoted(text) if text is not None else f"row {row.id}",
        wanted=row.wanted,
        said=row.said,
        sure="" if row.sure is None else f"{row.sure:.2f}",
        before=before,
    )


def _flip(flip: Flip, texts: Mapping[str, str]) -> Quote:
    return _quote(flip.now, texts, before=flip.before.said)
