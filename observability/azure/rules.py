"""The alert rules: which query of the pack is asked how often, and from when on somebody is woken.

Fields and their limits: registry.terraform.io/providers/hashicorp/azurerm, page
`azurerm_monitor_scheduled_query_rules_alert_v2`; learn.microsoft.com/azure/azure-monitor/alerts/
alerts-create-log-alert-rule (a query may look back two days, and must not end in `render`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.ports.traces import Table
from shared.traces_pack import Query

_RENDER = re.compile(r"^\| render .*\n?", re.MULTILINE)
_COMMENT = re.compile(r"^//.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """Asks `query` each `every` minutes over the last `window`, at least twice as long: rows come late.

    It fires when a row's `column` is `operator` `threshold`; without a column, when there are more rows than
    the threshold. `only` are conditions that a row must meet to count. `look_back` is ISO 8601, where a query
    compares with a time before the window. Severity: 0 critical, 1 error, 2 warning.
    """

    name: str
    query: str
    says: str
    severity: int
    every: int
    window: int
    column: str = ""
    operator: Literal["GreaterThan", "LessThan"] = "GreaterThan"
    threshold: float = 0
    only: str = ""
    look_back: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


RULES: Sequence[Rule] = (
    Rule("slow-replies", "turn_latency", "5 of 100 replies take longer than two seconds",
         severity=2, every=5, window=15, column="p95_ms", threshold=2000, only="turns >= 20"),
    Rule("errors-above-1-percent", "error_rate", "more than 1 % of the turns fail",
         severity=2, every=15, window=60, column="failed_percent", threshold=1, only="turns >= 100",
         given={"each": "60m"}),
    Rule("errors-above-5-percent", "error_rate", "more than 5 % of the turns fail",
         severity=1, every=5, window=15, column="failed_percent", threshold=5, only="turns >= 20"),
    Rule("vendor-fails", "vendor_errors", "a fifth of the calls to the shop or the helpdesk fail",
         severity=2, every=5, window=15, column="failed_percent", threshold=20, only="calls >= 5"),
    Rule("dead-letters", "dead_letters", "a message was given up and waits in the dead letters",
         severity=1, every=5, window=15),
    Rule("hand-over-spike", "hand_over_spike", "twice as many turns as usual go to people",
         severity=2, every=15, window=60, column="times_usual", threshold=2,
         only="turns >= 20 and handed_over_percent > 10 and isnotnull(times_usual)", look_back="P2D"),
    Rule("personal-data", "pii_canary", "something in the traces looks like personal data",
         severity=0, every=15, window=30),
    Rule("unfinished-turns", "unfinished_turns", "customers wait for replies that do not come",
         severity=1, every=15, window=30, threshold=4),
    Rule("no-turns", "any_turns", "no customer was served within an hour",
         severity=1, every=15, window=60, column="turns", operator="LessThan", threshold=1),
)  # fmt: skip


def asked(rule: Rule, query: Query) -> str:
    """What the rule asks: the query without comments and drawing, with what is given and its conditions."""
    text = _RENDER.sub("", _COMMENT.sub("", query.filled(rule.given))).rstrip()
    return f"{text}\n| where {rule.only}" if rule.only else text


def fires(rule: Rule, table: Table) -> bool:
    """Whether Azure would call somebody about this answer."""
    if not rule.column:
        return len(table.rows) > rule.threshold
    at = [name for name, _ in table.columns].index(rule.column)
    values = [float(row[at]) for row in table.rows if row[at] is not None]  # type: ignore[arg-type]
    if rule.operator == "LessThan":
        return bool(values) and min(values) < rule.threshold
    return bool(values) and max(values) > rule.threshold


def terraform(rules: Sequence[Rule], pack: Mapping[str, Query]) -> dict[str, Any]:
    """A Terraform module in JSON: the rules and the workbook on a workspace that is given."""
    return {
        "//": "Made by `python -m observability.azure`; a test compares.",
        "terraform": {
            "required_providers": {"azurerm": {"source": "hashicorp/azurerm", "version": "~> 4.0"}}
        },
        "variable": {
            "workspace_id": {"type": "string", "description": "Resource id of the Log Analytics workspace."},
            "resource_group_name": {"type": "string", "description": "Where rules and workbook are made."},
            "location": {"type": "string", "description": "The region of the workspace."},
            "action_group_ids": {
                "type": "list(string)",
                "default": [],
                "description": "Who is told: resource ids of action groups.",
            },
        },
        "resource": {
            "azurerm_monitor_scheduled_query_rules_alert_v2": {
                rule.name.replace("-", "_"): _rule(rule, pack[rule.query]) for rule in rules
            },
            "azurerm_application_insights_workbook": {"desk": _WORKBOOK},
        },
    }


_WORKBOOK = {
    "name": "6f1f7f1e-52c7-4b5e-9d0a-5f2d0f6f4a10",
    "display_name": "Customer service desk",
    "resource_group_name": "${var.resource_group_name}",
    "location": "${var.location}",
    "source_id": "${lower(var.workspace_id)}",
    "data_json": '${file("${path.module}/workbook.json")}',
}


def _rule(rule: Rule, query: Query) -> dict[str, Any]:
    criteria: dict[str, Any] = {
        "query": _literal(asked(rule, query)),
        "operator": rule.operator,
        "threshold": rule.threshold,
        "time_aggregation_method": _aggregation(rule),
        "failing_periods": {
            "minimum_failing_periods_to_trigger_alert": 1,
            "number_of_evaluation_periods": 1,
        },
    }
    if rule.column:
        criteria["metric_measure_column"] = rule.column
    made: dict[str, Any] = {
        "name": f"desk-{rule.name}",
        "display_name": f"Desk: {rule.says}",
        "description": f"{query.what} Asked of {query.name}.kql of the query pack.",
        "resource_group_name": "${var.resource_group_name}",
        "location": "${var.location}",
        "scopes": ["${var.workspace_id}"],
        "severity": rule.severity,
        "evaluation_frequency": _minutes(rule.every),
        "window_duration": _minutes(rule.window),
        "auto_mitigation_enabled": True,
        # A new desk has no tables yet, and Azure would refuse a query that names them.
        "skip_query_validation": True,
        "criteria": criteria,
        "action": {"action_groups": "${var.action_group_ids}"},
    }
    return made | ({"query_time_range_override": rule.look_back} if rule.look_back else {})


def _aggregation(rule: Rule) -> str:
    if not rule.column:
        return "Count"
    return "Minimum" if rule.operator == "LessThan" else "Maximum"


def _minutes(minutes: int) -> str:
    return f"PT{minutes // 60}H" if minutes % 60 == 0 else f"PT{minutes}M"


def _literal(text: str) -> str:
    """As Terraform leaves it alone: it reads `${` and `%{` in texts."""
    return text.replace("${", "$${").replace("%{", "%%{")
