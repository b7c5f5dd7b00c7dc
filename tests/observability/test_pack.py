"""The reader of the query pack: headers, and parameters that cannot break out of the query."""

from datetime import timedelta

import pytest

from shared.ports.traces import BadQuery
from shared.traces_pack import BadPack, Column, Parameter, read_pack, read_query

TEXT = """\
// what: Which turns were slow,
//   and where?
// who: an operator
// columns:
//   turn: the turn
//   took_ms [ms]: how long it took
// example: t-1 | 12.5
// parameters:
//   named: the agent's name
//   over: slower than this
//   most: how many
// back: 12h
let named = "intent";
let over = 2s;
let most = 20;
AppDependencies
| where Properties.agent == named and DurationMs > over / 1ms
| summarize sum(ItemCount) by Name
| take most
| render barchart
"""


def test_a_query_says_what_it_is() -> None:
    """Every field of the header, on as many lines as it takes."""
    query = read_query("slow_turns", TEXT)
    assert (query.title, query.what, query.who) == (
        "Slow turns",
        "Which turns were slow, and where?",
        "an operator",
    )
    assert query.columns == [Column("turn", "the turn"), Column("took_ms", "how long it took", "ms")]
    assert query.parameters == [
        Parameter("named", "the agent's name", "string", "intent"),
        Parameter("over", "slower than this", "timespan", "2s"),
        Parameter("most", "how many", "number", "20"),
    ]
    assert (query.back, query.chart, query.estimated) == (timedelta(hours=12), "barchart", True)


def test_parameters_are_filled_in() -> None:
    """Those that are given; the rest, and what is left empty, stay as they are."""
    filled = read_query("slow_turns", TEXT).filled({"named": "critic", "over": " 500ms ", "most": ""})
    assert 'let named = "critic";\nlet over = 500ms;\nlet most = 20;' in filled


def test_a_value_cannot_end_its_text() -> None:
    """Quotes and backslashes are what they are in the query's text."""
    filled = read_query("slow_turns", TEXT).filled({"named": '"; AppTraces | take 1 //\\'})
    assert 'let named = "\\"; AppTraces | take 1 //\\\\";' in filled


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"most": "20 | take 1"}, "most: expected a number such as 20 or 0.5, not '20 | take 1'"),
        ({"over": "2"}, "over: expected a time such as 90m, 12h or 7d, not '2'"),
        ({"named": "a\nb"}, r"named: at most 200 characters on one line are taken, not 'a\\nb'"),
        ({"named": "a" * 201}, "at most 200 characters"),
        ({"agent": "intent"}, "slow_turns has no agent; it takes named, over, most"),
    ],
)
def test_what_is_no_value_is_refused(given: dict[str, str], told: str) -> None:
    """By the parameter's name, with what it takes."""
    with pytest.raises(BadQuery, match=told.replace("|", r"\|")):
        read_query("slow_turns", TEXT).filled(given)


@pytest.mark.parametrize(
    ("was", "is_now", "told"),
    [
        ("// who: an operator\n", "", "its header lacks // who:"),
        ("// who:", "// whom: x\n// who:", "its header has whom, which nobody reads"),
        ("//   turn: the turn", "//   turn", "'turn' is not of the form"),
        ("let over = 2s;\n", "", "no `let over = ...;`"),
        ("let over = 2s;", "let over = ago(2s);", "the default of over is no plain value"),
        ("// back: 12h", "// back: long", "// back: long is no time such as 14d"),
        ("// what:", "//   what:", "belongs to no field"),
    ],
)
def test_a_header_that_is_wrong_is_named(was: str, is_now: str, told: str) -> None:
    """With the file and what it lacks."""
    assert was in TEXT
    with pytest.raises(BadPack, match=r"slow\.kql: .*") as error:
        read_query("slow", TEXT.replace(was, is_now, 1))
    assert told in str(error.value)


def test_the_pack_can_be_read() -> None:
    """Every file of it, in the order of names."""
    pack = read_pack()
    assert list(pack) == sorted(pack)
    assert {"timeline", "decision_tree", "why_this_answer", "cost_by_agent", "latency_by_agent"} <= set(pack)
