"""The whole product in one process over the mock vendors, with switches that put parts of it out of work."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from msgspec import structs
from prometheus_client import CollectorRegistry

from evals.suite.scenario import Part
from evals.suite.shop import TrueShop
from gateway.auth import Identity
from gateway.delivery import Delivery
from gateway.intake import Intake
from launch.roles import Running, run_all
from mock_apis.faults import clear_fault, set_fault
from mock_apis.store import Store
from mock_apis.zendesk import open_desk as open_zendesk
from shared import ports
from shared.adapters.clock import SystemClock
from shared.adapters.memory.bus import MemoryBus
from shared.contracts import TurnAccepted, TurnFinished
from shared.errors import ModelRefused
from shared.ports import Delivered
from shared.settings import read_settings
from shared.wiring import Services

MODEL_URLS = {"embedded": "embedded://", "openai-mock": "mock://openai"}


@dataclass
class MovedClock:
    """The system's time, moved on as a scenario lets time pass."""

    moved: float = 0.0

    def now(self) -> float:
        """Unix seconds."""
        return SystemClock().now() + self.moved


class _Breakable:
    """Stands before a skill, which refuses every ask while its part is down."""

    def __init__(self, skill: object, part: Part, down: set[Part]) -> None:
        self._skill, self._part, self._down = skill, part, down

    def __getattr__(self, name: str) -> Any:
        async def ask(asked: Any) -> Any:
            if self._part in self._down:
                raise ModelRefused(f"{self._part} is down, as the scenario says")
            return await getattr(self._skill, name)(asked)

        return ask


class _Switched(Services):
    """The services of these settings behind switches, on a bus that tries once."""

    down: set[Part]

    async def bus(self, name: str = "desk", *, join: bool = False) -> ports.Bus:  # noqa: ARG002  one for all
        return await self._once("bus", _memory_bus)

    async def understanding(self) -> ports.Understanding:
        skill = _Breakable(await super().understanding(), "understanding", self.down)
        return cast("ports.Understanding", skill)

    async def writer(self) -> ports.Writer:
        return cast("ports.Writer", _Breakable(await super().writer(), "writer", self.down))

    async def judge(self) -> ports.Judge:
        return cast("ports.Judge", _Breakable(await super().judge(), "critic", self.down))


@asynccontextmanager
async def _memory_bus() -> AsyncIterator[ports.Bus]:
    yield MemoryBus(backoff=())  # the adapters are patient themselves; a scenario need not wait for more


@dataclass(frozen=True)
class _Dated:
    """The bus as the door in sees it: what is submitted is dated by the scenario's clock."""

    bus: ports.Bus
    clock: ports.Clock

    async def submit(self, turn: TurnAccepted) -> None:
        await self.bus.submit(structs.replace(turn, accepted_at=self.clock.now()))


@dataclass(frozen=True)
class Answer:
    """One finished turn, and its reply as the customer reads it."""

    turn: TurnFinished
    sentences: tuple[str, ...]
    at: float

    @property
    def reply(self) -> str:
        """The whole reply."""
        return " ".join(self.sentences)


@dataclass
class EvalDesk:
    """What a scenario talks to."""

    engine: str
    bus: ports.Bus
    intake: Intake
    delivery: Delivery
    shop: TrueShop
    helpdesk: Store
    clock: MovedClock
    down: set[Part]
    _used: Counter[str] = field(default_factory=Counter)

    def conversation(self, name: str) -> str:
        """The id of a new conversation; the same in each run, for the wording of replies goes by ids."""
        return self._next(f"c-{self.engine}-{name}")

    def _next(self, stem: str) -> str:
        self._used[stem] += 1
        return f"{stem}-{self._used[stem]}"

    def break_down(self, parts: tuple[Part, ...]) -> None:
        """From now on these are down, everything else works."""
        self.down.clear()
        self.down.update(parts)
        for part, store in (("shop", self.shop.store), ("helpdesk", self.helpdesk)):
            if part in parts:
                set_fault(store)
            else:
                clear_fault(store)

    def ticket(self, number: str) -> dict[str, Any] | None:
        """The ticket as the helpdesk holds it."""
        return self.helpdesk.get("ticket", number)

    async def say(self, text: str, *, conversation: str, customer: str) -> Answer:
        """Send a message through the door in, and take the result at the door out."""
        turn_id = self._next(f"t-{conversation}")
        async with self.bus.watch() as arriving:
            await self.intake.submit(
                text,
                conversation_id=conversation,
                turn_id=turn_id,
                identity=Identity(customer_id=customer),
                locale=None,
            )
            async for item in arriving:
                if isinstance(item, Delivered) and item.turn.turn_id == turn_id:
                    sentences = await self.delivery.sentences(item.turn)
                    return Answer(item.turn, tuple(sentences), self.clock.now())
        raise RuntimeError(f"the bus closed before turn {turn_id} had a result")


def _share(cache: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    (folder / "cache").symlink_to(cache.resolve())


@asynccontextmanager
async def open_desk(folder: Path, engine: str, *, cache: Path) -> AsyncIterator[EvalDesk]:
    """Every agent and the conversation over fresh vendors in `folder`; learned models come from `cache`."""
    await asyncio.to_thread(_share, cache, folder)
    settings = read_settings(
        data_dir=folder, bus_url="memory://", model_url=MODEL_URLS[engine], embedder_url="embedded://",
        commerce_url="mock://shopify", helpdesk_url="mock://zendesk", traces_url="off",
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        services = _Switched(settings, stack)
        services.down = down = set[Part]()
        services.clock = clock = MovedClock()
        bus, vault, shop = await services.bus(), await services.vault(), await services.shop()
        true_shop = TrueShop(folder / "mock" / "shopify.db")
        stack.callback(true_shop.close)
        await services.helpdesk()
        helpdesk = open_zendesk(folder / "mock" / "zendesk.db")
        stack.callback(helpdesk.close)
        await stack.enter_async_context(run_all(Running(services=services, registry=CollectorRegistry())))
        dated = cast("ports.Bus", _Dated(bus, clock))
        intake = Intake(bus=dated, vault=vault, shop=shop, store=await services.store())
        yield EvalDesk(engine, bus, intake, Delivery(vault=vault), true_shop, helpdesk, clock, down)
