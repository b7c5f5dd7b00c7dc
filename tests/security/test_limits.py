"""Limits hold over all processes: what is allowed in sum never passes the setting."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.limits import DAY, MINUTE, Limits, Rule
from gateway.problems import Problem
from shared.adapters.memory.quotas import MemoryQuotas
from shared.adapters.nats.bus import NatsBus, open_bus
from shared.adapters.nats.server import embedded_server
from shared.errors import BusDown
from shared.ports import Lease, Quotas
from tests.processes import nats_binary
from tests.shop import ROOT

TAKER = """
import asyncio, sys
from gateway.limits import Limits, Rule
from gateway.problems import Problem
from shared.adapters.nats.bus import open_bus

async def main():
    allowed = 0
    async with open_bus(sys.argv[1], name="taker") as bus:
        limits = Limits(bus.quotas, secret="s")
        async def one():
            nonlocal allowed
            try:
                await limits.take(Rule("customer", "1001", int(sys.argv[2])))
            except Problem:
                return
            allowed += 1
            print(allowed, flush=True)
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(20):
            await asyncio.gather(*(one() for _ in range(10)))
            await asyncio.sleep(0.001)
        print("done", flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with embedded_server(tmp_path / "nats", nats_binary()) as url:
        yield url


@pytest.fixture(params=["memory", "nats"])
async def shared_by(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[[], Any]]:
    """Gives one more taker of the same quotas each time."""
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            memory = MemoryQuotas()

            async def again() -> Quotas:
                return memory
        else:
            url = await stack.enter_async_context(embedded_server(tmp_path / "nats", nats_binary()))

            async def again() -> Quotas:
                bus = await stack.enter_async_context(open_bus(url, name="test"))
                assert isinstance(bus, NatsBus)
                return bus.quotas

        yield again


async def spent(limits: Limits, rule: Rule, times: int) -> int:
    """How many of these were let through."""

    async def one() -> bool:
        try:
            await limits.take(rule)
        except Problem:
            return False
        return True

    return sum(await asyncio.gather(*(one() for _ in range(times))))


@pytest.mark.parametrize("seconds", [MINUTE, DAY])
async def test_leases_together_give_the_limit_and_no_more(shared_by: Callable[[], Any], seconds: int) -> None:
    """Four takers at once share all of it; other keys have their own."""
    takers = [await shared_by() for _ in range(4)]

    async def all_of(taker: Quotas) -> int:
        found = 0
        while (lease := await taker.lease("k1", limit=100, seconds=seconds)).granted:
            found += lease.granted
        return found

    assert sum(await asyncio.gather(*(all_of(taker) for taker in takers))) == 100
    assert (await takers[0].lease("k2", limit=100, seconds=seconds)).granted > 0


async def test_a_lease_is_a_part_so_that_most_requests_ask_nobody(shared_by: Callable[[], Any]) -> None:
    """The first lease of 600 serves 75 requests."""
    lease = await (await shared_by()).lease("k", limit=600, seconds=MINUTE)
    assert lease.granted == 75


async def test_limits_of_several_gateways_never_pass_in_sum(shared_by: Callable[[], Any]) -> None:
    """Concurrent requests at four gateways: exactly the limit passes."""
    gateways = [Limits(await shared_by(), secret="s") for _ in range(4)]
    rule = Rule("customer", "1001", 60)
    passed = await asyncio.gather(*(spent(each, rule, 60) for each in gateways))
    assert sum(passed) <= 60
    assert sum(passed) + sum([await spent(each, rule, 60) for each in gateways]) == 60, (
        "what is leased and not spent is spent by who leased it"
    )


async def test_four_processes_and_a_kill_never_pass_the_limit(url: str) -> None:
    """Real processes, one of them killed while it spends; its leases are lost, never given out twice."""
    limit = 400
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", TAKER, url, str(limit),
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(4)
    ]  # fmt: skip
    try:
        for process in running:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
        victim = running[0]
        assert victim.stdout is not None
        seen = [await victim.stdout.readline() for _ in range(5)]
        victim.kill()
        counts = [len(seen) + (await victim.stdout.read()).count(b"\n")]
        for process in running[1:]:
            assert process.stdout is not None
            lines = [line async for line in _until_done(process.stdout)]
            counts.append(len(lines))
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
            await process.wait()
    assert all(counts), counts
    assert limit * 0.6 < sum(counts) <= limit, counts


async def test_the_store_holds_hashes_and_no_names(url: str) -> None:
    """Neither the customer nor the address stands in a subject or a value."""
    async with open_bus(url, name="test") as bus:
        assert isinstance(bus, NatsBus)
        limits = Limits(bus.quotas, secret="s")
        await limits.take(Rule("customer", "zachariah", 60), Rule("address-day", "203.0.113.9", 60, DAY))
        manager = bus._link.manager
        for stream in ("KV_RATES", "KV_QUOTAS"):
            info = await manager.stream_info(stream, subjects_filter=">")
            assert info.config.max_age, "it cleans itself"
            [subject] = info.state.subjects or {}
            message = await manager.get_last_msg(stream, subject)
            stored = f"{subject} {message.data!r}"
            assert "zachariah" not in stored
            assert "203.0.113" not in stored
        other = Limits(bus.quotas, secret="another")
        assert other._key(Rule("customer", "zachariah", 60)) not in stored


class Away:
    """A bus that is not there."""

    asked = 0

    async def lease(self, key: str, *, limit: int, seconds: int) -> Lease:
        self.asked += 1
        raise BusDown("away")


async def test_without_the_bus_a_process_alone_is_stricter() -> None:
    """A quarter of the limit, told to come back soon, and the bus is not asked each time."""
    away = Away()
    limits = Limits(away, secret="s")
    assert await spent(limits, Rule("address", "a", 40), 40) == 10
    assert away.asked == 1
    with pytest.raises(Problem) as refused:
        await limits.take(Rule("address", "a", 40))
    assert int(refused.value.headers["Retry-After"]) <= 5


async def test_a_window_ends_and_the_next_begins() -> None:
    """The clock moves on by a minute; the refusal said so, with the fields of the draft."""
    now = 1_000_000.0
    limits = Limits(MemoryQuotas(clock=lambda: now), secret="s", clock=lambda: now)
    rule = Rule("customer", "1", 3)
    assert await spent(limits, rule, 5) == 3
    now += 40
    with pytest.raises(Problem) as refused:
        await limits.take(rule)
    assert refused.value.status == 429
    assert refused.value.headers == {
        "Retry-After": "20",
        "RateLimit-Policy": '"customer";q=3;w=60',
        "RateLimit": '"customer";r=0;t=20',
    }
    assert json.loads(bytes(refused.value.response().body))["violated-policies"] == ["customer"]
    now += 21
    assert await spent(limits, rule, 5) == 3


async def test_keys_are_forgotten_and_zero_is_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many addresses cannot fill the memory."""
    monkeypatch.setattr("gateway.limits._MOST", 10)
    limits = Limits(MemoryQuotas(), secret="s")
    for number in range(50):
        await limits.take(Rule("address", str(number), 5))
    assert len(limits._purses) <= 10
    assert await spent(limits, Rule("address-day", "x", 0, DAY), 100) == 100


async def _until_done(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while (line := await stream.readline()) != b"done\n":
        assert line, "the process ended"
        yield line
