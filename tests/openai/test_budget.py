"""Money runs short: the cheaper model answers, then none; customers notice no more than that."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from agents.analytics import hear_turn
from gateway.app import build_app
from gateway.ops.health import health_router
from mock_apis.openai import KEY
from shared import contracts as c
from shared.adapters.embedded.judge import open_judge
from shared.adapters.embedded.writer import open_writer
from shared.adapters.memory.spending import MemorySpending
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.openai.client import ChatModel
from shared.adapters.openai.deployments import cheaper_deployment
from shared.adapters.openai.prices import PriceTable
from shared.adapters.openai.prompts import load_prompt
from shared.adapters.openai.recall import SUMMARY
from shared.adapters.openai.wiring import open_embedder, open_models
from shared.budget import Allowance, BudgetWatch
from shared.errors import ModelFailed, SettingsError
from shared.ports import Writer
from shared.ports.spending import NANO
from shared.settings import Settings, read_settings
from shared.spending import day_of
from tests.bus.sample import until
from tests.clock import Clock
from tests.conversation.desk import running, understood
from tests.gateway_desk import gateway_desk
from tests.openai.conftest import IDS, PROMPTS, Mock, Models, access_to, use
from tests.openai.test_conversations import POLICY, QUESTION, retrieve
from tests.spending.conftest import usage

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
CHEAP = {"model_cheaper_response": "gpt-4o-mini", "model_cheaper_critic": "gpt-4o-mini"}


class Words:
    """A local engine that always understands the same."""

    classify = staticmethod(understood("RETURN_REQUEST"))


class Shop:
    """The gateway over a conversation whose models are the mock's, and the ledger they are counted in."""

    def __init__(
        self, http: httpx.AsyncClient, ledger: MemorySpending, watch: BudgetWatch, clock: Clock
    ) -> None:
        self.http, self.ledger, self.watch, self.clock = http, ledger, watch, clock
        self.turns: list[c.TurnFinished] = []

    async def took(self, usd: float) -> None:
        """Others have spent this much."""
        at = self.clock.now()
        await self.ledger.record(f"other-{at}-{usd}", conversation_id="c-0", at=at, usages=[usage(usd)])
        await self.watch.read()

    async def engine(self) -> tuple[str, set[str]]:
        """Who answers a question of a new customer by the API, and which models were paid."""
        before = len(self.turns)
        response = await self.http.post("/v1/chat", json={"message": QUESTION})
        assert response.status_code == 200, response.text
        assert "30 days" in response.json()["reply"]
        await until(lambda: len(self.turns) > before)
        return response.json()["engine"], {u.model for u in self.turns[-1].usages if u.tokens}


@asynccontextmanager
async def open_shop(folder: Path, **budget: Any) -> AsyncIterator[Shop]:
    clock, ledger = Clock(NOW), MemorySpending()
    usual = {f"model_{agent}": "gpt-4.1-mini" for agent in ("intent", "response", "critic")}
    settings = read_settings(model_url="mock://openai", model_budget_usd_month=100, **usual, **budget)
    watch = BudgetWatch(ledger, Allowance.of(settings), now=clock.now)
    vault = MemoryVault()
    async with AsyncExitStack() as stack:
        models = await stack.enter_async_context(open_models(settings, prompts=PROMPTS, watch=watch))
        judge = models.judge(open_judge())
        answers: dict[Any, Any] = {
            c.SCREEN: judge.screen,
            c.CLASSIFY: models.understanding(Words()).classify,
            c.RETRIEVE: retrieve,
            c.WRITE: models.writer(open_writer()).write,
            c.JUDGE: judge.judge,
        }
        talk = await stack.enter_async_context(running(folder, answers, Clock(time.time())))
        desk = gateway_desk(
            Settings(), bus=talk.bus, vault=vault, audit=vault.audit, store=talk.service.steps.store
        )
        health = health_router({}, CollectorRegistry(), watch.status)
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(build_app(desk, routers=[health])), base_url="http://desk.test"
        )
        shop = Shop(await stack.enter_async_context(http), ledger, watch, clock)

        async def hear(turn: c.TurnFinished) -> None:
            await hear_turn(turn, ledger=ledger)
            shop.turns.append(turn)

        await stack.enter_async_context(talk.bus.listen(c.TURN_FINISHED, hear, name="analytics"))
        watching = asyncio.create_task(desk.hub.run())
        yield shop
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def test_the_cheaper_model_answers_then_none_then_the_new_month(tmp_path: Path) -> None:
    """A customer of the API sees who answered; what is checked when nobody pays is checked by rules."""
    async with open_shop(tmp_path, **CHEAP) as shop:
        await shop.took(82.9)
        assert await shop.engine() == ("openai", {"gpt-4.1-mini-2025-04-14"})
        await shop.took(1.0)
        cheap = await shop.engine()
        assert cheap == ("openai-cheaper", {"gpt-4o-mini-2024-07-18", "gpt-4.1-mini-2025-04-14"})
        assert {u.model for u in shop.turns[-1].usages if u.agent == "intent"} == {"gpt-4.1-mini-2025-04-14"}
        await shop.took(10.1)
        assert await shop.engine() == ("embedded", set())
        ready = (await shop.http.get("/health/ready")).json()
        assert (ready["status"], ready["budget"]) == (
            "ok", {"stage": "limit", "answers": "embedded", "stale": False}
        )  # fmt: skip
        shop.clock.at = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
        assert (await shop.engine())[0] == "openai"
    paid = [usage for turn in shop.turns for usage in turn.usages if usage.tier]
    counted = [line for line in shop.ledger._days if line.model.startswith("gpt-4")]
    assert sum(line.calls for line in counted) == len(paid) == 12
    assert sum(line.nano_usd for line in counted) == sum(round(u.cost_usd * NANO) for u in paid) > 0


