"""The report of a run, rendered."""

import re
from html.parser import HTMLParser

import pytest

from evals.page.charts import bars
from evals.page.render import html, markdown
from evals.page.view import page
from evals.results import Figure, Measured, Missing, Run
from evals.targets import Target
from tests.evals.runs import HOSTILE, intents, run_of

TARGETS = (
    Target(what="intents of people", measure="intent", data="intent_human", figure="macro", at_least=0.95),
    Target(what="nothing left", measure="pii", data="pii_record", figure="leak_rate", at_most=0.001),
)
ROWS = [
    (HOSTILE, "CANCELLATION", "ORDER_CHANGE", 0.91),
    ("hello there", "GENERAL_INQUIRY", "FEEDBACK", 0.3),
    *[(f"parcel {n}", "ORDER_STATUS", "ORDER_STATUS", 0.9) for n in range(6)],
]


def rendered(*, against: Run | None = None, **changes: object) -> tuple[str, str, str]:
    """HTML, Markdown, and Markdown without quotes."""
    measured, tally = intents(ROWS)
    shown = page(run_of("now", measured, **changes), TARGETS, texts=tally.texts, against=against)
    return html(shown), markdown(shown, quotes=True), markdown(shown, quotes=False)


class Seen(HTMLParser):
    """Tags, what they load, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [
            value or ""
            for name, value in attrs
            if name in {"src", "srcset", "data", "action", "poster", "xlink:href"}
            or (name == "href" and not (value or "").startswith("#"))
        ]

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(document: str) -> Seen:
    parser = Seen()
    parser.feed(document)
    return parser


def test_the_page_loads_nothing() -> None:
    """No script, no address, no import: the page is whole by itself and says so to the browser."""
    document, _, _ = rendered()
    found = seen(document)
    assert not found.loads
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert not re.search(r"@import|url\(", document)
    assert "default-src 'none'" in document


def test_hostile_text_stays_text() -> None:
    """What a customer wrote is quoted, never run: not as HTML, not as Markdown."""
    document, text, _ = rendered()
    assert "<script>alert" not in document
    assert HOSTILE in seen(document).text
    row = next(line for line in text.splitlines() if "alert(1)" in line)
    assert "<script>" not in row
    assert "![x]" not in row
    assert len(re.findall(r"(?<!\\)\|", row)) == 5  # four columns: the pipe in the text is escaped


def test_verdicts_are_said() -> None:
    """A missed target reads "not met" in both forms, one without a figure "not measured"."""
    document, text, results = rendered()
    assert re.search(r'class="verdict not-met">not met', document)
    assert re.search(r'class="verdict not-measured">not measured', document)
    for form in (text, results):
        assert "| intents of people | ≥ 95 % | 33.3 % |" in form
        assert "**not met**" in form
        assert "1 not met, 1 not measured" in form


def test_what_is_missing_is_named() -> None:
    """Data that was not there stands on the page with its reason."""
    gone = (Missing(measure="oos", data="oos", why="oos.jsonl is not there"),)
    document, text, results = rendered(missing=gone)
    assert "oos.jsonl is not there" in document
    assert all("oos.jsonl is not there" in form for form in (text, results))


def test_results_quote_nobody() -> None:
    """The Markdown for the repository holds the figures and no word of a row."""
    _, text, results = rendered(against=run_of("before", intents(ROWS[1:])[0]))
    assert "hello there" in text
    assert not [row for row, *_ in ROWS if row in results]
    assert "alert" not in results
    assert "| accuracy | 75.0 % |" in results


def test_the_worst_come_first() -> None:
    """The surest mistake leads the worst cases."""
    document, _, _ = rendered()
    worst = document.index("Worst cases")
    assert worst < document.index("alert(1)", worst) < document.index("hello there", worst)


def test_two_runs() -> None:
    """Beside another run the page names what broke, what was mended, what changed besides, and chance."""
    before = [
        (text, wanted, wanted if text == "hello there" else "EXCHANGE", sure)
        for text, wanted, _, sure in ROWS
    ]
    other = run_of("before", intents(before)[0], digests={"seeds": "999999999999", "prompts": "222222222222"})
    document, text, results = rendered(against=other)
    for form in (text, results):
        assert "1 broke, 6 mended" in form
        assert "seeds 999999999999 → 111111111111" in form
        assert "prompts 2" not in form.split("Changed besides")[1].split("\n")[0]
    assert "no difference beyond chance (p 0.12)" in document
    broke = document[document.index("1 broke</h3>") : document.index("6 mended</h3>")]
    assert "hello there" in broke
    assert "parcel" not in broke


def test_rows_of_a_kept_run_are_shown_by_digest() -> None:
    """Where no text is known the row's digest stands for it."""
    measured, _ = intents(ROWS)
    document = html(page(run_of("now", measured), TARGETS, texts={}, against=None))
    assert f"row {next(row.id for row in measured.rows if not row.right)}" in document


def test_charts_show_what_was_measured() -> None:
    """A bar is as long as its share, its whiskers reach the interval, the curve has a point for each bin."""
    half = Figure(name="half", value=0.5, n=10, low=0.25, high=0.75)
    drawn = bars([half])
    assert 'width="176.0"' in drawn  # half of 352
    assert "M92.0 23.5H268.0" in drawn
    document, _, _ = rendered()
    assert document.count('<circle class="dot"') == 2 + 1  # bins 0.3 and 0.9; the target with an interval
    assert "ORDER_CHANGE: 1</title>" in document


@pytest.mark.parametrize("engines", [("embedded",), ("embedded", "openai-mock")])
def test_engines_stand_apart(engines: tuple[str, ...]) -> None:
    """Each engine has its section; the mock's is introduced as what it is."""
    parts: list[Measured] = [intents(ROWS, engine=engine)[0] for engine in engines]
    document = html(page(run_of("now", *parts, engines=engines), TARGETS, texts={}, against=None))
    assert [f'id="intent-intent_human-{engine}"' in document for engine in engines] == [True] * len(engines)
    assert ("come from rules" in document) == ("openai-mock" in engines)
    assert ("By engine" in document) == (len(engines) > 1)
