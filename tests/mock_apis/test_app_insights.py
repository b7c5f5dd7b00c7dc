"""The mock Application Insights under the real exporter and the real query client."""

import gzip
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter
from azure.monitor.query import LogsBatchQuery, LogsQueryClient, LogsQueryError, LogsQueryStatus
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind

from mock_apis import app_insights
from mock_apis.app_insights_names import AUDIENCES, KEY, RESOURCE, WORKSPACE, connection_string
from mock_apis.identity import TENANT
from mock_apis.insights_store import Telemetry, Unreadable
from mock_apis.tls import certificates
from tests.key_vault import Server, trusting

HOUR = timedelta(hours=1)


class Insights:
    """A running service, with the clients people use."""

    def __init__(self, server: Server, http: httpx.Client) -> None:
        self.url = server.url
        self.http = http
        self._client = LogsQueryClient(self, endpoint=server.url, audience=AUDIENCES[0], retry_total=0)  # type: ignore[arg-type]

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """A credential, as the SDK asks one."""
        asked, now = scopes[0].removesuffix("/.default"), time.time()
        return AccessToken(TENANT.sign(asked, client_id="tests", seconds=600, now=now), int(now) + 600)

    def rows(self, query: str, *, timespan: Any = HOUR, **more: Any) -> list[dict[str, Any]]:
        """The rows of a query over the resource."""
        found = self._client.query_resource(RESOURCE, query, timespan=timespan, **more)
        assert found.status == LogsQueryStatus.SUCCESS
        table = found.tables[0]  # type: ignore[union-attr]
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    def ask(self, query: str, **more: Any) -> Any:
        """The whole answer over the workspace."""
        return self._client.query_workspace(WORKSPACE, query, **({"timespan": HOUR} | more))

    def batch(self, *queries: str) -> list[Any]:
        """The answers to several over the workspace."""
        wishes = [LogsBatchQuery(workspace_id=WORKSPACE, query=each, timespan=HOUR) for each in queries]
        return self._client.query_batch(wishes)

    def refused(self, query: str, **more: Any) -> Any:
        """The inner error of a query over the resource that fails."""
        with pytest.raises(HttpResponseError) as error:
            self.rows(query, **more)
        assert error.value.error is not None
        return error.value.error.innererror or error.value.error.code

    def track(self, *items: dict[str, Any] | str) -> httpx.Response:
        """Send envelopes as they are."""
        lines = [each if isinstance(each, str) else json.dumps(each) for each in items]
        return self.http.post("/v2.1/track", content=f"[{','.join(lines)}]")


@contextmanager
def serving(folder: Path, file: Path | None = None, **more: Any) -> Iterator[Insights]:
    """The service over TLS on a free port."""
    tls = certificates(folder / "tls")
    app = app_insights.create_app(file, **more)
    server = Server(app, tls)
    with (
        pytest.MonkeyPatch.context() as patch,
        httpx.Client(base_url=server.url, verify=trusting(tls), trust_env=False) as http,
    ):
        patch.setenv("REQUESTS_CA_BUNDLE", str(tls.authority))
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setenv("APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL", "true")
        patch.setenv("APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED", "true")
        yield Insights(server, http)
    server.kill()
    app.close()


@pytest.fixture(scope="module")
def insights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    """With what `spans` and `numbers` sent."""
    with serving(tmp_path_factory.mktemp("insights"), most_rows=150) as running:
        spans(running)
        sent = running.track(*numbers())
        assert sent.json() == {"itemsReceived": 200, "itemsAccepted": 200, "errors": [], "appId": None}
        yield running


def spans(running: Insights) -> None:
    """A turn with an agent below it that fails, by the real exporter."""
    connection = connection_string(running.url)
    exporter = AzureMonitorTraceExporter.from_connection_string(connection, disable_offline_storage=True)
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    measured = {"microsoft.custom_measurements": json.dumps({"cost_usd": 0.25}), "_MS.sampleRate": 50.0}
    with tracer.start_as_current_span(
        "turn", kind=SpanKind.SERVER, attributes={"agent": "gateway"} | measured
    ):
        agent = tracer.start_span("invoke_agent intent", attributes={"gen_ai.system": "embedded"})
        agent.add_event("redelivery", {"tries": "2"})
        agent.record_exception(ValueError("boom"))
        agent.end()
    provider.shutdown()


