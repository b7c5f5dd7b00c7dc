"""What only the bus on NATS must withstand: strange bytes, a full disk, lost streams, long conversations."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from prometheus_client import CollectorRegistry

from shared.adapters.nats import serving
from shared.adapters.nats.bus import NatsBus, open_bus
from shared.adapters.nats.letters import bury
from shared.adapters.nats.results import Results
from shared.adapters.nats.server import embedded_server
from shared.adapters.nats.wire import Wire, step_of
from shared.agent import Agent
from shared.contracts import SCREEN, MessageScreened, ScreenMessage, TurnAccepted, TurnFinished
from shared.errors import AskFailed, BadMessage, BusDown, NotNow, SettingsError, StoreDown
from shared.metrics import Meters, counting
from shared.ports import Bus
from tests.bus.conftest import FAST
from tests.bus.sample import (
    FEEDBACK,
    Screener,
    Told,
    accepted,
    answer_all,
    answered,
    buried,
    feedback,
    nothing,
    screen,
    screened,
    until,
)


@pytest.fixture
async def nats_bus(url: str) -> AsyncIterator[Bus]:
    async with open_bus(url, name="test", backoff=FAST, ack_seconds=0.3) as bus:
        yield bus


@pytest.fixture
async def raw(url: str) -> AsyncIterator[Client]:
    client = await nats.connect(url)
    yield client
    await client.close()


@pytest.mark.parametrize(
    "garbage", [b"", b"{", b"\xff\xfe", b'{"conversation_id":"c1","unknown":1}', b"[" * 9999]
)
async def test_unreadable_bytes_become_dead_letters_at_once(
    nats_bus: Bus, raw: Client, garbage: bytes
) -> None:
    """Garbage on an ask, a turn or an event is dead-lettered, and what follows is handled."""
    told = Told()
    heard: list[object] = []

    async def listener(body: object) -> None:
        heard.append(body)

    for subject in ("ask.critic.screen.v1", "turn.in.7", "event.feedback.given.v1.x"):
        await raw.request(subject, garbage, timeout=20)
    async with (
        nats_bus.serve(Agent("critic").answers(SCREEN, Screener())),
        nats_bus.work(answer_all, finished=told),
        nats_bus.listen(FEEDBACK, listener, name="a"),
    ):
        assert (await nats_bus.ask(SCREEN, screen(), timeout=20)).allowed
        await nats_bus.submit(accepted())
        await nats_bus.publish(FEEDBACK, feedback(1), key="1")
        await until(lambda: len(heard) == 1 and told.turns == ["t1"])
        await buried(nats_bus, 3)
    dead = await nats_bus.dead_letters()
    assert {each.data for each in dead} == {garbage}
    assert {each.subject.split(".")[0] for each in dead} == {"ask", "turn", "event"}
    assert all("BadMessage" in each.reason for each in dead)


async def test_a_hostile_id_in_a_stored_ask_reaches_no_subject(nats_bus: Bus, raw: Client) -> None:
    """An ask whose ids would address somebody else's answers is a dead letter."""
    hostile = screen(conversation="c1.c2.>")
    await raw.request("ask.critic.screen.v1", Wire().encode(hostile), timeout=20)

    async def handler(ask: ScreenMessage) -> MessageScreened:
        raise AssertionError("it must not be handled")

    async with nats_bus.serve(Agent("critic").answers(SCREEN, handler)):
        await buried(nats_bus, 1)


async def test_an_ask_nobody_waits_for_any_more_is_not_paid(nats_bus: Bus, raw: Client) -> None:
    """Long after its deadline an ask is answered with a problem instead of being worked on."""
    handler = Screener()
    headers = {"Desk-Deadline": str(time.time() - 60), "Nats-Msg-Id": step_of(SCREEN.subject, screen())}
    await raw.request("ask.critic.screen.v1", Wire().encode(screen()), timeout=20, headers=headers)
    registry = CollectorRegistry()
    with counting(Meters(registry)):
        async with nats_bus.serve(Agent("critic").answers(SCREEN, handler)):
            with pytest.raises(AskFailed) as failed:
                await nats_bus.ask(SCREEN, screen(), timeout=20)
    assert (failed.value.kind, handler.asked) == ("timeout", [])
    # Who asked has counted it, at the deadline.
    assert registry.get_sample_value("desk_asks_failed_total", {"reason": "timeout"}) == 0
    assert await nats_bus.dead_letters() == ()


