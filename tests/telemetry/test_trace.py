"""One trace per turn, through gateway, conversation and every agent, and nothing of it when it is off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.delivery import Delivery
from gateway.problems import Problem
from launch.http import bind, run_gateway
from launch.roles import Running, run_all
from shared import telemetry
from shared.adapters.nats.bus import NatsBus
from shared.contracts import TurnFinished
from shared.errors import BusDown, StoreDown
from shared.settings import Settings
from shared.telemetry.contract import Notes, keys, span_type
from shared.telemetry.spans import Sink, Span, record_to
from shared.wiring import open_services
from tests.telemetry.recorded import Recorded, recording

AGENTS = {"gateway", "conversation", "critic", "intent", "knowledge", "escalation", "response"}


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    with recording() as found:
        yield found


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


async def test_a_turn_is_one_trace_with_a_span_of_every_agent(url: str, recorded: Recorded) -> None:
    """The reply's trace_id leads to all of it; each span says whose it is, and hangs below who asked."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = (await http.post("/v1/chat", json={"message": "lovely shop, I am ada@example.com"})).json()
    found = recorded.of(answer["trace_id"])
    assert {span.attributes["agent"] for span in found} >= AGENTS
    assert {span.conversation for span in found} == {answer["conversation_id"]}
    assert {span.turn for span in found} == {answer["turn_id"]}
    ids = {span.id for span in found}
    (root,) = (span for span in found if not span.parent)
    assert root.name == "turn"
    assert root.attributes["status"] == "answered"
    assert all(span.parent in ids for span in found if span is not root)
    for span in found:
        assert set(span.attributes) <= set(keys()), "a name that the contract does not have"
        assert set(span_type(span.name).keys) <= set(span.attributes), span.name
    intent = next(span for span in found if span.attributes["agent"] == "intent")
    assert intent.attributes["intent"] == "FEEDBACK"
    assert intent.attributes["delivery"] == 1
    assert {"action", "confidence", "model", "cost_usd", "input_tokens", "reasoning"} <= set(
        intent.attributes
    )
    assert intent.inputs is not None
    assert intent.outputs is not None
    assert "ada@example.com" not in repr([(span.attributes, span.inputs, span.outputs) for span in found])


