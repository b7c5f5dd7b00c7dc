"""What arrives of a span: in Application Insights through the real exporter and client, and over OTLP."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import msgspec
import pytest
from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, TraceFlags

from shared import telemetry
from shared.adapters.insights.exporting import told
from shared.adapters.insights.form import Former
from shared.adapters.insights.otlp import OtlpSender
from shared.contracts import ClassifyIntent
from shared.settings import Settings
from shared.telemetry.contract import SpanKind, keys, wire_names
from shared.telemetry.holding import Holding, Kept
from shared.telemetry.sending import Sending
from shared.telemetry.taking import FAULT, NO_ANSWER, UNREACHABLE, Losses, Sent
from shared.wiring.tracing import open_tracing
from tests.telemetry.insights import SERVICE, Insights, serving
from tests.telemetry.recorded import recording
from tests.telemetry.vendors_form import of_vendor, vendors_envelope

DAY = timedelta(days=1)
ASK = ClassifyIntent(conversation_id="c-1", turn_id="t-1", step_id="t-1.classify", text="TOKEN_1 wants tea")


@pytest.fixture(scope="module")
def insights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    with serving(tmp_path_factory.mktemp("insights")) as service:
        yield service


def kept(name: str = "c-1", weight: float = 1.0, why: str = "") -> list[Kept]:
    """A turn with an agent that links to another trace, and a call that failed."""
    root = telemetry.root
    with recording() as recorded, root("turn", conversation=name, turn="t-1", agent="gateway", cost_usd=0.25):
        with telemetry.span("invoke_agent intent", inputs=ASK, agent="intent") as agent:
            agent.note(confidence=0.75, allowed=True, delivery=2, alternatives='[{"what": "X"}]')
            agent.link(f"00-{'a' * 32}-{'b' * 16}-01")
            telemetry.answered(ASK)
        with pytest.raises(OSError, match="dead"), telemetry.span("call shopify", kind=telemetry.CLIENT):
            raise OSError("dead")
    return [Kept(span, weight, why) for span in recorded.spans]


async def test_nothing_is_lost_on_the_way(insights: Insights) -> None:
    """Texts, numbers, truth, JSON, links, errors, parents and weights, asked as operators ask."""
    sent = kept("c-whole", weight=2.0, why="refused")
    assert insights.sender.send(sent) == Sent(len(sent))
    found = await insights.traces.query(
        "union AppRequests, AppDependencies | where Properties['gen_ai.conversation.id'] == 'c-whole'"
        " | project Name, Type, Success, ItemCount, OperationId, Id, ParentId, Properties, Measurements",
        back=DAY,
    )
    names = [name for name, _ in found.columns]
    rows = {row[0]: dict(zip(names, row, strict=True)) for row in found.rows}
    root, agent, call = rows["turn"], rows["invoke_agent intent"], rows["call shopify"]
    assert (root["Type"], agent["Type"]) == ("AppRequests", "AppDependencies")
    assert agent["ParentId"] == root["Id"]
    assert {row["OperationId"] for row in rows.values()} == {sent[0].span.trace}
    assert {row["ItemCount"] for row in rows.values()} == {2}
    assert (root["Success"], call["Success"]) == (True, False)
    said, measured = json.loads(str(agent["Properties"])), json.loads(str(agent["Measurements"]))
    assert measured["confidence"] == 0.75
    assert measured["delivery"] == 2.0
    assert measured["weight"] == 2.0
    assert measured["latency_ms"] > 0
    assert said["allowed"] == "true"
    assert said["turn"] == "t-1"
    assert said["kept_for"] == "refused"
    assert json.loads(said["inputs"])["text"] == "TOKEN_1 wants tea"
    assert json.loads(said["alternatives"]) == [{"what": "X"}]
    assert "a" * 32 in said["_MS.links"]


def test_what_is_too_long_is_cut_and_says_so(insights: Insights) -> None:
    """Application Insights cuts properties at 8,192 characters without a word."""
    long = ClassifyIntent(conversation_id="c-1", turn_id="t-1", step_id="s", text="x" * 20_000)
    with (
        recording() as recorded,
        telemetry.root("turn", agent="gateway"),
        telemetry.span("invoke_agent intent", inputs=long, agent="intent", reasoning="y" * 9_000),
    ):
        pass
    (span, _) = Former("x").form([Kept(each, 1.0) for each in recorded.spans])
    assert span.attributes is not None
    inputs = str(span.attributes["inputs"])
    assert len(inputs) <= 8_000
    assert inputs.endswith(f"of {len(msgspec.json.encode(long))}")
    assert len(str(span.attributes["reasoning"])) == 8_000


def test_the_contract_names_nothing_that_the_exporter_drops(insights: Insights) -> None:
    """It drops what begins like its own conventions; a name of ours never does, and would arrive too."""
    context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))
    ours = dict.fromkeys(wire_names().values(), "x")
    theirs = dict.fromkeys(("messaging.system", "db.system", "http.route", "server.address"), "x")
    span = ReadableSpan(name="x", context=context, start_time=1, end_time=2)
    properties = of_vendor(insights.sender, span, ours | theirs)["data"]["baseData"]["properties"]
    assert set(ours) <= set(properties)
    assert not set(theirs) & set(properties), "the trap is gone: the rule on names may go too"
    assert len(wire_names()) == len(set(wire_names().values())) == len(keys())


def every_kind() -> list[Kept]:
    """Spans that differ in all that an envelope's form depends on."""
    with (
        recording() as recorded,
        telemetry.root("turn", conversation="c-1", turn="t-1", agent="gateway"),
    ):
        for kind in get_args(SpanKind):
            for provider in ("", "openai"):
                with telemetry.span(f"{kind} ü {provider}", kind=kind, inputs=ASK) as span:
                    span.note(provider=provider, confidence=0.75, allowed=True, delivery=2, reasoning="ß 'x'")
                    span.link(f"00-{'a' * 32}-{'b' * 16}-01")
        with pytest.raises(OSError, match="dead"), telemetry.span("n" * 2000, kind=telemetry.CLIENT):
            raise OSError("dead")
        with telemetry.span("many") as span:
            for _ in range(110):
                span.link(f"00-{'a' * 32}-{'b' * 16}-01")
    for number, each in enumerate(recorded.spans):
        each.ended = each.began + 10**number * 123_456  # from microseconds to months
    return [Kept(each, 2.0, "slow" if each.error else "") for each in recorded.spans]


