"""A small run made by hand, for tests of what is done with runs."""

from collections.abc import Sequence

from evals.calibration import reliability
from evals.results import Measured, Row, Run
from evals.tally import Tally

HOSTILE = "<script>alert(1)</script> ![x](http://evil.example/x.png) | cancel it"


def run_of(name: str, *measured: Measured, **changes: object) -> Run:
    parts: dict[str, object] = {
        "name": name,
        "began": "2026-11-26T10:00:00+00:00",
        "seconds": 1.5,
        "engines": ("embedded",),
        "machine": {"machine": "2 cores", "commit": "abc"},
        "digests": {"seeds": "111111111111", "prompts": "222222222222"},
        "measured": measured,
    }
    return Run(**(parts | changes))  # type: ignore[arg-type]


def intents(
    said: Sequence[tuple[str, str, str, float]], *, engine: str = "embedded"
) -> tuple[Measured, Tally]:
    """Intents of `text, wanted, said, confidence`."""
    tally = Tally()
    for text, wanted, answer, sure in said:
        tally.add(
            text,
            right=wanted == answer,
            wanted=wanted,
            said=answer,
            sure=sure,
            tags=(f"label:{wanted}", "lang:en"),
            key=wanted,
        )
    measured = Measured(
        measure="intent",
        data="intent_human",
        engine=engine,
        figures=(tally.macro("macro", "label"), tally.figure("accuracy")),
        charts=tally.chart("by label", "label"),
        reliability=reliability([(row.sure or 0.0, row.right) for row in tally.rows]),
        confusion=tally.confusion(),
        rows=tuple(tally.rows),
    )
    return measured, tally


def ids(rows: Sequence[Row]) -> list[str]:
    return [row.id for row in rows]
