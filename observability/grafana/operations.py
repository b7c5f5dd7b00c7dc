"""What who runs the desk looks at: is it there, is it quick, does it fail, does anything pile up."""

from observability.grafana.panels import Dashboard, Row, graph, stat
from observability.grafana.queries import Query, now, quantile, rate, share
from shared import metrics as m

_OURS = 'route!~"/metrics|/health/.*"'
_FAILED = 'outcome!="ok"'
HEALTH = Row(
    "Health",
    (
        stat(
            "Processes that answer",
            Query('sum(up{job="answerdesk"})', "up"),
            about="Of those in the scrape configuration.",
        ),
        stat("Dependencies down", Query(f"count({m.DEPENDENCY_UP.name}) - sum({m.DEPENDENCY_UP.name})")),
        stat("Dead letters", Query(now(m.DEAD_LETTERS))),
        stat("Services nobody runs", Query(f"count({now(m.BUS_CONSUMED, 'service')} == 0) or vector(0)")),
        stat(
            "Certificate that expires first",
            Query(f"min({m.CERTIFICATE_EXPIRY.name}) - time()"),
            unit="s",
            about="Empty without TLS on the bus.",
        ),
        stat(
            "Oldest figures",
            Query(f"time() - min({now(m.MEASURED, 'instance', 'figures')})"),
            unit="s",
            about="Gauges are looked at in the background; over two minutes they stand still.",
        ),
        graph("Requests", Query(rate(m.REQUEST_SECONDS, "status", where=_OURS), "{{status}}"), unit="reqps"),
        graph(
            "Errors",
            Query("desk:errors:ratio_5m", "{{part}}"),
            unit="percentunit",
            about="Of requests 5xx; of agents and models every try that failed. Alarms at 1 % and 5 %.",
        ),
        graph(
            "Memory", Query('process_resident_memory_bytes{job="answerdesk"}', "{{instance}}"), unit="bytes"
        ),
    ),
)
LATENCY = Row(
    "Latency",
    (
        graph(
            "Turns",
            *(Query(quantile(q, m.TURN_SECONDS), f"p{q:.0%}".rstrip("%")) for q in (0.5, 0.95, 0.99)),
            unit="s",
            about="Of the bot, from accepted to finished. 2 s at p95 is promised.",
        ),
        graph(
            "Requests, p95",
            Query(quantile(0.95, m.REQUEST_SECONDS, "route", where=_OURS), "{{route}}"),
            unit="s",
        ),
        graph(
            "Agents, p95", Query(quantile(0.95, m.AGENT_SECONDS, "agent", "action"), "{{action}}"), unit="s"
        ),
        graph(
            "Models, p95", Query(quantile(0.95, m.MODEL_SECONDS, "deployment"), "{{deployment}}"), unit="s"
        ),
        graph("Vault, p95", Query(quantile(0.95, m.VAULT_SECONDS, "operation"), "{{operation}}"), unit="s"),
        graph(
            "Shop and helpdesk, p95",
            Query(quantile(0.95, m.VENDOR_SECONDS, "vendor"), "{{vendor}}"),
            unit="s",
        ),
    ),
)
FAILURES = Row(
    "Failures",
    (
        graph(
            "Agents that fail",
            Query(
                share(rate(m.AGENT_SECONDS, "agent", where=_FAILED), rate(m.AGENT_SECONDS, "agent")),
                "{{agent}}",
            ),
            unit="percentunit",
        ),
        graph(
            "Asks without an answer",
            Query(rate(m.ASKS_FAILED, "reason"), "{{reason}}"),
            unit="ops",
            about="After all tries. Who asked was told; of a bug there is a dead letter, too.",
        ),
        graph(
            "Calls of models",
            Query(rate(m.MODEL_SECONDS, "deployment", "outcome"), "{{deployment}} {{outcome}}"),
            unit="ops",
        ),
        graph(
            "Answers by a fallback",
            Query(rate(m.MODEL_FALLBACKS, "deployment"), "{{deployment}}"),
            unit="ops",
        ),
        graph(
            "Shop and helpdesk that fail",
            Query(
                share(rate(m.VENDOR_SECONDS, "vendor", where=_FAILED), rate(m.VENDOR_SECONDS, "vendor")),
                "{{vendor}}",
            ),
            Query(rate(m.VENDOR_RETRIES, "vendor"), "{{vendor}}, tries again a second"),
            unit="percentunit",
        ),
        graph(
            "Vault that fails",
            Query(share(rate(m.VAULT_SECONDS, where=_FAILED), rate(m.VAULT_SECONDS)), "failed"),
            unit="percentunit",
        ),
        graph("Webhooks", Query(rate(m.WEBHOOKS, "vendor", "outcome"), "{{vendor}} {{outcome}}"), unit="ops"),
    ),
)
BUS = Row(
    "Bus",
    (
        graph(
            "Waiting, by service",
            Query("desk:bus_pending:by_service", "{{service}}"),
            about="Messages that nobody has taken yet.",
        ),
        graph(
            "In hand", Query(f"sum by (service) ({now(m.BUS_IN_HAND, 'service', 'consumer')})", "{{service}}")
        ),
        graph(
            "Not for the first time",
            Query(f"sum by (service) ({now(m.BUS_REDELIVERED, 'service', 'consumer')})", "{{service}}"),
        ),
        graph("Messages kept", Query(now(m.BUS_MESSAGES, "stream"), "{{stream}}")),
        graph("Bytes kept", Query(now(m.BUS_BYTES, "stream"), "{{stream}}"), unit="bytes"),
        graph(
            "Steps answered before",
            Query(rate(m.CACHE_LOOKUPS, "outcome", where='cache="steps"'), "{{outcome}}"),
            unit="ops",
            about="Turns that ran again look here first; nothing while none does.",
        ),
        graph(
            "Telemetry lost",
            Query(rate(m.SPANS_LOST, "reason"), "spans, {{reason}}"),
            Query(rate(m.LOG_LINES_LOST), "log lines"),
            unit="ops",
        ),
    ),
)
OPERATIONS = Dashboard(
    "operations",
    "Answer desk: operations",
    "Health, latency, failures and the bus.",
    (HEALTH, LATENCY, FAILURES, BUS),
)
