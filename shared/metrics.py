"""Every metric of the house: the one table that names them, and the calls by which rooms keep them.

From this table come the metric objects, docs/metrics.md, the dashboards and what tests check
(`python -m observability.grafana`). Names follow "Metric and label naming" of prometheus.io/docs/practices:
base units, `_total` for counters. A label has few values, all known: never an id, never what somebody wrote.

Rooms call `count`, `observe`, `timed`, `put` and `replace`; nothing is kept unless the process counts
(`counting`), which `python -m launch` does for its roles. One call costs about a microsecond.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

Kind = Literal["counter", "gauge", "histogram"]
Labels = tuple[str, ...]
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 60.0)
"""2 s is a bound because the alarm asks for it: quantiles are exact at bounds only."""
MOST_SERIES = 1000
"""Of one metric. More would mean that a label holds what it must not; the rest is counted as `other`."""
OTHER = "other"

LABELS: Mapping[str, str] = {
    "action": "subject of the call, e.g. `intent.classify.v1`",
    "agent": "an agent of ours",
    "cache": "`answers` (replies of models), `steps` (what an agent answered before, on the bus)",
    "certificate": "`bus_ca`, `bus_client`: the setting that names the file",
    "consumer": "durable consumer; those of turns count as one, `work`",
    "dependency": "name in `/health/ready`",
    "deployment": "where models are asked, by its setting: `model`, `model_fallback`, `model_cheaper`, or "
    "`the local engine`",
    "direction": "`input`, `cached` (a part of input), `output`",
    "engine": "who wrote the reply: `embedded`, `openai`, `answer-cache`, ...",
    "figures": "`bus`, `cases`, `certificates`, `dependencies`, `spending`, `telemetry`",
    "intent": "an intent of ours, or `NONE`",
    "language": "`en`, `fr`, `es`",
    "method": "of HTTP",
    "model": "model by name",
    "operation": "method of the vault",
    "outcome": "`ok`, or what went wrong",
    "period": "`day`, `month` (UTC)",
    "phase": "`waiting`, `with_person`",
    "priority": "`low`, `normal`, `high`, `urgent`",
    "queue": "queue of cases (`routing.toml`)",
    "rating": "`up`, `down`",
    "reason": "why, from a list of ours",
    "route": "template of the route, e.g. `/v1/conversations/{conversation_id}`; `none` for no route",
    "service": "role whose messages wait there",
    "status": "of a request its class (`2xx`), of a turn how it ended (`answered`, `handed_over`, ...)",
    "stream": "stream of JetStream",
    "vendor": "`shopify`, `zendesk`",
}
"""What each label may hold."""


@dataclass(frozen=True, eq=False)
class Metric:
    """One metric as Prometheus shows it. `by` names the roles that keep it.

    `starts` are label values that are there with 0 from the start, so that the first one counts as a rise.
    """

    name: str
    kind: Kind
    help: str
    by: str
    labels: Labels = ()
    buckets: tuple[float, ...] = ()
    starts: tuple[Labels, ...] = ()

    @property
    def unit(self) -> str:
        """`seconds`, `usd`, or nothing for plain numbers."""
        words = self.name.removesuffix("_total").split("_")
        return words[-1] if words[-1] in {"seconds", "usd"} else ""


def _counter(name: str, help_: str, by: str, *labels: str, starts: tuple[Labels, ...] = ()) -> Metric:
    return Metric(name, "counter", help_, by, labels, starts=starts)


def _gauge(name: str, help_: str, by: str, *labels: str) -> Metric:
    return Metric(name, "gauge", help_, by, labels)


def _times(name: str, help_: str, by: str, *labels: str, buckets: tuple[float, ...] = _QUICK) -> Metric:
    return Metric(name, "histogram", help_, by, labels, buckets)


REQUEST_SECONDS = _times(
    "desk_request_seconds", "Requests, until the first byte of the answer", "gateway",
    "method", "route", "status", buckets=_SLOW,
)  # fmt: skip
TURNS = _counter("desk_turns_total", "Finished turns", "analytics", "status", "intent", "language", "engine")
TURN_SECONDS = _times(
    "desk_turn_seconds", "Turns the bot answered, accepted to finished", "analytics", buckets=_SLOW
)
COST = _counter("desk_cost_usd_total", "Model cost in USD", "analytics", "model")
TOKENS = _counter("desk_tokens_total", "Model tokens", "analytics", "model", "direction")
HAND_OVERS = _counter("desk_hand_overs_total", "Hand-overs to a person", "analytics", "reason", "priority")
GAPS = _counter("desk_knowledge_gaps_total", "Questions without an answer", "analytics", starts=((),))
FEEDBACK = _counter(
    "desk_feedback_total", "Thumbs of customers", "analytics", "rating", starts=(("up",), ("down",))
)
AGENT_SECONDS = _times(
    "desk_agent_seconds", "Answers of agents, each try", "every agent", "agent", "action", "outcome",
    buckets=_SLOW,
)  # fmt: skip
ASKS_FAILED = _counter(
    "desk_asks_failed_total", "Asks without an answer; who asked was told", "who asks or answers", "reason",
    starts=tuple((each,) for each in ("timeout", "VendorGone", "VendorDown", "VendorRefused", "ModelDown",
                                      "ModelRefused", "ModelDeclined", "StoreDown", "VaultDown", "bug")),
)  # fmt: skip
MODEL_SECONDS = _times(
    "desk_model_seconds", "Calls of a chain of model deployments", "intent, response, critic",
    "deployment", "outcome", buckets=_SLOW,
)  # fmt: skip
MODEL_FALLBACKS = _counter(
    "desk_model_fallbacks_total", "Answers by this one because those before it failed or rest",
    "intent, response, critic", "deployment",
)  # fmt: skip
CACHE_LOOKUPS = _counter(
    "desk_cache_lookups_total", "Looks into a cache", "response, conversation", "cache", "outcome",
    starts=tuple((cache, outcome) for cache in ("answers", "steps") for outcome in ("hit", "miss")),
)  # fmt: skip
VENDOR_SECONDS = _times(
    "desk_vendor_seconds", "Requests to the shop and the helpdesk, each try", "roles that ask vendors",
    "vendor", "outcome", buckets=_SLOW,
)  # fmt: skip
VENDOR_RETRIES = _counter(
    "desk_vendor_retries_total", "Requests to vendors tried again", "roles that ask vendors", "vendor"
)
VAULT_SECONDS = _times(
    "desk_vault_seconds", "Operations of the vault", "roles with the vault", "operation", "outcome"
)
WEBHOOKS = _counter("desk_webhooks_total", "Webhooks by what came of them", "gateway", "vendor", "outcome")
SPANS_LOST = _counter(
    "desk_trace_spans_lost_total", "Spans that were recorded and never arrived", "every role", "reason",
    starts=(("failed",), ("overflowed",), ("late",)),
)  # fmt: skip
LOG_LINES_LOST = _counter(
    "desk_log_lines_lost_total", "Lines of the log that were never written", "every role", starts=((),)
)
FIRST_REPLIES = _counter(
    "desk_first_replies_total", "First replies of a person to a case, `in_time` or `late` by its SLA",
    "gateway", "queue", "outcome",
)  # fmt: skip
CASES = _gauge("desk_cases", "Open cases", "gateway", "queue", "phase")
CASES_DUE = _gauge("desk_cases_sla_due", "Cases without a reply whose SLA is at risk", "gateway", "queue")
CASES_MISSED = _gauge("desk_cases_sla_missed", "Cases without a reply that missed SLA", "gateway", "queue")
LONGEST_WAIT = _gauge("desk_case_longest_wait_seconds", "The longest wait for a person", "gateway", "queue")
BUS_MESSAGES = _gauge("desk_bus_messages", "Messages a stream holds, handled ones too", "gateway", "stream")
BUS_BYTES = _gauge("desk_bus_bytes", "Bytes a stream holds", "gateway", "stream")
BUS_PENDING = _gauge(
    "desk_bus_pending", "Messages that nobody has taken yet: the lag", "gateway", "service", "consumer"
)
BUS_IN_HAND = _gauge(
    "desk_bus_in_hand", "Messages taken and not acknowledged", "gateway", "service", "consumer"
)
BUS_REDELIVERED = _gauge(
    "desk_bus_redelivered", "Messages in hand not for the first time", "gateway", "service", "consumer"
)
BUS_CONSUMED = _gauge(
    "desk_bus_consumed", "Whether somebody takes what comes: 1, or 0", "gateway", "service", "consumer"
)
DEAD_LETTERS = _gauge("desk_dead_letters", "Messages that were given up", "gateway")
SPENT = _gauge("desk_spent_usd", "Spent on models in the period that runs", "gateway", "period")
BUDGET = _gauge("desk_budget_usd", "What may be spent in it; not there without one", "gateway", "period")
DEPENDENCY_UP = _gauge(
    "desk_dependency_up", "Whether what a process needs answers: 1, or 0", "every role", "dependency"
)
CERTIFICATE_EXPIRY = _gauge(
    "desk_certificate_expiry_timestamp_seconds", "When a TLS certificate in use expires, since 1970",
    "every role, with TLS on the bus", "certificate",
)  # fmt: skip
MEASURED = _gauge(
    "desk_figures_timestamp_seconds", "When these gauges were last brought up to date, since 1970",
    "every role", "figures",
)  # fmt: skip

METRICS: tuple[Metric, ...] = tuple(each for each in list(globals().values()) if isinstance(each, Metric))
"""The contract: every metric defined above, in that order."""


class Meters:
    """The metrics of the contract in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which no query of ours asks
        self._registry = registry
        # Made when first used: a gauge at 0 that nobody keeps in this process would be a lie.
        self._parents: dict[Metric, Counter | Gauge | Histogram] = {}
        self._children: dict[Metric, dict[Labels, Any]] = {metric: {} for metric in METRICS}
        self._totals: dict[tuple[Metric, Labels], float] = {}
        for metric in METRICS:
            for labels in metric.starts:
                self.child(metric, labels)

    def child(self, metric: Metric, labels: Labels) -> Any:
        """The series of these label values, made at its first use."""
        known = self._children[metric]
        found = known.get(labels)
        if found is None:
            if len(known) >= MOST_SERIES:
                labels = (OTHER,) * len(labels)
            parent = self._parents.get(metric)
            if parent is None:
                parent = self._parents[metric] = _made(metric, self._registry)
            found = known[labels] = parent.labels(*labels) if labels else parent
        return found

    def bring_to(self, metric: Metric, labels: Labels, total: float) -> None:
        """Raise a counter by what came since the last total; a total that fell has begun anew."""
        before = self._totals.get((metric, labels), 0.0)
        self._totals[metric, labels] = total
        self.child(metric, labels).inc(total - before if total >= before else total)

    def keep_only(self, metric: Metric, these: Mapping[Labels, float]) -> None:
        """Set these series, and drop all others of the metric."""
        for labels, value in these.items():
            self.child(metric, labels).set(value)
        for labels in self._children[metric].keys() - these.keys():
            del self._children[metric][labels]
            self._parents[metric].remove(*labels)