def test_envelopes_are_those_of_the_vendor(insights: Insights) -> None:
    """Field by field, for every kind of span; written without the vendor's models."""
    for each in every_kind():
        ours, theirs = (
            insights.sender._envelopes.write(each),
            vendors_envelope(insights.sender, each, SERVICE),
        )
        assert ours == theirs
        assert list(ours) == list(theirs)


def test_an_envelope_is_cheap(insights: Insights) -> None:
    """It takes less than a fifth of what the vendor's takes on the same machine at the same time."""
    spans = every_kind() * 20
    ours = spent(lambda: [insights.sender._envelopes.write(each) for each in spans])
    theirs = spent(lambda: [vendors_envelope(insights.sender, each, SERVICE) for each in spans])
    assert ours < theirs / 5


def spent(work: Callable[[], object]) -> float:
    """Seconds of this thread's CPU."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


@pytest.mark.parametrize("status", [400, 402, 429, 500])
def test_what_the_service_refuses_is_a_loss_that_is_counted(
    insights: Insights, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor drops some of it without a word. Nothing is left on disk, no other traffic is made.

    What nobody took and may be taken later is sent again: of 500 it is not known.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    insights.failing(status)
    try:
        assert insights.sender.send(kept()) == Sent(0, str(status), again=status == 429)
    finally:
        insights.mended()
    assert not list(tmp_path.rglob("*"))
    assert {path for path in insights.requests if "track" not in path and "query" not in path} == set()


def test_what_became_of_a_batch() -> None:
    """A part that was refused, nobody there, no answer: what may be sent again, and nothing twice."""
    errors = [SimpleNamespace(status_code=400, index=1, message="no time")]
    assert told((SimpleNamespace(errors=[]), {}), 3) == Sent(3)
    assert told((SimpleNamespace(errors=errors), {}), 3) == Sent(2, "400")
    assert told(ServiceRequestError("refused"), 3) == Sent(0, UNREACHABLE, again=True)
    assert told(FileNotFoundError("ca.pem"), 3) == Sent(0, UNREACHABLE, again=True)
    assert told(ServiceResponseError("cut off"), 3) == Sent(0, NO_ANSWER)
    assert told(KeyError("x"), 3) == Sent(0, FAULT)


def test_what_the_vendors_pace_holds_back_is_sent_later(
    insights: Insights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes so many items a second, and drops the others without a disk."""
    limiter = SimpleNamespace(try_consume=lambda _: 2)
    monkeypatch.setattr(insights.sender._exporter, "_rate_limiter", limiter)
    assert insights.sender.send(kept()) == Sent(2, "429", again=True)
    limiter.try_consume = lambda _: 0
    assert insights.sender.send(kept()) == Sent(0, "429", again=True)


