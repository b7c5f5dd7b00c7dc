"""A ledger that cannot be opened stops no process, and counts again when it is back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from agents.analytics import hear_turn
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.spending import open_spending
from shared.adapters.steady_ledger import SteadyLedger, open_steady
from shared.contracts import TURN_FINISHED, TurnFinished, Usage
from shared.errors import SettingsError, StoreDown
from shared.ports.spending import Spending
from shared.settings import read_settings
from shared.wiring import open_services
from tests.spending.test_ledger import DAY, NOON, keep, usage

GARBAGE = b"no database" * 1000


def steady(path: Path) -> SteadyLedger:
    """The ledger at this path, which is tried again at once."""
    return SteadyLedger(lambda: open_spending(path), pause=0.0)


def turn(*usages: Usage) -> TurnFinished:
    return TurnFinished(
        conversation_id="c-1", turn_id="t-1", accepted_at=NOON, finished_at=NOON, status="answered",
        sentences=(), intent=None, language="en", usages=usages,
    )  # fmt: skip


@pytest.mark.parametrize("broken", ["garbage", "folder"])
async def test_a_file_that_cannot_be_opened_is_opened_when_it_can(tmp_path: Path, broken: str) -> None:
    """Damaged, or something else altogether; the remedy is named, and the same calls work after it."""
    path = tmp_path / "spending.db"
    path.write_bytes(GARBAGE) if broken == "garbage" else path.mkdir()
    ledger = steady(path)
    await ledger.begin()
    remedy = (
        "restore a copy, or move it away" if broken == "garbage" else "check the file, its disk and DATA_DIR"
    )
    with pytest.raises(StoreDown, match=remedy):
        await ledger.of_day(DAY)
    with pytest.raises(StoreDown):
        await hear_turn(turn(usage(0.5)), ledger=ledger)
    await hear_turn(turn(Usage(engine="embedded", model="templates")), ledger=ledger)
    path.rename(tmp_path / "aside")
    await hear_turn(turn(usage(0.5)), ledger=ledger)
    assert (await ledger.of_day(DAY)).usd == 0.5
    await ledger.close()


async def test_a_file_that_is_damaged_later_is_opened_anew(tmp_path: Path) -> None:
    """What was restored in its place is read, and not what the old connection still has."""
    path, copy = tmp_path / "spending.db", tmp_path / "copy.db"
    async with open_spending(copy) as other:
        await keep(other, "t-0", usage(0.25))
    ledger = steady(path)
    await keep(ledger, "t-1", usage(0.5))
    await ledger.close()
    path.write_bytes(path.read_bytes()[:1024] + GARBAGE)
    with pytest.raises(StoreDown, match="it is damaged"):
        await ledger.of_month(DAY)
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"spending.db{end}").unlink(missing_ok=True)
    copy.rename(path)
    assert (await ledger.of_month(DAY)).usd == 0.25
    assert await keep(ledger, "t-2", usage(0.5))
    await ledger.close()


async def test_a_turn_of_meanwhile_is_counted_once_when_it_is_put_back(tmp_path: Path) -> None:
    """It is given up after all tries, and lies there; nothing of it is counted before."""
    path, bus = tmp_path / "spending.db", MemoryBus(backoff=(0.0, 0.0))
    path.write_bytes(GARBAGE)
    ledger = steady(path)
    async with bus.listen(TURN_FINISHED, partial(hear_turn, ledger=ledger), name="analytics"):
        await bus.publish(TURN_FINISHED, turn(usage(0.5)), key="t-1")
        await eventually(bus.dead_letters)
        path.rename(tmp_path / "aside")
        [letter] = await bus.dead_letters()
        assert await bus.resend(letter.id)
        await eventually(lambda: ledger.recorded(["t-1"]))
    assert (await ledger.of_day(DAY)).usd == 0.5
    await ledger.close()


async def eventually(look: Callable[[], Awaitable[Collection[object]]]) -> None:
    """Something is there."""
    async with asyncio.timeout(20):
        while not await look():  # noqa: ASYNC110  a store has no event for it
            await asyncio.sleep(0.005)


async def test_one_that_is_away_is_not_tried_at_every_call() -> None:
    """A server that does not answer costs each try its patience."""
    tries = 0

    @asynccontextmanager
    async def away() -> AsyncIterator[Spending]:
        nonlocal tries
        tries += 1
        raise StoreDown("no server")
        yield

    async with open_steady(away) as ledger:
        for _ in range(5):
            with pytest.raises(StoreDown, match="no server"):
                await ledger.ping()
    assert tries == 1


async def test_a_process_starts_without_it_and_a_wrong_setting_stops_it(tmp_path: Path) -> None:
    """What is set wrongly would never come back."""
    (tmp_path / "spending.db").write_bytes(GARBAGE)
    settings = read_settings(data_dir=tmp_path, model_budget_usd_month=10)
    async with open_services(settings) as services:
        found = (await services.budget()).status()
        assert (found.stage, found.tier) == ("unknown", "embedded")
        assert "spending.db: cannot open the spend ledger" in found.trouble
        assert "spending" not in services.pings
    wrong = settings.model_copy(update={"spending_url": "redis://somewhere"})
    async with open_services(wrong) as services:
        with pytest.raises(SettingsError, match="SPENDING_URL"):
            await services.spending()
