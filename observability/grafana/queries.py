"""PromQL over metrics of the contract: a name that is not in it cannot be asked for."""

from dataclasses import dataclass

from shared.metrics import Metric

RATE, RANGE = "$__rate_interval", "$__range"
"""Grafana puts in four scrapes, at least what one point of the panel is; and what the page shows."""


@dataclass(frozen=True)
class Query:
    """One line of a panel: the expression, and its name with labels as `{{label}}`."""

    expr: str
    legend: str = ""


def rate(metric: Metric, *by: str, where: str = "") -> str:
    """So much a second; of times, how many."""
    return f"{_sum(by)} (rate({_series(metric, where)}[{RATE}]))"


def increase(metric: Metric, *by: str, where: str = "") -> str:
    """So much in the time that the page shows."""
    return f"{_sum(by)} (increase({_series(metric, where)}[{RANGE}]))"


def quantile(share: float, metric: Metric, *by: str, where: str = "") -> str:
    """What this share of times stayed under."""
    buckets = f"{_sum((*by, 'le'))} (rate({_series(metric, where, '_bucket')}[{RATE}]))"
    return f"histogram_quantile({share}, {buckets})"


def now(metric: Metric, *by: str, where: str = "") -> str:
    """A gauge that each gateway tells alike."""
    return f"max by ({', '.join(by)}) ({_series(metric, where)})" if by else f"max({_series(metric, where)})"


def share(part: str, whole: str) -> str:
    """From 0 to 1. Nothing of it is 0, also while nobody has counted one."""
    return f"({part} or 0 * {whole}) / {whole}"


def _sum(by: tuple[str, ...]) -> str:
    return f"sum by ({', '.join(by)})" if by else "sum"


def _series(metric: Metric, where: str, part: str = "_count") -> str:
    name = f"{metric.name}{part}" if metric.kind == "histogram" else metric.name
    return f"{name}{{{where}}}" if where else name
