"""Pictures and files of a table."""

import csv
import io
import json

import pytest

from gateway.ops.querying.charts import chart
from gateway.ops.querying.files import as_csv, as_json
from gateway.ops.querying.running import Asked, limited, wrong
from shared.ports.traces import BadQuery, Cell, CellKind, Table

BY_AGENT = Table((("agent", "string"), ("calls", "long")), [("intent", 8), ("critic", 4), ("–", None)])
OVER_TIME = Table(
    (("at", "datetime"), ("agent", "string"), ("ms", "real")),
    [
        ("2026-11-27T06:00:00+00:00", "a", 1.0),
        ("2026-11-27T07:00:00+00:00", "a", 3.0),
        ("2026-11-27T06:30:00+00:00", "b", 2.0),
    ],
)


def test_bars_are_as_long_as_their_figures() -> None:
    """The longest is the whole; a row without a figure has none."""
    drawn = chart(BY_AGENT)
    assert drawn is not None
    assert [(bar.label, bar.value, bar.length) for bar in drawn.bars] == [
        ("intent", 8, 100),
        ("critic", 4, 50),
    ]


def test_lines_over_time_by_what_stands_beside_it() -> None:
    """One line for each, from the lowest to the highest; 0 is in the picture."""
    drawn = chart(OVER_TIME, "timechart")
    assert drawn is not None
    assert [(line.label, line.points) for line in drawn.lines] == [
        ("a", "0.00,66.67 100.00,0.00"),
        ("b", "50.00,33.33 50.00,33.33"),
    ]
    assert (drawn.low, drawn.high, drawn.first) == (0.0, 3.0, "2026-11-27 06:00 UTC")


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        (BY_AGENT, "table"),
        (Table((("agent", "string"),), [("a",), ("b",)]), ""),
        (Table((("agent", "string"), ("calls", "long")), [("a", 1)]), ""),
        (Table((("agent", "string"), ("ms", "real")), [("a", float("nan")), ("b", float("inf"))]), ""),
        (Table((("turn", "string"), ("ms", "real")), [("t-1", 1.0), ("t-1", 2.0)]), ""),
        (Table(OVER_TIME.columns, OVER_TIME.rows[1:]), ""),
    ],
)
def test_what_cannot_be_drawn_is_not(table: Table, hint: str) -> None:
    """A table that is asked for, no figures, one row, no real number, names that repeat, lone moments."""
    assert chart(table, hint) is None


@pytest.mark.parametrize("hint", ["timechart", "areachart", "scatterchart"])
def test_times_are_found_behind_names(hint: str) -> None:
    """`by Name, bin(TimeGenerated, 1h)` puts the name first; without a hint it is a table."""
    behind = Table(
        (OVER_TIME.columns[1], OVER_TIME.columns[0], OVER_TIME.columns[2]),
        [(agent, at, ms) for at, agent, ms in OVER_TIME.rows],
    )
    drawn, known = chart(behind, hint), chart(OVER_TIME, hint)
    assert drawn is not None
    assert drawn == known
    assert chart(behind) is None


@pytest.mark.parametrize("kind", ["long", "real", "timespan"])
def test_bars_of_numbers_are_drawn_when_they_are_asked_for(kind: CellKind) -> None:
    """`by datetime_part("hour", TimeGenerated) | render columnchart`; nobody draws ids by themselves."""
    hours = Table((("hour", kind), ("turns", "long")), [(7, 3), (8, 6)])
    drawn = chart(hours, "columnchart")
    assert drawn is not None
    assert [(bar.label, bar.length) for bar in drawn.bars] == [("7", 50), ("8", 100)]
    assert chart(hours) is None


def _by_status(*moments: str) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (at, status, n) for at in moments for n, status in enumerate(("asked", "", "answered"), 1)
    ]
    return Table((("began", "datetime"), ("status", "string"), ("turns", "long")), rows)


