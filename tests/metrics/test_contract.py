"""Every metric of the contract is emitted by a running desk, and nothing but the contract."""

import re
import time

import pytest
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.parser import text_string_to_metric_families

from gateway.access import RULES
from shared import metrics
from tests.metrics.busy_desk import Scraped
from tests.speed import limit

MAY_BE_ZERO = {
    metrics.CASES_MISSED,
    metrics.LOG_LINES_LOST,
    metrics.CASES_DUE,
    metrics.BUS_IN_HAND,
    metrics.BUS_PENDING,
    metrics.BUS_REDELIVERED,
}
"""Nobody waits long, and what is in hand was just done when we look."""
_ID = re.compile(r"\b[cst]-[0-9a-f-]{8,}|[0-9a-f]{16,}|TOKEN_|@")
BUILT_IN = ("process_", "python_")


@pytest.fixture(scope="module")
def families(busy: Scraped) -> dict[str, Metric]:
    """What was scraped last, by name."""
    return {family.name: family for family in text_string_to_metric_families(busy.texts[-1])}


@pytest.mark.parametrize("metric", metrics.METRICS, ids=lambda metric: metric.name)
def test_a_busy_desk_emits_it(metric: metrics.Metric, families: dict[str, Metric]) -> None:
    """With the labels of the contract, and above zero where the desk gave cause."""
    family = families[metric.name.removesuffix("_total")]
    assert (family.type, family.documentation) == (metric.kind, metric.help)
    assert family.samples, "no series of it"
    for sample in family.samples:
        assert set(sample.labels) - {"le"} == set(metric.labels)
    if metric not in MAY_BE_ZERO:
        assert any(sample.value > 0 for sample in family.samples)


def test_nothing_else_is_emitted(families: dict[str, Metric]) -> None:
    """A metric that the contract does not know would be on no dashboard and in no document."""
    known = {metric.name.removesuffix("_total") for metric in metrics.METRICS}
    assert {name for name in families if not name.startswith(BUILT_IN)} == known


def test_a_route_is_told_by_its_template(families: dict[str, Metric]) -> None:
    """As many series as there are routes, however many conversations: those of the table of rules."""
    known = {rule.partition(" ")[2] for rule in RULES} | {"none"}
    found = {sample.labels["route"] for sample in families["desk_request_seconds"].samples}
    assert {"/v1/chat", "/v1/conversations/{conversation_id}/feedback"} <= found <= known


def test_labels_hold_no_ids(families: dict[str, Metric]) -> None:
    """No conversation, turn, case or token, whatever their form."""
    samples = [sample for family in families.values() for sample in family.samples]
    values = {value for sample in samples for value in sample.labels.values()}
    assert len(values) > 50
    assert not [value for value in values if _ID.search(value)]


def test_every_label_is_described() -> None:
    """Who reads the docs learns what a label may hold."""
    assert {label for metric in metrics.METRICS for label in metric.labels} == set(metrics.LABELS)


def test_a_label_that_grows_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand series of one metric, then all others count as one."""
    monkeypatch.setattr(metrics, "MOST_SERIES", 5)
    registry = CollectorRegistry()
    with metrics.counting(metrics.Meters(registry)):
        for number in range(50):
            metrics.count(metrics.VENDOR_RETRIES, f"vendor-{number}")
    lines = [each for each in registry.collect() if each.name == "desk_vendor_retries"]
    assert len(lines[0].samples) == 6
    assert registry.get_sample_value("desk_vendor_retries_total", {"vendor": metrics.OTHER}) == 45


def test_a_process_that_does_not_count_loses_nothing_else() -> None:
    """Commands and tests run rooms without a registry."""
    metrics.count(metrics.VENDOR_RETRIES, "shopify")
    with metrics.timed(metrics.VAULT_SECONDS, "reveal"):
        pass


def test_it_costs_microseconds() -> None:
    """A turn makes some twenty such calls, and takes twelve milliseconds of CPU."""
    with metrics.counting(metrics.Meters(CollectorRegistry())):
        began = time.process_time()
        for _ in range(5000):
            with metrics.timed(metrics.VAULT_SECONDS, "reveal"):
                pass
        took = time.process_time() - began
    assert took < limit(5000 * 20e-6)


def test_what_fails_is_timed_as_failed() -> None:
    """The error goes on as it is."""
    registry = CollectorRegistry()
    with (
        metrics.counting(metrics.Meters(registry)),
        pytest.raises(ValueError, match="broken"),
        metrics.timed(metrics.VAULT_SECONDS, "reveal"),
    ):
        raise ValueError("broken")
    labels = {"operation": "reveal", "outcome": "failed"}
    assert registry.get_sample_value("desk_vault_seconds_count", labels) == 1


def test_a_counter_follows_one_that_is_kept_elsewhere() -> None:
    """By what came since; one that began anew counts from there."""
    registry = CollectorRegistry()
    with metrics.counting(metrics.Meters(registry)):
        for total in (4, 4, 7, 2):
            metrics.bring_to(metrics.SPANS_LOST, total, "failed")
    assert registry.get_sample_value("desk_trace_spans_lost_total", {"reason": "failed"}) == 9


def test_a_process_tells_what_it_keeps() -> None:
    """Counters that begin at 0 are there; a gauge at 0 of what somebody else looks at is not."""
    registry = CollectorRegistry()
    metrics.Meters(registry)
    assert registry.get_sample_value("desk_knowledge_gaps_total") == 0
    assert registry.get_sample_value("desk_dead_letters") is None


def test_gauges_forget_what_is_gone() -> None:
    """A queue that is empty now must not show its last number for ever."""
    registry = CollectorRegistry()
    with metrics.counting(metrics.Meters(registry)):
        metrics.replace(metrics.CASES_DUE, {("orders",): 2.0, ("refunds",): 1.0})
        metrics.replace(metrics.CASES_DUE, {("refunds",): 3.0})
    assert registry.get_sample_value("desk_cases_sla_due", {"queue": "orders"}) is None
    assert registry.get_sample_value("desk_cases_sla_due", {"queue": "refunds"}) == 3.0
