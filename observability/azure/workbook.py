"""The workbook: every query of the pack under the heading of who asks it, with its parameters.

Form: github.com/Microsoft/Application-Insights-Workbooks, schema/workbook.json (items of type 1 text,
3 query, 9 parameters, 11 links, 12 group), as exported by the portal.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shared.traces_pack import Parameter, Query

Doc = dict[str, Any]
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Now": (
        "any_turns", "turns_by_status", "turn_latency", "error_rate", "errors_by_kind", "slow_turns",
        "slowest_hop", "unfinished_turns", "dead_letters", "redeliveries", "bus_latency", "vault_latency",
        "latency_by_agent",
    ),
    "One conversation": ("recent_conversations", "timeline", "why_this_answer", "decision_tree"),
    "Cost": (
        "spend_exact", "cost_by_day", "cost_by_agent", "cost_by_model", "cost_by_conversation",
        "turns_by_engine", "answer_cache", "drafts_per_turn",
    ),
    "Answers": (
        "intents", "confidence_drift", "knowledge_gaps", "sources_used", "sources_never_used",
        "critic_rejections", "worst_drafts", "policy_clauses", "turns_by_language", "feedback",
    ),
    "People": (
        "hand_over_rate", "hand_over_spike", "hand_over_reasons", "signals", "staff_acts",
        "refused_messages", "order_lookups", "action_outcomes",
    ),
    "Vendors and models": ("vendor_errors", "webhooks", "model_health", "model_fallbacks"),
    "Trust": ("sampling_truth", "sampling_check", "pii_canary"),
}  # fmt: skip
_KIND = "microsoft.operationalinsights/workspaces"
_SPANS = (1, 4, 24, 48, 168, 720)
"""Hours that can be picked."""
_CHARTS = {"timechart": "timechart", "columnchart": "barchart", "barchart": "barchart"}
_LET = re.compile(r"^let (\w+) = ", re.MULTILINE)


def workbook(pack: Mapping[str, Query]) -> Doc:
    """The document that the portal opens.

    Raises:
        KeyError: a section names what is not in the pack.
    """
    groups = [_group(title, [pack[name] for name in names]) for title, names in SECTIONS.items()]
    return {
        "version": "Notebook/1.0",
        "items": [_intro(), _tabs(), *groups],
        "fallbackResourceIds": ["Azure Monitor"],
        "$schema": (
            "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json"
        ),
    }


def _intro() -> Doc:
    told = (
        "# Customer service desk\nThe query pack of the desk (`observability/kql`), as it is asked on every"
        " machine. Rows weigh what they stand for: sums over `ItemCount` are estimates for all turns."
    )
    return {"type": 1, "content": {"json": told}, "name": "intro"}


def _tabs() -> Doc:
    links = [
        {
            "id": _id(f"tab {title}"),
            "cellValue": "section",
            "linkTarget": "parameter",
            "linkLabel": title,
            "subTarget": title,
            "style": "link",
        }
        for title in SECTIONS
    ]
    content = {"version": "LinkItem/1.0", "style": "tabs", "links": links}
    return {"type": 11, "content": content, "name": "sections"}


def _group(title: str, queries: Sequence[Query]) -> Doc:
    content = {
        "version": "NotebookGroup/1.0",
        "groupType": "editable",
        "items": [item for query in queries for item in _items(query)],
    }
    shown = {"parameterName": "section", "comparison": "isEqualTo", "value": title}
    return {"type": 12, "content": content, "conditionalVisibility": shown, "name": title}


def _items(query: Query) -> Iterator[Doc]:
    """What can be chosen, then the answer."""
    yield {
        "type": 9,
        "content": {
            "version": "KqlParameterItem/1.0",
            "parameters": [_time(query), *(_parameter(query, each) for each in query.parameters)],
            "style": "pills",
            "queryType": 0,
            "resourceType": _KIND,
        },
        "name": f"{query.name} parameters",
    }
    yield {
        "type": 3,
        "content": {
            "version": "KqlItem/1.0",
            "query": _with_places(query),
            "size": 0,
            "title": f"{query.what} ({query.who})",
            "noDataMessage": "Nothing of that kind in this time.",
            "timeContextFromParameter": f"{query.name}_time",
            "showExportToExcel": True,
            "queryType": 0,
            "resourceType": _KIND,
            "visualization": _CHARTS.get(query.chart, "table"),
        },
        "name": query.name,
    }


def _time(query: Query) -> Doc:
    spans = sorted({timedelta(hours=hours) for hours in _SPANS} | {query.back})
    return {
        "id": _id(f"{query.name} time"),
        "version": "KqlParameterItem/1.0",
        "name": f"{query.name}_time",
        "label": "Time",
        "type": 4,
        "isRequired": True,
        "value": {"durationMs": _milliseconds(query.back)},
        "typeSettings": {
            "selectableValues": [{"durationMs": _milliseconds(span)} for span in spans],
            "allowCustom": True,
        },
    }


def _parameter(query: Query, parameter: Parameter) -> Doc:
    return {
        "id": _id(f"{query.name} {parameter.name}"),
        "version": "KqlParameterItem/1.0",
        "name": f"{query.name}_{parameter.name}",
        "label": parameter.name,
        "description": parameter.says,
        "type": 1,
        "value": parameter.default,
    }


def _with_places(query: Query) -> str:
    """The query with `{name_parameter}` where the workbook puts what was chosen."""
    kinds = {each.name: each.kind for each in query.parameters}
    lines = []
    for line in query.text.splitlines():
        found = _LET.match(line)
        if found is None or found[1] not in kinds:
            lines.append(line)
            continue
        place = f"{{{query.name}_{found[1]}}}"
        lines.append(
            f'let {found[1]} = "{place}";' if kinds[found[1]] == "string" else f"let {found[1]} = {place};"
        )
    return "\n".join(line for line in lines if not line.startswith("//"))


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _id(of: str) -> str:
    """The same each time it is made."""
    return str(uuid5(NAMESPACE_URL, f"answerdesk workbook {of}"))