async def test_what_is_no_message_is_no_turn(url: str, recorded: Recorded) -> None:
    """Else whoever sends nonsense raises the error rate, and wakes an operator."""
    async with httpx.AsyncClient(base_url=url) as http:
        answers = [await http.post("/v1/chat", json={"message": text}) for text in ("x" * 5001, " ")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert not recorded.spans


class AtTheirEnd(Sink):
    """What spans said at the moment when it is decided whether they are kept."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, str]] = []

    def ended(self, span: Span) -> None:
        """See `Sink.ended`."""
        self.errors.append((span.name, span.error))


async def told(url: str, message: str = "lovely shop", accept: str = "text/event-stream") -> tuple[int, str]:
    """A message whose answer comes as events, unless it is asked for otherwise."""
    async with httpx.AsyncClient(base_url=url, headers={"accept": accept}) as http:
        answer = await http.post("/v1/chat", json={"message": message})
    return answer.status_code, answer.text


async def test_a_stream_is_traced_until_its_answer_is_told(
    url: str, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root span ends with the last event and knows how the turn ended; the vault's stand below it."""
    real = Delivery.sentences

    async def sentences(self: Delivery, turn: TurnFinished) -> list[str]:
        with telemetry.span("vault reveal", kind=telemetry.CLIENT, action="reveal"):
            return await real(self, turn)

    monkeypatch.setattr(Delivery, "sentences", sentences)
    assert (await told(url))[0] == 200
    (root,) = (span for span in recorded.spans if not span.parent)
    (reveal,) = (span for span in recorded.of(root.trace) if span.name == "vault reveal")
    assert reveal.parent == root.id
    assert root.attributes["status"] == "answered"
    assert root.ended >= reveal.ended

    at_end = AtTheirEnd()
    stop = record_to(at_end)
    monkeypatch.setattr(Delivery, "answer", failing(StoreDown("the vault is down")))
    code, events = await told(url)
    assert code == 200
    assert "event: problem" in events
    assert ("turn", "StoreDown") in at_end.errors
    monkeypatch.setattr(NatsBus, "submit", failing(BusDown("no bus")))
    code, _ = await told(url)
    assert code == 503
    assert ("turn", "BusDown") in at_end.errors
    # Whoever sends what is no message, or too many, does not raise our rate of errors: alarms go by it.
    at_end.errors.clear()
    assert (await told(url, " \n"))[0] == 422
    assert at_end.errors == []
    monkeypatch.setattr(NatsBus, "submit", failing(Problem(429, "too-many", "Too many", "Later.")))
    for accept in ("text/event-stream", "application/json"):
        assert (await told(url, accept=accept))[0] == 429
    assert [error for name, error in at_end.errors if name == "turn"] == ["", ""]
    stop()


def failing(error: Exception) -> Callable[..., Awaitable[None]]:
    async def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_nothing_is_recorded_without_a_trace_above(recorded: Recorded) -> None:
    """What happens outside of a turn, or when nothing records, opens nothing."""
    with telemetry.span("invoke_agent intent", agent="intent"):
        telemetry.note(intent="FEEDBACK")
    assert not recorded.spans


def test_an_error_is_named_but_not_quoted(recorded: Recorded) -> None:
    """What a customer wrote may stand in an exception's text; the span holds the type only."""
    with pytest.raises(ValueError, match="secret"), telemetry.root("turn"):
        raise ValueError("the secret words of a customer")
    (span,) = recorded.spans
    assert span.error == "ValueError"
    assert "secret" not in repr((span.name, span.attributes))


def test_what_is_wrong_with_what_was_asked_is_no_failure(recorded: Recorded) -> None:
    """A customer with too many streams is told so; the turn did not fail."""
    for status in (429, 503):
        with pytest.raises(Problem), telemetry.root("turn"):
            raise Problem(status, "kind", "Title", "detail")
    assert [span.error for span in recorded.spans] == ["", "Problem"]


async def test_what_came_over_the_bus_hangs_below_its_sender(recorded: Recorded) -> None:
    """`traceparent` is all that travels; how the message came is told once, by the first span it started."""
    with telemetry.root("turn", conversation="c-1", agent="gateway"):
        sent = telemetry.headers()

    async def elsewhere(arrival: Notes) -> None:
        telemetry.join(sent, **arrival)
        with (
            telemetry.span("invoke_agent intent", conversation="c-1", turn="t-1", agent="intent"),
            telemetry.span("call shopify"),
        ):
            pass

    await asyncio.create_task(elsewhere({"delivery": 2, "queued_ms": 1.5}))
    call, agent = (next(s for s in recorded.spans if s.name.startswith(name)) for name in ("call", "invoke"))
    assert agent.trace == call.trace == sent["traceparent"].split("-")[1]
    assert agent.parent == sent["traceparent"].split("-")[2]
    assert agent.attributes["delivery"] == 2
    assert "delivery" not in call.attributes
    assert (call.conversation, call.turn, call.attributes["agent"]) == ("c-1", "t-1", "intent")


async def test_a_message_without_a_trace_does_not_land_in_that_of_the_one_before(recorded: Recorded) -> None:
    """One task answers all turns of a conversation; a letter that was put back may have none."""
    with telemetry.root("turn", conversation="c-1", agent="gateway"):
        sent = telemetry.headers()

    async def chain() -> None:
        for headers in (sent, {}, sent, None):
            telemetry.join(headers)
            with telemetry.span("invoke_agent conversation", agent="conversation"):
                pass

    await asyncio.create_task(chain())
    assert [span.name for span in recorded.spans] == ["turn", *2 * ["invoke_agent conversation"]]


@pytest.mark.parametrize(
    "hostile", ["", "00-xyz", "00-" + "0" * 31 + "-" + "1" * 16 + "-01", "\x00", "00--01"]
)
async def test_a_traceparent_that_is_none_is_ignored(recorded: Recorded, hostile: str) -> None:
    """Headers of strangers begin no trace."""

    async def elsewhere() -> None:
        telemetry.join({"traceparent": hostile})
        with telemetry.span("invoke_agent intent", agent="intent"):
            pass

    await asyncio.create_task(elsewhere())
    assert not recorded.spans


@pytest.mark.parametrize(
    ("noted", "delivery", "kept"), [(False, 1, False), (True, 1, True), (False, 2, True)]
)
async def test_a_listener_is_recorded_when_it_did_something_or_heard_it_again(
    recorded: Recorded, noted: bool, delivery: int, kept: bool
) -> None:
    """Three listeners hear each turn; most have nothing to say about it."""
    with telemetry.root("turn", agent="gateway"):
        sent = telemetry.headers()

    async def elsewhere() -> None:
        telemetry.join(sent, delivery=delivery)
        with telemetry.span("handle turn.finished.v1", slight=True, agent="analytics"):
            if noted:
                telemetry.note(promises=1)

    await asyncio.create_task(elsewhere())
    assert [span.name for span in recorded.spans if span.name != "turn"] == ["handle turn.finished.v1"] * kept
