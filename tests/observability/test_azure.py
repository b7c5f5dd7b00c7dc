"""What is made of the pack for Azure: as committed, whole, and rules that fire when they should."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from mock_apis.insights_kql import Between, ask
from mock_apis.insights_store import Telemetry
from observability import described
from observability.azure.files import FILES, made
from observability.azure.rules import RULES, Rule, asked, fires
from observability.azure.workbook import SECTIONS
from shared.ports.traces import Table
from shared.traces_pack import read_pack

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
Row = tuple[str, dict[str, Any]]


def test_what_is_committed_is_what_is_made() -> None:
    """Workbook, rules and page follow the pack."""
    assert {name: (FILES / name).read_text("utf-8") for name in made()} == made(), (
        "python -m observability.azure"
    )
    assert described.FILE.read_text("utf-8") == described.page(), "python -m observability.described"


def test_each_query_has_one_place_in_the_workbook() -> None:
    """So it has one in the page, too."""
    placed = [name for names in SECTIONS.values() for name in names]
    assert sorted(placed) == sorted(read_pack())


def test_parameters_of_the_workbook_are_asked_for() -> None:
    """Each place in a query is that of a parameter beside it, whose names differ from all others."""
    groups = [item for item in json.loads(made()["workbook.json"])["items"] if item["type"] == 12]
    names: list[str] = []
    for group in groups:
        for chosen, asks in zip(*[iter(group["content"]["items"])] * 2, strict=True):
            own = [each["name"] for each in chosen["content"]["parameters"]]
            names += own
            for name in own[1:]:
                assert f"{{{name}}}" in asks["content"]["query"]
            assert asks["content"]["timeContextFromParameter"] == own[0]
    assert len(set(names)) == len(names)


def _turn(
    ago: float, *, ms: float = 100, ok: bool = True, status: str = "answered", **more: Any
) -> list[Row]:
    """What a turn leaves: what its sender saw, and how it ended in the conversation."""
    at = datetime.fromtimestamp(NOW - ago, UTC).replace(tzinfo=None).isoformat()
    trace = f"trace-{ago}"
    row = {"timestamp": at, "operation_Id": trace, "success": ok, "itemCount": 1, "duration": ms}
    said = {"action": "chat", "turn": f"t-{ago}", "gen_ai.conversation.id": f"c-{ago}"} | more
    numbers = {"latency_ms": ms}
    seen = row | {"name": "turn", "customDimensions": said | ({"status": status} if ok else {})}
    ended = row | {"name": "invoke_agent conversation", "customDimensions": {"status": status} | more}
    return [
        ("requests", seen | {"customMeasurements": numbers}),
        ("dependencies", ended | {"customMeasurements": numbers | {"waited_ms": ms}}),
    ]


def _turns(count: int, *, since: float = 0, **more: Any) -> list[Row]:
    """So many of them, two seconds apart, the last `since` seconds ago."""
    return [row for number in range(count) for row in _turn(since + 1 + 2 * number, **more)]


def _buried() -> list[Row]:
    (_, row) = _turn(60)[1]
    return [("dependencies", row | {"name": "bury", "customDimensions": {"reasoning": "VendorDown"}})]


def _vendor_down() -> list[Row]:
    (_, row) = _turn(60)[1]
    called = {"name": "call shopify", "customDimensions": {"vendor": "shopify", "action": "query Order"}}
    return [("dependencies", row | called | {"success": fine}) for fine in [True] * 7 + [False] * 2]


def _unanswered() -> list[Row]:
    return [row for number in range(5) for row in _turn(60 + number, ok=False)[:1]]


SICK: Mapping[str, Callable[[], list[Row]]] = {
    "slow-replies": lambda: _turns(40, ms=2500),
    "errors-above-1-percent": lambda: [*_turns(150), *_turns(3, since=600, ok=False)],
    "errors-above-5-percent": lambda: [*_turns(30), *_turns(3, since=300, ok=False)],
    "vendor-fails": lambda: [*_turns(30), *_vendor_down()],
    "dead-letters": lambda: [*_turns(30), *_buried()],
    "hand-over-spike": lambda: [*_turns(30, status="handed_over"), *_turns(30), *_turns(200, since=7200)],
    "personal-data": lambda: [*_turns(30), *_turn(70, inputs='{"text": "I am jo@example.com"}')],
    "unfinished-turns": lambda: [*_turns(30), *_unanswered()],
    "no-turns": lambda: _turns(30, since=7200),
}


@pytest.fixture(scope="module")
def healthy() -> Iterator[Telemetry]:
    with _holding([*_turns(1000), *_turns(20, since=7200)]) as telemetry:
        yield telemetry


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_fires_when_it_should_and_only_then(rule: Rule, healthy: Telemetry) -> None:
    """On what it is for; not on a desk that works."""
    with _holding(SICK[rule.name]()) as sick:
        assert fires(rule, _answer(rule, sick))
    assert not fires(rule, _answer(rule, healthy))


def test_few_turns_wake_nobody() -> None:
    """One slow reply at night, or one of three that failed, is no share of anything."""
    rows = [*_turn(10, ms=9000), *_turn(20, ok=False), *_turn(30, status="handed_over")]
    with _holding(rows) as night:
        assert [rule.name for rule in RULES if fires(rule, _answer(rule, night))] == []


@pytest.mark.parametrize(("before", "times"), [(0, None), (3, None), (49, None), (50, 17.39), (400, 17.39)])
def test_a_desk_without_a_usual_has_no_more_than_usual(before: int, times: float | None) -> None:
    """On its first day, whatever share goes to people; nor is the share of a handful what is usual."""
    rule = next(rule for rule in RULES if rule.name == "hand-over-spike")
    rows = [*_turns(19), *_turns(4, since=600, status="handed_over"), *_turns(before, since=7200)]
    with _holding(rows) as telemetry:
        found = _answer(rule, telemetry)
    assert [row[-1] for row in found.rows] == ([] if times is None else [times])
    assert fires(rule, found) == (times is not None)


def _redelivered(ago: float) -> list[Row]:
    """A turn whose process died: its sender asks again, in a trace of their own, when it is nearly done."""
    asked, ended = _turn(ago, ms=466)
    numbers = {"latency_ms": 420.5, "queued_ms": 12_600.0, "waited_ms": 13_007.0}
    intent = {"name": "invoke_agent intent", "customDimensions": {"action": "intent.classify.v1"}}
    again = {"operation_Id": f"retry-{ago}", "customMeasurements": {"latency_ms": 466, "waited_ms": 13_007.0}}
    return [
        ("requests", asked[1] | again),
        ("dependencies", ended[1] | {"customMeasurements": numbers}),
        ("dependencies", ended[1] | intent | {"customMeasurements": {"latency_ms": 150, "queued_ms": 5_000}}),
    ]


def test_a_redelivered_turn_took_what_its_customer_waited() -> None:
    """In every query on latency; what was slow about it is that nobody took it from the bus."""
    dimensions = {"turn": "t-60", "gen_ai.conversation.id": "c-60", "engine": "embedded", "language": "en"}
    rows = [(table, row | {"customDimensions": row["customDimensions"] | dimensions}) for table, row in
            _redelivered(60)]  # fmt: skip
    with _holding([*rows, *_turn(30, ms=2001, engine="embedded", language="en")]) as telemetry:
        slow = _asked("slow_turns", telemetry)
        waited = {
            name: _asked(name, telemetry)[0][column]
            for name, column in (
                ("turn_latency", "p99_ms"), ("turns_by_engine", "p95_ms"), ("turns_by_language", "p95_ms"),
            )
        }  # fmt: skip
        recent = {row["conversation"]: row["slowest_ms"] for row in _asked("recent_conversations", telemetry)}
    told = [(row["took_ms"], row["slowest_action"], row["slowest_ms"], row["trace"]) for row in slow]
    assert told == [(13_007, "waited on the bus", 12_600, "trace-60"), (2001, None, None, "trace-30")]
    assert waited == dict.fromkeys(waited, 13_007)
    assert recent == {"c-60": 13_007, "c-30": 2001}


@pytest.mark.parametrize(
    ("ended", "assessed", "found"),
    [
        ({"signals": "defect asked_for_person", "reason": "defect"}, None,
         {"defect": (2, 2), "asked_for_person": (2, 2)}),
        ({"signals": "", "reason": "asked_for_person"}, "", {"asked_for_person": (2, 2)}),
        ({"reason": "asked_for_person"}, "asked_for_person", {"asked_for_person": (2, 2)}),
        ({"signals": "safety", "status": "with_person"}, "safety", {"safety": (2, 0)}),
        ({"reason": "engine_down"}, "", {}),
    ],
)  # fmt: skip
def test_a_signal_counts_once_whoever_tells_of_it(
    ended: dict[str, str], assessed: str | None, found: dict[str, tuple[int, int]]
) -> None:
    """The agent that assesses, the conversation that hands over without it, or a hand-over's reason."""
    rows = [row for ago in (30, 60) for row in _turn(ago, **{"status": "handed_over", **ended})]
    if assessed is not None:
        said = {"action": "escalation.assess.v1", "signals": assessed}
        rows += [(table, row | {"name": "invoke_agent escalation", "customDimensions": said})
                 for table, row in rows if table == "dependencies"]  # fmt: skip
    with _holding(rows) as telemetry:
        told = _asked("signals", telemetry)
    assert {row["signal"]: (row["messages"], row["handed_over"]) for row in told} == found