async def test_a_long_answer_is_not_given_to_another(nats_bus: Bus, url: str) -> None:
    """A handler that runs for several acknowledgement times runs once: its heartbeats tell it lives."""
    ran: list[str] = []

    async def handler(ask: ScreenMessage) -> MessageScreened:
        ran.append(ask.step_id)
        # Three times the acknowledgement time: the time itself is what is tested.
        await asyncio.sleep(0.9)
        return screened(ask)

    async with open_bus(url, name="second", ack_seconds=0.3) as second:
        agent = Agent("critic").answers(SCREEN, handler)
        async with nats_bus.serve(agent), second.serve(agent):
            assert (await nats_bus.ask(SCREEN, screen(), timeout=20)).allowed
    assert ran == ["t1.screen"]


async def test_a_replayed_turn_finds_its_steps_when_the_asks_are_forgotten(
    nats_bus: Bus, raw: Client
) -> None:
    """The asks' stream may be lost with its memory of ids: an answered step is still not paid twice."""
    handler, told = Screener(), Told()
    failed = False

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        nonlocal failed
        await nats_bus.ask(SCREEN, screen(step="a"), timeout=20)
        if not failed:
            failed = True
            await raw.jsm().delete_stream("ASKS")
            raise StoreDown("the worker trips after its first step")
        await nats_bus.ask(SCREEN, screen(step="b"), timeout=10)
        return await answer_all(turns)

    agent = Agent("critic").answers(SCREEN, handler)
    async with nats_bus.serve(agent), nats_bus.work(worker, finished=told):
        await nats_bus.submit(accepted())
        await until(lambda: bool(told.results), 15)
    assert handler.asked == ["t1.a", "t1.b"]


async def test_a_long_conversation_is_read_whole(nats_bus: Bus) -> None:
    """Fifty results of one conversation, more than one names: all are found, from any position."""
    assert isinstance(nats_bus, NatsBus)
    told = Told()
    async with nats_bus.work(answer_all, finished=told):
        for n in range(50):
            await nats_bus.submit(accepted(turn=f"t{n}"))
            await nats_bus.submit(accepted(turn=f"x{n}", conversation="other"))
        await until(lambda: len(set(told.turns)) == 100)
    found = await nats_bus.results("c1")
    assert [each.turn.turn_id for each in found] == [f"t{n}" for n in range(50)]
    assert list(await nats_bus.results("c1", after=found[30].seq)) == list(found[31:])
    assert await nats_bus.result("c1", "t3") == found[3]
    assert await nats_bus.result("c1", "x3") is None


async def test_two_owners_at_once_store_one_result(nats_bus: Bus) -> None:
    """A worker that does not know yet that it lost its partition gets the stored result, not a second one."""
    assert isinstance(nats_bus, NatsBus)
    one, two = (Results(nats_bus._link, Wire()) for _ in range(2))
    await one.store(answered(accepted(turn="t0")))
    await two.stored(accepted(turn="t0"))
    first = await one.store(answered(accepted(), reply="first"))
    second = await two.store(answered(accepted(), reply="second"))
    assert second == first
    assert len(await nats_bus.results("c1")) == 2


async def test_a_full_disk_is_told_with_its_remedy(tmp_path: Path, nats_server: str) -> None:
    """When streams may not grow, submitting, asking and the ping say so at once and what helps."""

    async def fill(bus: Bus) -> None:
        for n in range(100):
            await bus.submit(accepted(turn=f"t{n}", text="x" * 4000))

    async with (
        embedded_server(tmp_path / "nats", nats_server, max_file_bytes=200_000) as url,
        open_bus(url, name="test") as bus,
    ):
        await bus.ping()
        with pytest.raises(BusDown, match="free disk space"):
            await fill(bus)
        with pytest.raises(BusDown, match="free disk space"):
            await bus.ask(SCREEN, screen(text="x" * 4000), timeout=20)
        with pytest.raises(BusDown, match="free disk space"):
            await bus.ping()


