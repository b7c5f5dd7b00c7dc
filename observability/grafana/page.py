"""docs/metrics.md: how to scrape, and the table of the contract."""

from pathlib import Path

from shared.metrics import LABELS, METRICS, Metric

_TEMPLATE = Path(__file__).with_name("metrics.md")
"""What the page says besides; `{metrics}` and `{labels}` are put in."""


def metrics_page() -> str:
    """The whole page."""
    text = _TEMPLATE.read_text("utf-8")
    rows = "\n".join(map(_row, METRICS))
    labels = "\n".join(f"| `{name}` | {holds} |" for name, holds in LABELS.items())
    return text.replace("{metrics}", rows).replace("{labels}", labels)


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
    return f"| `{metric.name}` | {metric.kind} | {metric.help} | {labels} | {metric.by} |"