def test_bars_are_told_apart_by_all_that_names_them() -> None:
    """`by began, status | render columnchart`: one interval by status, two by both, many as lines."""
    now, later = "2026-11-27T06:00:00+00:00", "2026-11-27T06:15:00+00:00"
    one, two = chart(_by_status(now), "columnchart"), chart(_by_status(now, later), "columnchart")
    assert one is not None
    assert (one.title, [bar.label for bar in one.bars]) == ("turns by status", ["asked", "–", "answered"])
    assert two is not None
    assert [bar.label for bar in two.bars][2:4] == [
        "2026-11-27 06:00 UTC · answered",
        "2026-11-27 06:15 UTC · asked",
    ]
    many = chart(_by_status(*(f"2026-11-27T{hour:02}:00:00+00:00" for hour in range(20))), "columnchart")
    assert many is not None
    assert (many.title, [line.label for line in many.lines]) == (
        "turns over began",
        ["answered", "–", "asked"],
    )


def test_rows_as_they_were_sent_are_not_drawn() -> None:
    """`AppMetrics | take 5`: their figures are of different things. What one name sums up is drawn."""
    columns: tuple[tuple[str, CellKind], ...] = (
        ("TimeGenerated", "datetime"), ("Name", "string"), ("Sum", "real"), ("Properties", "dynamic"),
    )  # fmt: skip
    rows = [(f"2026-11-27T06:0{n}:00+00:00", f"desk_{n % 2}", float(n), "{}") for n in range(5)]
    assert chart(Table(columns, rows)) is None
    assert chart(Table(columns, rows), "timechart") is not None
    assert chart(Table(columns[:3], [row[:3] for row in rows])) is not None


def test_a_spreadsheet_runs_nothing() -> None:
    """Texts that look like formulas are texts; negative numbers stay numbers; commas and quotes are kept."""
    table = Table(
        (("=name", "string"), ("n", "real")), [('=HYPERLINK("x")', -1.5), ('@a, "b"', None), ("-2", 3.0)]
    )
    rows = list(csv.reader(io.StringIO(as_csv(table).decode())))
    assert rows == [["'=name", "n"], ['\'=HYPERLINK("x")', "-1.5"], ['\'@a, "b"', ""], ["'-2", "3.0"]]
    assert json.loads(as_json(table))["rows"][0] == ['=HYPERLINK("x")', -1.5]


def test_an_end_is_added_where_errors_do_not_move() -> None:
    """On a line of its own, in the place of the picture; comments and semicolons do no harm."""
    assert limited("A\n| count // all").endswith("// all\n| take 10001")
    assert limited("A | summarize n=count() by x\n| render barchart with (title='t') ;") == (
        "A | summarize n=count() by x\n\n| take 10001"
    )
    assert Asked("A | render TimeChart", "1d").chart == "timechart"
    assert Asked("A | where x == 'render table'", "1d").chart == ""


@pytest.mark.parametrize(
    "picture",
    ["| render barchart with (title='a | (b)')", "| render barchart // as asked\n// for on Monday\n"],
)
def test_a_picture_ends_a_query_whatever_follows(picture: str) -> None:
    """In Azure nothing may come behind it, so that our end would make the query wrong."""
    assert limited(f"A | count\n{picture}").split("\n")[0::2] == ["A | count", "| take 10001"]
    assert Asked(f"A | count\n{picture}", "1d").chart == "barchart"


def test_an_error_has_its_place() -> None:
    """The word in its line; behind the end it is the end; without a place there is only what is told."""
    text = "AppRequests\n| wher x"
    found = wrong(text, BadQuery("no such operator", line=2, column=3))
    assert (found.line, found.before, found.at, found.after) == (2, "| ", "wher", " x")
    found = wrong(text, BadQuery("unfinished", line=3, column=1))
    assert (found.line, found.before, found.at) == (2, "| wher x", "")
    assert wrong(text, BadQuery("too many brackets")).line == 0
    found = wrong(text, BadQuery("'where' operator: Failed to resolve scalar expression named 'x'"))
    assert (found.line, found.before, found.at) == (2, "| wher ", "x")
    assert wrong(text, BadQuery("Failed to resolve column named 'elsewhere'")).line == 0
    assert len(wrong(text, BadQuery("x" * 5000)).told) < 300