async def test_what_cannot_be_buried_comes_again(nats_bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dead letters were full: a message that is neither handled nor kept is not settled."""
    full = [BusDown("no room"), BusDown("no room")]

    async def filling(*given: Any, **named: Any) -> None:
        if full:
            raise full.pop()
        await bury(*given, **named)

    async def listener(_: object) -> None:
        raise BadMessage("a bug")

    monkeypatch.setattr(serving, "bury", filling)
    async with nats_bus.listen(FEEDBACK, listener, name="a"):
        await nats_bus.publish(FEEDBACK, feedback(1), key="1")
        await buried(nats_bus, 1)
    assert full == []


async def test_an_event_of_a_listener_that_is_no_more_stays(nats_bus: Bus, raw: Client) -> None:
    """Put back for one who is not there it would be taken by nobody; the letter is still there."""

    async def listener(_: object) -> None:
        raise BadMessage("a bug")

    async with nats_bus.listen(FEEDBACK, listener, name="a"):
        await nats_bus.publish(FEEDBACK, feedback(1), key="1")
        await buried(nats_bus, 1)
    await raw.jsm().delete_consumer("EVENTS", "a-feedback-given-v1")
    [letter] = await nats_bus.dead_letters()
    with pytest.raises(NotNow, match="not there any more"):
        await nats_bus.resend(letter.id)
    assert list(await nats_bus.dead_letters()) == [letter]


async def test_the_load_of_a_server_that_is_gone(tmp_path: Path, nats_server: str) -> None:
    """Who watches is told in time, and can close its connection."""
    async with AsyncExitStack() as stack:
        async with embedded_server(tmp_path / "nats", nats_server) as url:
            bus = await stack.enter_async_context(open_bus(url, name="test"))
            assert len((await bus.load()).streams) == 9
        with pytest.raises(BusDown):
            await bus.load()


async def test_a_message_too_big_is_refused(nats_bus: Bus) -> None:
    """More than the server takes is an error of the message, not of the bus."""
    with pytest.raises(BadMessage, match="over the server's"):
        await nats_bus.submit(accepted(text="x" * 5_000_000))


async def test_no_server_is_an_error_in_time() -> None:
    """A wrong address ends in an error that says what to do."""
    with pytest.raises(BusDown, match="BUS_URL"):
        async with open_bus("nats://127.0.0.1:9", name="test", connect_seconds=0.5):
            pass


async def test_a_folder_has_one_server(tmp_path: Path, nats_server: str) -> None:
    """A second instance on the same folder is refused with the remedy; another folder runs beside it."""
    async with embedded_server(tmp_path / "a", nats_server) as first:
        with pytest.raises(SettingsError, match="DATA_DIR"):
            async with embedded_server(tmp_path / "a", nats_server):
                pass
        async with embedded_server(tmp_path / "b", nats_server) as second:
            assert first != second


async def test_a_missing_or_failing_server_program_is_told(tmp_path: Path, nats_server: str) -> None:
    """No such program, and a port that is taken, are errors with what to do."""
    with pytest.raises(SettingsError, match="install it"):
        async with embedded_server(tmp_path / "a", "no-such-nats-server"):
            pass
    async with embedded_server(tmp_path / "a", nats_server) as url:
        with pytest.raises(BusDown, match="port"):
            async with embedded_server(tmp_path / "b", nats_server, port=int(url.rsplit(":", 1)[1])):
                pass


async def test_everything_is_there_after_a_clean_restart(tmp_path: Path, nats_server: str) -> None:
    """Results, waiting turns and answered steps outlive the server and every client."""
    async with embedded_server(tmp_path / "nats", nats_server) as url, open_bus(url, name="test") as bus:
        async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
            await bus.ask(SCREEN, screen(), timeout=20)
        await bus.submit(accepted())
    async with embedded_server(tmp_path / "nats", nats_server) as url, open_bus(url, name="test") as bus:
        assert (await bus.ask(SCREEN, screen(), timeout=20)).allowed

        async def answered_now() -> bool:
            return await bus.result("c1", "t1") is not None

        async with bus.work(answer_all, finished=nothing):
            await until(answered_now)
