"""Sends what was counted to Application Insights as `AppMetrics`: totals that no sample estimates.

Counters of Prometheus are sent as what they rose by since the last time. Of a histogram the vendor's exporter
keeps count and sum alone, so its buckets go as counters of their own, `..._bucket` with `le`.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Protocol

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import CollectorRegistry

from shared.metrics import METRICS

_RISES = {"counter", "histogram"}
_KPIS = frozenset(metric.name.removesuffix("_total") for metric in METRICS if metric.by == "analytics")
"""What sampled spans cannot tell. How long parts took they do; it would be seven times the rows."""
Series = tuple[str, tuple[tuple[str, str], ...]]


class Exports(Protocol):
    """What is needed of a `MetricExporter`."""

    def export(self, data: MetricsData, /) -> MetricExportResult:
        """Send it."""
        ...


class Counted:
    """The counters of one process; `push` sends what they rose by."""

    def __init__(self, registry: CollectorRegistry, exporter: Exports, service: str) -> None:
        self._registry = registry
        self._exporter = exporter
        self._resource = Resource({"service.name": service})
        self._scope = InstrumentationScope("answerdesk")
        self._before: dict[Series, float] = {}
        self._since = time.time_ns()

    def push(self) -> bool:
        """Send it; False when it was not taken, and then it is part of the next."""
        now = time.time_ns()
        seen = dict(self._values())
        risen = {series: value - self._before.get(series, 0.0) for series, value in seen.items()}
        risen = {series: value for series, value in risen.items() if value > 0}
        if not risen:
            return True
        metrics = [self._metric(series, value, now) for series, value in risen.items()]
        scoped = ScopeMetrics(self._scope, metrics, schema_url="")
        data = MetricsData([ResourceMetrics(self._resource, [scoped], schema_url="")])
        if self._exporter.export(data) is not MetricExportResult.SUCCESS:
            return False
        self._before, self._since = seen, now
        return True

    def _values(self) -> Iterator[tuple[Series, float]]:
        for family in self._registry.collect():
            if family.type in _RISES and family.name in _KPIS:
                for sample in family.samples:
                    if not sample.name.endswith("_created"):
                        yield (sample.name, tuple(sorted(sample.labels.items()))), sample.value

    def _metric(self, series: Series, value: float, now: int) -> Metric:
        name, labels = series
        attributes: Mapping[str, str] = dict(labels)
        point = NumberDataPoint(attributes, self._since, now, value)
        total = Sum([point], AggregationTemporality.DELTA, is_monotonic=True)
        return Metric(name, description="", unit="", data=total)


def metrics_exporter(connection_string: str, *, authority: str = "") -> MetricExporter:
    """The vendor's exporter of metrics, as `InsightsExporter` opens that of spans."""
    from shared.adapters.insights.exporting import vendor_options  # noqa: PLC0415

    options = vendor_options(connection_string, authority)
    from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter  # noqa: PLC0415

    return AzureMonitorMetricExporter(**options)
