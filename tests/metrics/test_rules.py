"""The alarms: valid, tested both ways, about metrics that exist, each with a way out."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared import metrics
from tests.metrics.promtool import ROOT, promtool

FOLDER = ROOT / "observability" / "prometheus"
_OURS = re.compile(r"\bdesk_[a-z_]+")


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "rules.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="module")
def alarms(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule for rule in rules if "alert" in rule]


def test_prometheus_takes_the_example() -> None:
    """The configuration with the rules it names."""
    assert "SUCCESS" in promtool("check", "config", FOLDER / "prometheus.yml")


def test_every_alarm_does_what_its_tests_say() -> None:
    """Labels and texts, too."""
    assert "SUCCESS" in promtool("test", "rules", FOLDER / "rules_test.yml")


def test_every_alarm_is_tested_both_ways(alarms: list[dict[str, Any]]) -> None:
    """Something sets it off, and something like it does not."""
    tests = yaml.safe_load((FOLDER / "rules_test.yml").read_text("utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    names = {alarm["alert"] for alarm in alarms}
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == names
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == names


def test_every_alarm_says_what_to_do(alarms: list[dict[str, Any]]) -> None:
    """A severity, a summary, a description, and a section that is there."""
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs" / "alarms.md").read_text("utf-8"), re.MULTILINE)
    anchors = {f"docs/alarms.md#{heading.lower()}" for heading in headings}
    for alarm in alarms:
        assert alarm["labels"]["severity"] in {"warning", "critical"}
        assert alarm["annotations"].keys() == {"summary", "description", "runbook_url"}
        assert alarm["annotations"]["runbook_url"] in anchors
    assert {alarm["annotations"]["runbook_url"] for alarm in alarms} == anchors


def test_rules_ask_for_metrics_that_exist(rules: list[dict[str, Any]]) -> None:
    """A misspelled name would never fire."""
    parts = {"histogram": ("_bucket", "_count", "_sum")}
    known = {f"{each.name}{part}" for each in metrics.METRICS for part in parts.get(each.kind, ("",))}
    asked = {name for rule in rules for name in _OURS.findall(rule["expr"])}
    assert len(asked) > 10
    assert asked <= known


def test_every_role_is_scraped() -> None:
    """The example leaves nobody out, and no port stands there twice."""
    from launch.__main__ import ROLES  # noqa: PLC0415  the launcher's imports are heavy

    config = yaml.safe_load(Path(FOLDER / "prometheus.yml").read_text("utf-8"))
    targets = config["scrape_configs"][0]["static_configs"]
    assert {each["labels"]["role"] for each in targets} == set(ROLES) - {"all"}
    assert len({each["targets"][0] for each in targets}) == len(targets)