def test_what_one_of_two_does_not_know_is_off() -> None:
    """A process that was killed takes its counts along, a service that was down its spans."""
    counted = {"customDimensions": {"status": "answered"}, "name": "desk_turns_total", "valueSum": 9}
    lost = counted | {"customDimensions": {"status": "refused"}, "valueSum": 4}
    metrics = [("customMetrics", {"timestamp": "2026-11-27T11:59:00", "valueCount": 1} | each)
               for each in (counted, lost)]  # fmt: skip
    with _holding([*_turns(17), *_turns(2, since=60, status="handed_over"), *metrics]) as telemetry:
        rows = _asked("sampling_truth", telemetry)
    assert {row["status"]: (row["counted"], row["estimated"], row["off_percent"]) for row in rows} == {
        "answered": (9, 17, 88.89),
        "refused": (4, 0, -100),
        "handed_over": (0, 2, None),
    }


def test_a_turn_that_ended_in_another_trace_is_finished() -> None:
    """Who asked again after a crash, and was told to wait, is not left without an answer."""
    again, ended = _redelivered(60)[:2]
    for (_, row), status in ((again, ""), (ended, "answered")):
        row["customDimensions"] = row["customDimensions"] | {"turn": "t-60", "status": status}
    with _holding([again, ended, *_turn(90, ok=False)[:1]]) as telemetry:
        assert [row["turn"] for row in _asked("unfinished_turns", telemetry)] == ["t-90"]


