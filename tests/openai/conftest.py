"""The mock model on a real port, with the product's adapters over the real SDK."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import uvicorn
from openai import AsyncOpenAI

from mock_apis.openai import KEY, create_app
from shared.adapters.openai.access import ModelAccess, open_client
from shared.adapters.openai.budget import Budget
from shared.adapters.openai.client import ChatModel, ModelUse
from shared.adapters.openai.prices import load_prices
from shared.adapters.openai.recall import Recall
from shared.adapters.openai.retrying import Patience
from shared.adapters.openai.understanding import OpenAIUnderstanding
from shared.adapters.openai.writer import OpenAIWriter
from shared.contracts import Finding, JudgeReply, MessageScreened, ReplyJudged, ScreenMessage, Usage

PROMPTS = Path(__file__).parents[2] / "agents" / "prompts"
IDS: dict[str, Any] = {"conversation_id": "c-1", "turn_id": "t-1", "step_id": "t-1.step"}
FREE = Budget()
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def no_real_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but this machine is called; a test that would pay for a model fails before it connects."""
    original = httpx2.AsyncHTTPTransport.handle_async_request

    async def guarded(self: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
        assert request.url.host in LOOPBACK, f"a test called {request.url.host}"
        return await original(self, request)

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", guarded)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Mock:
    """The running mock, its script and what it saw."""

    address: str
    http: httpx.Client
    waits: list[float] = field(default_factory=list)

    def script(self, *steps: dict[str, Any]) -> None:
        self.http.post("/__mock__/script", json=list(steps)).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/__mock__/calls").json()["calls"]
        return found

    async def sleep(self, seconds: float) -> None:
        """Notes the wait in place of waiting."""
        self.waits.append(seconds)


@contextmanager
def running_mock() -> Iterator[httpx.Client]:
    """A mock of its own on a free port, for as long as the context is open."""
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(create_app(), log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", trust_env=False) as client:
        yield client
    running.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture(scope="session")
def server() -> Iterator[httpx.Client]:
    with running_mock() as client:
        yield client


@pytest.fixture
def mock(server: httpx.Client) -> Mock:
    return fresh(server)


def fresh(server: httpx.Client) -> Mock:
    """The mock of this server, with nothing scripted and nothing seen."""
    for path in ("script", "calls"):
        server.delete(f"/__mock__/{path}").raise_for_status()
    return Mock(str(server.base_url).rstrip("/"), server)


ACCESS = {
    "openai": ModelAccess(url="{address}/v1", key=KEY),
    "azure-v1": ModelAccess(url="{address}/openai/v1", key=KEY),
    "azure-deployment": ModelAccess(url="{address}", key=KEY, api_version="2024-10-21"),
}


def access_to(mock: Mock, way: str = "openai") -> ModelAccess:
    found = ACCESS[way]
    url = found.url.format(address=mock.address)
    return ModelAccess(url=url, key=found.key, api_version=found.api_version)


def use(**changes: Any) -> ModelUse:
    patience = Patience(deadline_s=changes.pop("deadline_s", 10), tries=changes.pop("tries", 3))
    settings: dict[str, Any] = {"model": "gpt-4.1-mini", "max_tokens": 800, "silence_s": 5.0}
    return ModelUse(patience=patience, **(settings | changes))


class Models:
    """Opens models over the mock and closes them after the test."""

    def __init__(self, mock: Mock, stack: AsyncExitStack) -> None:
        self._mock = mock
        self._stack = stack

    async def client(self, way: str = "openai") -> AsyncOpenAI:
        return await self._stack.enter_async_context(open_client(access_to(self._mock, way)))

    async def open(self, way: str = "openai", **changes: Any) -> ChatModel:
        client = await self.client(way)
        changes.setdefault("cache_key", way != "azure-deployment")
        return ChatModel(client, use(**changes), load_prices(), sleep=self._mock.sleep)

    async def understanding(
        self, way: str = "openai", *, budget: Budget = FREE, **changes: Any
    ) -> OpenAIUnderstanding:
        model, recall = await self._with_recall(way, budget, changes)
        return OpenAIUnderstanding(model, prompts=PROMPTS, recall=recall, budget=budget)

    async def writer(self, way: str = "openai", *, budget: Budget = FREE, **changes: Any) -> OpenAIWriter:
        model, recall = await self._with_recall(way, budget, changes)
        return OpenAIWriter(model, prompts=PROMPTS, recall=recall, budget=budget)

    async def _with_recall(
        self, way: str, budget: Budget, changes: dict[str, Any]
    ) -> tuple[ChatModel, Recall]:
        model = await self.open(way, **changes)
        brief = await self.open(way, **(changes | {"tries": 1}))
        return model, Recall(brief, prompts=PROMPTS, budget=budget)


@pytest.fixture
async def models(mock: Mock) -> AsyncIterator[Models]:
    async with AsyncExitStack() as stack:
        yield Models(mock, stack)


class WordRules:
    """A local judge that refuses one word, so that tests see which of the two judges spoke."""

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        found = _found("input.local", ask.text)
        return MessageScreened(**IDS, allowed=not found, findings=found)

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        found = _found("output.local", " ".join(s.text for s in ask.sentences))
        return ReplyJudged(**IDS, usage=Usage(engine="embedded", model="rules"), findings=found)


def _found(rule: str, text: str) -> tuple[Finding, ...]:
    return (Finding(rule=rule, span="FORBIDDEN", remedy="leave it out"),) if "FORBIDDEN" in text else ()