def item(kind: str, base: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An envelope of now."""
    data = {"baseType": kind, "baseData": {"ver": 2} | base}
    return {"name": "x", "time": datetime.now(UTC).isoformat(), "iKey": KEY, "data": data} | more


def numbers() -> list[dict[str, Any]]:
    """Metrics from 1 to 200."""
    return [item("MetricData", {"metrics": [{"name": "n", "value": n}]}) for n in range(1, 201)]


def test_the_exporters_spans_are_rows(insights: Insights) -> None:
    """Requests, dependencies, events and exceptions, one operation; a sample counts for more."""
    (turn,) = insights.rows("requests | extend cost = todouble(customMeasurements.cost_usd)")
    assert (turn["name"], turn["success"], turn["itemCount"], turn["cost"]) == ("turn", "True", 2, 0.25)
    (agent,) = insights.rows("dependencies | extend system = tostring(customDimensions['gen_ai.system'])")
    assert (agent["type"], agent["system"]) == ("GenAI | embedded", "embedded")
    assert (agent["operation_Id"], agent["operation_ParentId"]) == (turn["operation_Id"], turn["id"])
    (event,) = insights.rows(
        "traces | project message, tries = toint(customDimensions.tries), operation_ParentId"
    )
    assert event == {"message": "redelivery", "tries": 2, "operation_ParentId": agent["id"]}
    (raised,) = insights.rows("exceptions | project type, outerMessage, details")
    assert (raised["type"], raised["outerMessage"]) == ("ValueError", "boom")
    assert json.loads(raised["details"])[0]["rawStack"].startswith("ValueError: boom")


def test_a_workspace_has_the_newer_tables(insights: Insights) -> None:
    """The same rows by their newer names and types; visualization and statistics when asked for."""
    query = "AppRequests | summarize n = sum(ItemCount) by Name, Success, Type | render barchart"
    found = insights.ask(query, include_statistics=True, include_visualization=True)
    (table,) = found.tables
    assert table.columns_types == ["string", "bool", "string", "long"]
    assert [list(row) for row in table.rows] == [["turn", True, "AppRequests", 2]]
    assert found.visualization == {"visualization": "barchart"}
    assert found.statistics["query"]["executionTime"] > 0


def test_numbers(insights: Insights) -> None:
    """Percentiles, also several at once; each type arrives as the client knows it."""
    (row,) = insights.rows(
        "customMetrics | summarize percentiles(value, 50, 99), n = count() | extend took = 1.5 * 1h"
    )
    assert abs(row["percentile_value_50"] - 100) <= 1
    assert abs(row["percentile_value_99"] - 198) <= 2
    assert (row["n"], row["took"]) == (200, "01:30:00")
    (row,) = insights.rows(
        "print t = datetime(2026-01-02), d = dynamic({'a': [1]}), none = int(null), x = real(nan)"
    )
    assert row["t"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert json.loads(row["d"]) == {"a": [1]}
    assert row["none"] is None
    assert row["x"] == "NaN"


def test_too_many_rows_are_cut_and_said(insights: Insights) -> None:
    """A partial answer with the limit, never a silent one."""
    found = insights.ask("AppMetrics | project Sum")
    assert found.status == LogsQueryStatus.PARTIAL
    assert len(found.partial_data[0].rows) == 150
    assert "limit of 150" in found.partial_error.details[0]["message"]


@pytest.mark.parametrize(
    ("query", "code", "told"),
    [
        ("requests\n| where", "SyntaxError", "on line [2,3]"),
        ("requests | where name has 'x", "SyntaxError", "on line [1,"),
        ("requsts | take 1", "SemanticError", "table named 'requsts'"),
        ("requests | project nope", "SemanticError", "column named 'nope'"),
        ("AppRequests | take 1", "SemanticError", "table named 'AppRequests'"),
        ("requests | evaluate bag_unpack(customDimensions)", "NotSupportedError", "on line [1,12]"),
        ("requests | where " + "(" * 41 + "1" + ")" * 41, "SyntaxError", "on line [1,58]"),
        ("requests | where " + "not " * 400 + "true", "SyntaxError", ""),
        (".drop table requests", "", ""),
    ],
)
def test_wrong_queries_are_told_what_is_wrong(insights: Insights, query: str, code: str, told: str) -> None:
    """Line and column where they are known; the table stays."""
    error = insights.refused(query)
    assert error["code"] == code or not code
    assert told in error["message"]
    assert insights.rows("requests | count") == [{"Count": 1}]


def test_a_batch_answers_each(insights: Insights) -> None:
    """A wrong query among good ones costs only itself."""
    good, wrong, other = insights.batch("AppRequests | count", "AppRequests |", "AppMetrics | count")
    assert [list(row) for row in good.tables[0].rows] == [[1]]
    assert isinstance(wrong, LogsQueryError)
    assert [list(row) for row in other.tables[0].rows] == [[200]]


def test_time_is_kept_to(insights: Insights) -> None:
    """`timespan` hides what lies outside, whatever the query asks; a wrong one is refused."""
    now = datetime.now(UTC)
    assert insights.rows("requests | count", timespan=None) == [{"Count": 1}]
    for past in ((now - 2 * HOUR, now - HOUR), (now - 2 * HOUR, HOUR)):
        assert insights.rows("requests | where timestamp > ago(1d) | count", timespan=past) == [{"Count": 0}]
    for timespan in ("yesterday", "P99999999999999D"):
        _refuses(insights, {"query": "AppRequests | count", "timespan": timespan})


def _refuses(insights: Insights, body: dict[str, str]) -> None:
    """Asked either way."""
    headers = {"Authorization": f"Bearer {insights.get_token(AUDIENCES[0]).token}"}
    for how in ({"method": "POST", "json": body}, {"method": "GET", "params": body}):
        answer = insights.http.request(url=f"/v1/workspaces/{WORKSPACE}/query", headers=headers, **how)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadArgumentError")
        assert "timespan" in answer.json()["error"]["message"]


def test_a_slow_query_ends(insights: Insights) -> None:
    """After the seconds its caller waits; others are answered."""
    slow = "customMetrics | extend k = 1 | join kind=inner (customMetrics | extend k = 1) on k"
    slow += " | join kind=inner (customMetrics | extend k = 1) on k" * 3 + " | summarize sum(value)"
    assert insights.refused(slow, server_timeout=1) == "GatewayTimeout"
    assert insights.rows("customMetrics | count") == [{"Count": 200}]


def test_whose_queries_are_answered(insights: Insights) -> None:
    """Those with a token of the tenant for this API."""
    url, body = f"/v1/workspaces/{WORKSPACE}/query", {"query": "AppRequests | count"}
    other = TENANT.sign("https://vault.azure.net", client_id="x", seconds=600, now=time.time())
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {other}"}):
        assert insights.http.post(url, json=body, headers=headers).status_code == 401


def test_what_is_wrong_is_refused_alone(insights: Insights) -> None:
    """206 names each by its index; 400 when nothing is good."""
    wrong = [
        "{}",
        "1",
        item("MetricData", {}, iKey="other"),
        item("NoData", {}),
        item("RequestData", {"id": "1", "responseCode": "200", "duration": "soon"}),
        item("MessageData", {}),
        item("MetricData", {}, sampleRate=0),
        item("EventData", {"name": "x"}, time="0001-01-01T00:00:00+14:00"),
        item("RequestData", {"responseCode": "200", "duration": "9" * 400 + ".00:00:01"}),
    ]
    good = item("EventData", {"name": "kept"})
    answer = insights.track(*wrong, good)
    told = answer.json()
    assert (answer.status_code, told["itemsReceived"], told["itemsAccepted"]) == (206, 10, 1)
    assert [each["index"] for each in told["errors"]] == list(range(9))
    assert insights.rows("customEvents | project name") == [{"name": "kept"}]
    assert insights.track(*wrong).status_code == 400
    for body in (
        b"[{",
        b"no\n[",
        b"[" * 100_000,
        b"\xff{}",
        b"\x1f\x8bno",
        gzip.compress(b"[]" + b" " * 65 * 1024 * 1024),
    ):
        assert insights.http.post("/v2.1/track", content=body).status_code == 400
    assert insights.http.post("/QuickPulseService.svc/ping").headers["x-ms-qps-subscribed"] == "false"


def test_what_was_taken_survives_and_goes_in_time(tmp_path: Path) -> None:
    """A new start finds it; after its days nobody does."""
    file, late = tmp_path / "telemetry.duckdb", [0.0]
    with serving(tmp_path, file) as running:
        spans(running)
    with serving(tmp_path, file, now=lambda: time.time() + late[0]) as running:
        assert running.rows("requests | count", timespan=None) == [{"Count": 1}]
        late[0] = 8 * 86400
        assert running.rows("requests | count", timespan=None) == [{"Count": 0}]
        assert running.track(item("EventData", {"name": "sweeps"})).status_code == 200
        late[0] = 0.0
        assert running.rows("requests | count", timespan=None) == [{"Count": 0}]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    file = tmp_path / "telemetry.duckdb"
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(Unreadable, match=r"telemetry\.duckdb cannot be opened .* move it away"):
        Telemetry(file)
