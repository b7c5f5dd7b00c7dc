"""A desk on a real nats-server that does everything which is counted, twice, scraped after each time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
from prometheus_client import CollectorRegistry, ProcessCollector
from pydantic import SecretStr

from gateway.context import Desk
from gateway.staff.roles import Member
from launch.http import bind, run_gateway
from launch.measuring import looks, measure
from launch.roles import Running, run_all
from mock_apis.faults import set_fault
from mock_apis.shopify import open_shop
from shared import contracts as c
from shared import metrics
from shared.adapters.answer_cache import CachedWriter
from shared.adapters.breaker import Breaker
from shared.adapters.fallback import Link, WriterChain
from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.nats.bus import NatsBus
from shared.adapters.nats.wire import ask_subject
from shared.adapters.scripted import ScriptedModel
from shared.adapters.sqlite.answers import AnswerRows
from shared.errors import ModelDown
from shared.settings import Settings
from shared.telemetry.taking import Losses
from shared.wiring import Services, open_services
from shared.wiring.tracing import Tracing
from tests.metrics.certificate import write_certificate
from tests.passages import passage

WITHIN_S = 20.0
_PAID = c.Usage(engine="openai", model="gpt-4.1-mini", input_tokens=900, output_tokens=80, cost_usd=0.0005)
_PASSAGE = passage("returns#window", "You can return unused items within 30 days.", title="Returns")
_ASK = c.WriteReply(
    conversation_id="c-1",
    turn_id="t-1",
    step_id="t-1.write",
    text="How long can I return something?",
    language="en",
    topics=(c.Topic(goal="policy.answer", intent=c.Intent.RETURN_REQUEST, sources=(_PASSAGE.id,)),),
    passages=(_PASSAGE,),
)


@dataclass
class Scraped:
    """What `/metrics` said when it had started, and after each of two rounds of the same."""

    texts: list[str] = field(default_factory=list)


async def scraped(folder: Path) -> Scraped:
    """Two rounds at a desk in this folder."""
    found = Scraped()
    async with _desk(folder) as (desk, services, http):
        for number in (1, 2):
            await _round(number, folder, desk, services, http)
            await measure(looks(services, "all", Tracing(holding=cast("Any", _Lossy(number)))))
            found.texts.append((await http.get("/metrics")).text)
    return found


@asynccontextmanager
async def _desk(folder: Path) -> AsyncIterator[tuple[Desk, Services, httpx.AsyncClient]]:
    settings = Settings(
        port=0, data_dir=folder, model_url="scripted://", embedder_url="hashing://",
        knowledge_dir=folder / "documents", shopify_webhook_secret=SecretStr("s" * 40),
        shopify_shop_domain="a.example", model_budget_usd_day=1.0, model_budget_usd_month=10.0,
    )  # type: ignore[call-arg]  # fmt: skip
    (folder / "documents").mkdir()
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    async with AsyncExitStack() as stack:
        stack.enter_context(metrics.counting(metrics.Meters(registry)))
        services = await stack.enter_async_context(open_services(settings))
        running = Running(services=services, registry=registry)
        await stack.enter_async_context(run_all(running))
        sock = bind(settings)
        desk = await stack.enter_async_context(run_gateway(running, sock))
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=WITHIN_S))
        yield desk, services, http


async def _round(number: int, folder: Path, desk: Desk, services: Services, http: httpx.AsyncClient) -> None:
    answer = await _say(http, "lovely shop")
    rating = {"turn_id": answer["turn_id"], "rating": "up" if number == 1 else "down"}
    told = await http.post(
        f"/v1/conversations/{answer['conversation_id']}/feedback",
        json=rating,
        headers={"X-Conversation-Token": answer["conversation_token"]},
    )
    assert told.status_code == 204
    with closing(open_shop(folder / "mock" / "shopify.db", datetime.now(UTC).date())) as shop:
        set_fault(shop, status=500, times=1)
    await _say(http, f"ORDER_STATUS #{1000 + number}, my e-mail is emma.johnson@example.com")
    await _say(http, "SHIPPING_ESTIMATE: do you ship to the moon?")
    waiting = await _say(http, "ESCALATION_REQUEST")
    await _say(http, "ESCALATION_REQUEST")  # nobody takes this one
    await _taken_care_of(desk, waiting["conversation_id"])
    refused = await http.post("/v1/webhooks/shopify", json={})
    assert refused.status_code == 401, refused.text
    await _dead_letter(desk, number)
    await _with_models(folder / f"answers-{number}.db")
    await desk.bus.publish(c.TURN_FINISHED, _paid_turn(number), key=f"paid-{number}")
    await _counted(http, f'desk_cost_usd_total{{model="gpt-4.1-mini"}} {number * _PAID.cost_usd}')
    await _counted(http, f'desk_feedback_total{{rating="down"}} {number - 1}.0')
    certificate = write_certificate(folder / "client.pem", days=40)
    tls = SimpleNamespace(settings=Settings(bus_tls_cert=str(certificate)), pings={})
    await measure(looks(cast("Services", tls), "intent"))


async def _say(http: httpx.AsyncClient, message: str) -> dict[str, Any]:
    answer = await http.post("/v1/chat", json={"message": message})
    assert answer.status_code == 200, answer.text
    return cast("dict[str, Any]", answer.json())


async def _taken_care_of(desk: Desk, conversation_id: str) -> None:
    """A person claims the case and answers it."""
    case = await desk.store.case_of(conversation_id)
    assert case is not None
    who = Member(id="m-robin", name="robin", role="agent")
    await desk.casework.claim(case.id, who)
    await desk.casework.say(case.id, who, "I am here.", turn_id=f"s-{case.id}")


async def _dead_letter(desk: Desk, number: int) -> None:
    """An ask that cannot be read is given up."""
    assert isinstance(desk.bus, NatsBus)
    await desk.bus._link.store(
        ask_subject(c.CLASSIFY.subject), f"no ask of ours, {number}".encode(), seconds=WITHIN_S
    )
    async with asyncio.timeout(WITHIN_S):
        while len(await desk.bus.dead_letters()) < number:  # noqa: ASYNC110  nothing else tells
            await asyncio.sleep(0.02)


async def _with_models(file: Path) -> None:
    """A reply by the engine behind one that is down; the same question again costs nothing."""
    links = [
        Link("model", cast("Any", _Down()), Breaker(failures=100, rest_s=1.0)),
        Link("the local engine", ScriptedModel()),
    ]
    with closing(AnswerRows(file, most=3, seconds=100, now=time.time)) as rows:
        chain = WriterChain(links, deadline_s=WITHIN_S)
        writer = CachedWriter(chain, rows, HashingEmbedder(), written_as="v1", engine="scripted", least=0.8)
        for _ in range(2):
            await writer.write(_ASK)


class _Lossy:
    """A recorder that has lost so many spans."""

    def __init__(self, lost: int) -> None:
        self.losses = Losses(failed=10 * lost, overflowed=lost)


class _Down:
    async def write(self, _: c.WriteReply) -> c.ReplyWritten:
        raise ModelDown("nobody is there")


def _paid_turn(number: int) -> c.TurnFinished:
    now = time.time()
    return c.TurnFinished(
        conversation_id=f"c-paid-{number}", turn_id=f"t-{number}", accepted_at=now - 0.4, finished_at=now,
        status="answered", sentences=(), intent=c.Intent.RETURN_REQUEST, language="en", engine="openai",
        usages=(_PAID,),
    )  # fmt: skip


async def _counted(http: httpx.AsyncClient, line: str) -> None:
    """Events are counted a moment after they are told."""
    async with asyncio.timeout(WITHIN_S):
        while line not in (await http.get("/metrics")).text:  # noqa: ASYNC110  nothing else tells
            await asyncio.sleep(0.02)
