"""Counters arrive as they are, whatever is sampled, and nothing twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram

from shared.adapters.insights.counting import Counted, metrics_exporter
from tests.telemetry.insights import Insights, serving


@pytest.fixture(scope="module")
def insights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    with serving(tmp_path_factory.mktemp("counting")) as service:
        yield service


async def test_totals_are_exact_with_buckets_and_what_failed_comes_later(insights: Insights) -> None:
    """Asked in Kusto, they are what Prometheus says."""
    registry = CollectorRegistry()
    turns = Counter("desk_turns", "Turns", ["status"], registry=registry)
    seconds = Histogram("desk_turn_seconds", "Turns", buckets=(0.5, 2.0), registry=registry)
    Counter("process_things", "Not ours", registry=registry).inc()
    Histogram("desk_agent_seconds", "Told by spans", registry=registry).observe(1.0)
    exporter = metrics_exporter(insights.place.connection_string, authority=insights.place.authority)
    counted = Counted(registry, exporter, "answerdesk-test")
    turns.labels("answered").inc(3)
    seconds.observe(0.1)
    assert counted.push()
    insights.failing(500)
    turns.labels("answered").inc()
    turns.labels("refused").inc(2)
    seconds.observe(1.0)
    assert not counted.push()
    insights.mended()
    assert counted.push()
    assert counted.push(), "nothing rose"
    exporter.shutdown()
    found = await insights.traces.query(
        "AppMetrics | summarize Total = sum(Sum) by Name, Status = tostring(Properties.status),"
        " Le = tostring(Properties.le) | order by Name asc, Status asc, Le asc",
        back=timedelta(hours=1),
    )
    totals = {(name, status or le): total for name, status, le, total in found.rows}
    assert totals == {
        ("desk_turn_seconds_bucket", "+Inf"): 2.0,
        ("desk_turn_seconds_bucket", "0.5"): 1.0,
        ("desk_turn_seconds_bucket", "2.0"): 2.0,
        ("desk_turn_seconds_count", ""): 2.0,
        ("desk_turn_seconds_sum", ""): pytest.approx(1.1),
        ("desk_turns_total", "answered"): 4.0,
        ("desk_turns_total", "refused"): 2.0,
    }
