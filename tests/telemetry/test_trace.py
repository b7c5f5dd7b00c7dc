"""One trace per turn, through gateway, conversation and every agent, and nothing of it when it is off."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from launch.http import bind, run_gateway
from launch.roles import Running, run_all
from shared import telemetry
from shared.settings import Settings
from shared.wiring import open_services

AGENTS = {"gateway", "conversation", "critic", "intent", "knowledge", "escalation", "response"}


@pytest.fixture(scope="module")
def provider() -> TracerProvider:
    """The process has one provider; it is installed here."""
    provider = TracerProvider()
    trace.set_tracer_provider(provider)
    return provider


@pytest.fixture
def spans(provider: TracerProvider) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    processor = SimpleSpanProcessor(exporter)
    provider.add_span_processor(processor)
    yield exporter
    processor.shutdown()


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """The whole desk on a real nats-server, in this process so that its spans can be read."""
    settings = Settings(
        port=0, data_dir=tmp_path, model_url="scripted://", embedder_url="hashing://", knowledge_dir=tmp_path
    )
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(settings))
        running = Running(services=services, registry=CollectorRegistry())
        await stack.enter_async_context(run_all(running))
        sock = bind(settings)
        await stack.enter_async_context(run_gateway(running, sock))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


async def test_a_turn_is_one_trace_with_a_span_of_every_agent(url: str, spans: InMemorySpanExporter) -> None:
    """The reply's trace_id leads to all of it; each span says whose it is."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = (await http.post("/v1/chat", json={"message": "lovely shop"})).json()
    found = [
        s
        for s in spans.get_finished_spans()
        if s.context and f"{s.context.trace_id:032x}" == answer["trace_id"]
    ]
    attributes = [dict(span.attributes or {}) for span in found]
    assert {str(a["agent"]) for a in attributes} == AGENTS
    assert {str(a["gen_ai.conversation.id"]) for a in attributes} == {answer["conversation_id"]}
    assert {str(a["turn"]) for a in attributes} == {answer["turn_id"]}
    intent = next(a for a in attributes if a["agent"] == "intent")
    assert intent["intent"] == "FEEDBACK"
    assert {"action", "confidence", "model", "cost_usd", "gen_ai.usage.input_tokens"} <= set(intent)


def test_nothing_is_recorded_under_a_trace_that_is_not_sampled(spans: InMemorySpanExporter) -> None:
    """A child costs nothing when its trace was not chosen."""
    with telemetry.span("invoke_agent intent", agent="intent") as span:
        telemetry.note(intent="FEEDBACK")
    assert not span.is_recording()
    assert not spans.get_finished_spans()


def test_an_error_is_named_but_not_quoted(spans: InMemorySpanExporter) -> None:
    """What a customer wrote may stand in an exception's text; the span holds the type only."""
    with pytest.raises(ValueError, match="secret"), telemetry.span("chat", root=True):
        raise ValueError("the secret words of a customer")
    (span,) = spans.get_finished_spans()
    assert span.status.description == "ValueError"
    assert "secret" not in span.to_json()
