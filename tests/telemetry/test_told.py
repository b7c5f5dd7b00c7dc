"""What the operators' page knows of the traces of all processes."""

import logging
from pathlib import Path

import pytest
from msgspec import structs

from shared.adapters.insights.embedded import EmbeddedInsights
from shared.adapters.memory.bus import MemoryBus
from shared.contracts import TracesSent
from shared.errors import BusDown
from shared.telemetry.holding import Holding
from shared.telemetry.sending import Sending
from shared.telemetry.taking import Sent
from shared.wiring import told as told_room
from shared.wiring.told import Told, health_of, sending_told
from shared.wiring.tracing import Tracing
from tests.bus.sample import until
from tests.telemetry.test_holding import Taken


def tracing(service: str, sent: Sent) -> Tracing:
    """A process that has sent one batch, and lost three spans before."""
    holding = Holding(ratio=1.0)
    sending = Sending(holding, Taken)
    assert sending.stop(20)
    holding.losses.refused(2, "402")
    holding.losses.too_many(1)
    sending.taking.came_of(sent)
    return Tracing(service=service, kind="embedded", holding=holding, sending=sending)


async def test_each_process_tells_how_its_own_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page has its own as it is now, the others as they told; and how the service of ours stands."""
    bus, told = MemoryBus(), Told()
    here, there = tracing("answerdesk-gateway", Sent(5)), tracing("answerdesk-intent", Sent(0, "402"))
    here.embedded = EmbeddedInsights(tmp_path / "insights", days=3)
    here.embedded._file.write_bytes(b"x" * 300)
    here.embedded._file.with_name("telemetry.duckdb.wal").write_bytes(b"x" * 20)
    async with bus.told_sent(told.hear), sending_told(bus, there, every=0.001):
        await until(lambda: len(told.all()) == 1)
    found = health_of(here, told)
    monkeypatch.setattr(Path, "exists", lambda _: True)
    here.embedded._file.with_name("telemetry.duckdb.wal").unlink()
    assert here.embedded.held() == 300, "it may go while it is looked at"
    assert [(each.service, each.up, each.why, each.sent) for each in found.processes] == [
        ("answerdesk-gateway", True, "", 5),
        ("answerdesk-intent", False, "402", 0),
    ]
    assert found.lost == {"402": 4, "full": 2}
    assert (found.kind, found.standing, found.held, found.days) == (
        "embedded",
        here.embedded.standing,
        320,
        3,
    )
    assert health_of(Tracing(), Told()).processes == []


def test_a_process_that_is_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour; until then the page can say that it is silent. Clocks of others count for nothing."""
    told, now = Told(), [1000.0]
    monkeypatch.setattr(told_room.time, "time", lambda: now[0])
    old = TracesSent(service="answerdesk-critic", run="1", at=9e9, kind="otlp")
    told.hear(old)
    told.hear(structs.replace(old, run="2"))
    assert [(each.run, each.at) for each in told.all()] == [("1", 1000.0), ("2", 1000.0)]
    now[0] += 3601
    told.hear(structs.replace(old, run="2"))
    assert [each.run for each in told.all()] == ["2"]


async def test_a_bus_that_is_away_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """And nothing ends for it."""

    class Away(MemoryBus):
        tries = 0

        async def tell_sent(self, sent: TracesSent) -> None:
            self.tries += 1
            raise BusDown("no server")

    bus = Away()
    with caplog.at_level(logging.WARNING, logger="answerdesk.telemetry"):
        async with sending_told(bus, Tracing(), every=0.001):
            await until(lambda: bus.tries > 3)
    assert caplog.text.count("do not hear of this process's traces: no server") == 1