PERSONAL = (
    "write to jo.smith+shop@example.co.uk",
    "my card 4111 1111 1111 1111 please",
    "card:5500005555555559.",
    "amex 3782 822463 10005",
    "call +33 6 12 34 56 78",
    "call +14155550133!",
    "call 06 12 34 56 78",
    "call (415) 555-0133",
    "IBAN FR76 3000 6000 0112 3456 7890 189",
)
IMPERSONAL = (
    "TOKEN_3f2b8c1d-aaaa-4bbb-8ccc-0123456789ab wrote",
    "order 1005 of 2026-11-27, $119.00-249.00, 7-12 business days",
    'gid://shopify/ProductVariant/4400000001400 "item":"4300000001400"',
    '"accepted_at":1795761345.2020137,"latency_ms":"549.387"',
    "2026-11-27T06:35:45.352511+00:00",
    "tracking 1Z999AA10123456784",
    "kb:shipping-times#delivery-times-abroad",
)


def test_the_canary_sings_at_personal_data_alone() -> None:
    """Addresses, cards, telephones and bank accounts; not ids, amounts, times and what is hidden."""
    texts = [*PERSONAL, *IMPERSONAL]
    rows = [
        row for at, text in enumerate(texts, 1) for row in _turn(at, inputs=json.dumps({"text": text}))[:1]
    ]
    rule = next(rule for rule in RULES if rule.name == "personal-data")
    logged = {"timestamp": rows[0][1]["timestamp"], "operation_Id": "log", "message": PERSONAL[0]}
    with _holding([*rows, ("traces", logged)]) as telemetry:
        found = {str(row[-1]) for row in _answer(rule, telemetry).rows}
    assert "log" in found, "a line of a log"
    assert [text for at, text in enumerate(texts, 1) if f"trace-{at}" in found] == list(PERSONAL)


@contextmanager
def _holding(rows: list[Row]) -> Iterator[Telemetry]:
    telemetry = Telemetry(None, now=lambda: NOW)
    telemetry.add(rows)
    yield telemetry
    telemetry.close()


def _asked(name: str, telemetry: Telemetry) -> list[dict[str, Any]]:
    """What a query of the pack is answered about the last day, by column."""
    table = _rows(read_pack()[name].text, telemetry, back=86400)
    return [dict(zip((column for column, _ in table.columns), row, strict=True)) for row in table.rows]


def _answer(rule: Rule, telemetry: Telemetry) -> Table:
    """What Azure is answered in the rule's window, at NOW."""
    back = 2 * 86400 if rule.look_back else rule.window * 60
    return _rows(asked(rule, read_pack()[rule.query]), telemetry, back=back)


def _rows(text: str, telemetry: Telemetry, *, back: int) -> Table:
    moment = datetime.fromtimestamp(NOW, UTC).strftime("datetime(%Y-%m-%dT%H:%M:%S)")
    query = text.replace("ago(", f"{moment} - (")
    between = Between(NOW - back)
    found = ask(telemetry, query, workspace=True, between=between, most_rows=1000, seconds=60)
    return Table(tuple(found.columns), [tuple(row) for row in found.rows])  # type: ignore[arg-type]