def _made(metric: Metric, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    if metric.kind == "histogram":
        return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=registry)
    kind = Counter if metric.kind == "counter" else Gauge
    return kind(metric.name, metric.help, metric.labels, registry=registry)


_counting: list[Meters] = []
"""Those of this process, the innermost last; none until it counts."""


@contextmanager
def counting(meters: Meters) -> Iterator[None]:
    """Keep what the rooms of this process count here, while the context is open."""
    _counting.append(meters)
    try:
        yield
    finally:
        _counting.remove(meters)


def count(metric: Metric, *labels: str, by: float = 1.0) -> None:
    """Raise a counter."""
    if _counting:
        _counting[-1].child(metric, labels).inc(by)


def bring_to(metric: Metric, total: float, *labels: str) -> None:
    """Raise a counter to what somebody else has counted."""
    if _counting:
        _counting[-1].bring_to(metric, labels, total)


def observe(metric: Metric, seconds: float, *labels: str) -> None:
    """Add one time to a histogram."""
    if _counting:
        _counting[-1].child(metric, labels).observe(seconds)


def put(metric: Metric, value: float, *labels: str) -> None:
    """Set one series of a gauge."""
    if _counting:
        _counting[-1].child(metric, labels).set(value)


def replace(metric: Metric, values: Mapping[Labels, float]) -> None:
    """Set all series of a gauge: what is not in `values` is not there any more."""
    if _counting:
        _counting[-1].keep_only(metric, values)


class timed:  # noqa: N801  read as a verb: `with timed(VAULT_SECONDS, "reveal"):`
    """Observes how long its block takes; the last label, `outcome`, is `ok` or `failed`."""

    __slots__ = ("_began", "_labels", "_metric")

    def __init__(self, metric: Metric, *labels: str) -> None:
        self._metric = metric
        self._labels = labels

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        outcome = "ok" if kind is None else "failed"
        observe(self._metric, time.perf_counter() - self._began, *self._labels, outcome)
