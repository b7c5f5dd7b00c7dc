"""Queries hold back no other work of the process: neither at first, nor when nobody waits for them."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.insights import querying
from shared.adapters.insights.opening import Later
from shared.adapters.insights.querying import InsightsTraces
from shared.ports.traces import TracesDown

BACK = timedelta(hours=1)


class Hanging:
    """The vendor's client over a service that takes queries and does not answer."""

    def __init__(self) -> None:
        self.answer = threading.Event()
        self.asked: list[float] = []

    def query_workspace(self, workspace: str, kusto: str, **options: Any) -> Any:
        """As `LogsQueryClient` is asked."""
        self.asked.append(options["read_timeout"])
        self.answer.wait(60)
        return type("Found", (), {"tables": []})


async def test_they_take_a_few_threads_of_their_own_and_end_in_time() -> None:
    """Operators who reload a page that hangs must not use up the threads by which customers are answered."""
    client = Hanging()
    traces = InsightsTraces(client, "workspace")  # type: ignore[arg-type]
    for _ in range(40):
        asking = asyncio.create_task(traces.query("AppRequests", back=BACK, seconds=7))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    try:
        assert await asyncio.wait_for(asyncio.to_thread(lambda: 1), 20) == 1
        assert 1 <= len(client.asked) <= 4
        assert all(7 < each <= 15 for each in client.asked), "azure-core's own patience is 300 s"
    finally:
        client.answer.set()
    assert (await traces.query("AppRequests", back=BACK)).rows == ()


@pytest.mark.parametrize("alive", [True, False])
async def test_who_asks_a_service_that_hangs_is_told_soon(
    *, alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page shows what it has without the traces; a service that is only busy is waited for."""
    monkeypatch.setattr(querying, "_SOON_S", 0.01)
    client = Hanging()

    async def asked_whether_it_is_there() -> bool:
        asyncio.get_running_loop().call_later(0.05, client.answer.set)
        return alive

    traces = InsightsTraces(client, "workspace", alive=asked_whether_it_is_there)  # type: ignore[arg-type]
    if alive:
        assert (await traces.query("AppRequests", back=BACK)).rows == ()
        return
    with pytest.raises(TracesDown, match="seems to hang"):
        await traces.query("AppRequests", back=BACK)


async def test_the_client_is_opened_off_the_loop() -> None:
    """Its modules take a while; whoever is answered meanwhile does not wait for them."""
    client, where = Hanging(), list[str]()
    client.answer.set()

    def made() -> InsightsTraces:
        where.append(threading.current_thread().name)
        return InsightsTraces(client, "workspace")  # type: ignore[arg-type]

    traces = Later(made)
    for _ in range(2):
        await traces.query("AppRequests", back=BACK)
    assert len(where) == 1
    assert where != [threading.main_thread().name]