async def test_without_a_cheaper_model_the_main_one_goes_on_to_the_limit(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.took(84)
        assert (await shop.engine())[0] == "openai"
        await shop.took(10)
        assert (await shop.engine())[0] == "embedded"


def drafted(by: str) -> c.JudgeReply:
    """A draft that rests on its passage."""
    return c.JudgeReply(
        **IDS,
        text=QUESTION,
        language="en",
        sentences=(
            c.Sentence(text="You can return unused items within 30 days of delivery.", sources=(POLICY.id,)),
        ),
        passages=(POLICY,),
        written_by=by,
    )


async def test_what_a_model_wrote_is_judged_by_one_whatever_is_left() -> None:
    """The budget decides who writes."""
    settings = read_settings(model_url="mock://openai", model_budget_usd_month=1, **CHEAP)
    ledger, clock = MemorySpending(), Clock(NOW)
    await ledger.record("t-0", conversation_id="c-0", at=NOW, usages=[usage(1.0)])
    watch = BudgetWatch(ledger, Allowance.of(settings), now=clock.now)
    await watch.read()
    async with open_models(settings, prompts=PROMPTS, watch=watch) as models:
        judge = models.judge(open_judge())
        by_model = await judge.judge(drafted("openai"))
        by_rules = await judge.judge(drafted("embedded"))
    assert (by_model.usage.model, by_model.usage.tier) == ("gpt-4o-mini-2024-07-18", "cheaper")
    assert by_rules.usage.engine == "embedded"


async def test_what_no_turn_tells_is_counted(mock: Mock) -> None:
    """A judge that gives no verdict was paid all the same, and so were vectors."""
    settings = read_settings(
        model_url=f"{mock.address}/v1", model_api_key=KEY,
        **{f"model_{agent}": "gpt-4.1-mini" for agent in ("intent", "response", "critic")},
    )  # fmt: skip
    ledger = MemorySpending()
    watch = BudgetWatch(ledger, Allowance(), now=lambda: NOW)
    mock.script({"kind": "content_filter", "where": "output", "schema": "draft_verdict"})
    async with open_models(settings, prompts=PROMPTS, watch=watch) as models:
        with pytest.raises(ModelFailed):
            await models.judge(open_judge()).judge(drafted("openai"))
    async with open_embedder(
        access_to(mock), model="text-embedding-3-small", dimensions=16, paid=watch.lost
    ) as embedder:
        await embedder.embed(["a waterproof tent"])
    await watch.read()
    lines = {line.agent: line for line in (await ledger.of_day(day_of(NOW))).lines}
    assert lines.keys() == {"critic", "embedding"}
    assert lines["critic"].nano_usd > 0
    embedding = lines["embedding"]
    assert (embedding.model, embedding.calls) == ("text-embedding-3-small", 1)
    assert embedding.nano_usd == embedding.input_tokens * 20 > 0  # 0.02 USD for a million
    assert (await ledger.of_conversation("c-1")).calls == 1


async def test_a_model_without_a_price_is_counted_as_unpriced(mock: Mock, models: Models) -> None:
    """Its tokens are not taken for free."""
    model = ChatModel(await models.client(), use(agent="response"), PriceTable({}))
    prompt = load_prompt(PROMPTS, "history", slots=frozenset({"utterances"}))
    _, paid = await model.answer(prompt.render({"utterances": ()}), SUMMARY, lambda read: read.summary)
    assert paid.unpriced_tokens == paid.tokens > 0
    assert (paid.cost_usd, paid.agent, paid.tier) == (0.0, "response", "main")


async def test_kept_replies_are_told_apart_by_who_wrote_them() -> None:
    """What the cheaper model wrote is not given out as the main one's; without a model none is looked for."""
    names: list[str] = []

    def cached(writer: Writer, written_as: str) -> Writer:
        names.append(written_as)
        return writer

    settings = read_settings(model_url="mock://openai", **CHEAP)
    async with open_models(settings, prompts=PROMPTS) as models:
        models.writer(open_writer(), cached=cached)
    assert len(set(names)) == 2
    assert ["gpt-4o-mini" in name for name in names] == [True, False]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"budget_at_warning": "cheaper"}, "BUDGET_AT_WARNING=cheaper but no cheaper model is named"),
        ({"budget_at_limit": "cheaper"}, "BUDGET_AT_LIMIT=cheaper but no cheaper model is named"),
        ({"model_cheaper_url": "http://other.test/v1"}, "no model there is named"),
        (
            {"model_cheaper_url": "http://other.test/v1", "model_cheaper_response": "small"},
            "MODEL_CHEAPER_INTENT, MODEL_CHEAPER_CRITIC empty",
        ),
    ],
)
def test_a_cheaper_model_that_is_half_set_stops_the_start(given: dict[str, str], error: str) -> None:
    with pytest.raises(SettingsError, match=error):
        cheaper_deployment(read_settings(model_url="mock://openai", **given))


def test_a_cheaper_model_of_one_agent_leaves_the_others_theirs() -> None:
    """At the same address, with the same key."""
    settings = read_settings(
        model_url="http://models.test/v1", model_api_key="k", model_intent="a", model_response="b",
        model_critic="c", model_cheaper_response="d",
    )  # fmt: skip
    found = cheaper_deployment(settings)
    assert found is not None
    assert (found.intent, found.response, found.critic, found.tier) == ("a", "d", "c", "cheaper")
    assert (found.access.url, found.access.key) == ("http://models.test/v1", "k")
    assert cheaper_deployment(read_settings(model_url="http://models.test/v1")) is None
