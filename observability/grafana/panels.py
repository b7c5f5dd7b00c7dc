"""A dashboard as Grafana reads it ("Dashboard JSON model", grafana.com/docs), from rows of panels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from observability.grafana.queries import Query

WIDTH, HEIGHT, STAT_HEIGHT = 24, 8, 4
"""Grafana's grid: 24 columns."""
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
Kind = Literal["timeseries", "stat", "bargauge"]


@dataclass(frozen=True)
class Panel:
    """One panel: `unit` is Grafana's name of it, `wide` columns of 24."""

    title: str
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: Kind = "timeseries"
    wide: int = 8
    about: str = ""


def graph(title: str, *queries: Query, unit: str = "short", wide: int = 8, about: str = "") -> Panel:
    """Lines over time."""
    return Panel(title, queries, unit, "timeseries", wide, about)


def stat(title: str, *queries: Query, unit: str = "short", wide: int = 4, about: str = "") -> Panel:
    """One number."""
    return Panel(title, queries, unit, "stat", wide, about)


def bars(title: str, *queries: Query, unit: str = "short", wide: int = 6, about: str = "") -> Panel:
    """One bar for each label."""
    return Panel(title, queries, unit, "bargauge", wide, about)


@dataclass(frozen=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Dashboard:
    """A page of rows; `name` is its file and its address."""

    name: str
    title: str
    about: str
    rows: tuple[Row, ...]

    @property
    def panels(self) -> Sequence[Panel]:
        """Of all rows."""
        return [panel for row in self.rows for panel in row.panels]


def as_grafana(page: Dashboard) -> dict[str, Any]:
    """What Grafana imports; the data source is chosen there."""
    return {
        "uid": f"answerdesk-{page.name}",
        "title": page.title,
        "description": page.about,
        "tags": ["answerdesk"],
        "editable": False,
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": _placed(page),
    }


def _placed(page: Dashboard) -> list[dict[str, Any]]:
    placed: list[dict[str, Any]] = []
    top = 0
    for row in page.rows:
        placed.append(
            {
                "id": len(placed) + 1,
                "type": "row",
                "title": row.title,
                "collapsed": False,
                "panels": [],
                "gridPos": {"x": 0, "y": top, "w": WIDTH, "h": 1},
            }
        )
        top += 1
        left = line = 0
        for panel in row.panels:
            height = HEIGHT if panel.kind == "timeseries" else STAT_HEIGHT
            if left + panel.wide > WIDTH:
                top, left, line = top + line, 0, 0
            placed.append(_panel(panel, len(placed) + 1, {"x": left, "y": top, "w": panel.wide, "h": height}))
            left, line = left + panel.wide, max(line, height)
        top += line
    return placed


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "gridPos": place,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": _SOURCE,
                "expr": query.expr,
                "legendFormat": query.legend or "__auto",
                "instant": panel.kind != "timeseries",
                "range": panel.kind == "timeseries",
            }
            for index, query in enumerate(panel.queries)
        ],
    }
