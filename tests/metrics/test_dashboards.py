"""The dashboards: as generated, understood by Prometheus, and none of their panels empty."""

import json
import re
from pathlib import Path

import pytest

from observability.grafana.__main__ import DASHBOARDS, generated
from observability.grafana.panels import WIDTH, Dashboard, as_grafana
from tests.metrics.busy_desk import Scraped
from tests.metrics.promtool import ROOT, promtool, series

RULES = ROOT / "observability" / "prometheus" / "rules.yml"
GRAFANA = {"$__rate_interval": "7m", "$__range": "9m"}
"""What Grafana puts in; here so that both scrapes are within."""
QUERIES = [query.expr for page in DASHBOARDS for panel in page.panels for query in panel.queries]


@pytest.mark.parametrize(("path", "text"), generated().items(), ids=lambda each: Path(str(each)).name[:20])
def test_what_is_committed_is_what_is_generated(path: Path, text: str) -> None:
    """`python -m observability.grafana` writes it anew."""
    assert path.read_text("utf-8") == text


def test_no_panel_is_empty_after_a_busy_hour(busy: Scraped, tmp_path: Path) -> None:
    """Prometheus itself answers every query of every panel, with the figures of a real desk; none is empty.

    NaN counts as empty: it is what a quotient of nothing looks like.
    """
    up = {"series": 'up{job="answerdesk",instance="127.0.0.1:9100"}', "values": "1x9"}
    asked = [
        {
            "expr": f"count(({expr}) == ({expr})) > bool 0",
            "eval_time": "9m",
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        for expr in map(_filled, QUERIES)
    ]
    test = {"interval": "1m", "input_series": [up, *series(busy.texts)], "promql_expr_test": asked}
    path = tmp_path / "panels.yml"  # JSON is YAML
    path.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}))
    assert len(asked) > 50
    assert "SUCCESS" in promtool("test", "rules", path)


def test_names_are_as_prometheus_wants_them(busy: Scraped) -> None:
    """Units, suffixes, help: its linter has nothing to say."""
    assert promtool("check", "metrics", given=busy.texts[-1]) == ""


@pytest.mark.parametrize("page", DASHBOARDS, ids=lambda page: page.name)
def test_panels_do_not_cover_each_other(page: Dashboard) -> None:
    """Every cell of the grid belongs to one panel at most, and none stands outside."""
    taken: set[tuple[int, int]] = set()
    for panel in as_grafana(page)["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= WIDTH
        across = range(place["x"], place["x"] + place["w"])
        down = range(place["y"], place["y"] + place["h"])
        cells = {(x, y) for x in across for y in down}
        assert not cells & taken
        taken |= cells


def _filled(expr: str) -> str:
    filled = re.sub(r"\$__\w+", lambda found: GRAFANA[found[0]], expr)
    assert "$" not in filled
    return filled