def test_an_exporter_that_is_closed_while_its_thread_sends_ends_in_peace(
    insights: Insights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on its way arrives, and no thread dies of it: pytest makes that an error."""
    sends, closed = threading.Event(), threading.Event()
    send = insights.sender.send

    def sending(kept: Sequence[Kept]) -> Sent:
        sends.set()
        assert closed.wait(20)
        return send(kept)

    monkeypatch.setattr(insights.sender, "send", sending)
    holding = Holding(ratio=1.0)
    thread = Sending(holding, lambda: insights.sender)
    for each in kept("c-closing"):
        holding.opened(each.span)
        holding.ended(each.span)
    assert not thread.stop(0.0)
    assert sends.wait(20)
    insights.sender.close()
    closed.set()
    assert thread.stop(20)
    assert holding.losses == Losses()


_CUT_OFF = 0


async def test_spans_reach_an_otlp_collector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OTLP over HTTP, on the path collectors listen on; off the request, and at the end of the process.

    What it refuses is told by its status, and nobody there as nobody there; what is cut off when it came is
    sent once.
    """
    requests: list[tuple[str, bytes]] = []
    answers: list[int] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            if answers == [_CUT_OFF]:
                answers.pop()
                return
            self.send_response(answers.pop() if answers else 200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Taker)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings = Settings(
        data_dir=tmp_path, traces_url=f"otlp+http://127.0.0.1:{server.server_port}", traces_ratio=1.0
    )
    async with open_tracing(settings, "answerdesk-test", alone=True) as tracing:
        with telemetry.root("turn", conversation="c-77", turn="t-1", agent="gateway"):
            pass
    collector = OtlpSender(f"http://127.0.0.1:{server.server_port}/v1/traces", "answerdesk-test")
    answers.append(400)
    assert collector.send(kept()) == Sent(0, "400")
    answers.append(_CUT_OFF)
    assert collector.send(kept()) == Sent(0, NO_ANSWER)
    server.shutdown()
    server.server_close()
    thread.join()
    monkeypatch.setattr("opentelemetry.exporter.otlp.common.http._MAX_RETRIES", 1)
    assert collector.send(kept()) == Sent(0, UNREACHABLE, again=True)
    collector.close()
    assert [path for path, _ in requests] == ["/v1/traces"] * 3
    assert b"c-77" in requests[0][1]
    assert tracing.losses == Losses()
    assert (tracing.kind, tracing.taking.up, tracing.taking.sent) == ("otlp", True, 1)
