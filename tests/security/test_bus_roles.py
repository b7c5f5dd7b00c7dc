"""The table of the bus's users is what the roles really do."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from launch.roles import AGENTS, Running
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.nats.access import SERVICES, Service
from shared.settings import Settings
from shared.wiring import Services, open_services


class Watched(MemoryBus):
    """Writes down what a role does with its bus."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: set[str] = set()
        self.hears: set[str] = set()
        self.works = False

    def serve(self, agent: Any) -> Any:
        self.answers |= {call.subject for call in agent.handlers}
        return super().serve(agent)

    def listen(self, event: Any, handler: Any, *, name: str) -> Any:
        self.hears.add(f"{name} {event.subject}")
        return super().listen(event, handler, name=name)

    def work(self, worker: Any, *, finished: Any) -> Any:
        self.works = True
        return super().work(worker, finished=finished)


@pytest.mark.parametrize("role", AGENTS)
async def test_a_service_may_do_what_its_role_does(
    role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call it answers and event it hears stands in the table, and nothing else does."""
    (tmp_path / "docs").mkdir()
    settings = Settings(
        data_dir=tmp_path,
        bus_url="memory://",
        model_url="scripted://",
        embedder_url="hashing://",
        knowledge_source=str(tmp_path / "docs"),  # type: ignore[arg-type]
    )
    bus = Watched()

    async def watched(self: Services, name: str = "desk", *, join: bool = False) -> MemoryBus:
        return bus

    monkeypatch.setattr(Services, "bus", watched)
    async with open_services(settings) as services, AGENTS[role](Running(services, CollectorRegistry())):
        pass
    mine = SERVICES[role]
    assert bus.answers == {call.subject for call in mine.answers}
    assert bus.hears == {f"{role} {event.subject}" for event in mine.hears}
    assert bus.works == mine.works


def test_every_role_has_a_user() -> None:
    """A new role without one could not sign in."""
    assert set(SERVICES) == {*AGENTS, "gateway", "ops"}
    assert not [name for name, mine in SERVICES.items() if mine == Service()]
