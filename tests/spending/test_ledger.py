"""The contract of the spend ledger, on memory, SQLite and a real mongod."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs

from agents.analytics import hear_turn
from shared.adapters.memory.spending import MemorySpending
from shared.adapters.sqlite.spending import open_spending
from shared.contracts import TurnFinished, Usage
from shared.errors import StoreDown
from shared.ports.spending import Spending
from tests.spending.conftest import usage

DAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
LOCAL = Usage(engine="embedded", model="templates", latency_ms=3.0)


async def keep(
    ledger: Spending, turn: str, *usages: Usage, conversation: str = "c-1", at: float = NOON
) -> bool:
    return await ledger.record(turn, conversation_id=conversation, at=at, usages=usages)


async def test_a_day_is_summed_by_agent_tier_and_model(ledger: Spending) -> None:
    """Tokens and money add up; local engines are free and are left out."""
    assert await keep(ledger, "t-1", usage(0.001), usage(0.002, agent="critic"), LOCAL)
    assert await keep(ledger, "t-2", usage(0.004), usage(0.5, tier="cheaper", model="gpt-5-mini"))
    day = await ledger.of_day(DAY)
    found = {(line.agent, line.tier, line.model): (line.calls, line.usd) for line in day.lines}
    assert found == {
        ("critic", "main", "gpt-5"): (1, Decimal("0.002")),
        ("response", "cheaper", "gpt-5-mini"): (1, Decimal("0.5")),
        ("response", "main", "gpt-5"): (2, Decimal("0.005")),
    }
    (two,) = [line for line in day.lines if line.calls == 2]
    assert (two.input_tokens, two.cached_tokens, two.output_tokens) == (2000, 800, 200)
    assert (day.calls, day.tokens, day.usd) == (4, 4400, Decimal("0.507"))


async def test_a_turn_is_counted_once(ledger: Spending) -> None:
    """However often it is delivered, and at the same time."""
    kept = await asyncio.gather(*(keep(ledger, "t-1", usage()) for _ in range(5)))
    assert sum(kept) == 1
    assert not await keep(ledger, "t-1", usage())
    assert (await ledger.of_day(DAY)).usd == Decimal("0.001")
    assert await ledger.recorded(["t-1", "t-2"]) == {"t-1"}


async def test_a_turn_without_a_model_leaves_nothing(ledger: Spending) -> None:
    """A shop without model services has an empty ledger."""
    assert not await keep(ledger, "t-1", LOCAL)
    assert await ledger.recorded(["t-1"]) == set()


async def test_days_and_months_are_those_of_utc(ledger: Spending) -> None:
    """A minute before midnight is the old month, midnight the new one."""
    midnight = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    await keep(ledger, "t-1", usage(1.0), at=midnight - 60)
    await keep(ledger, "t-2", usage(2.0), at=midnight)
    assert (await ledger.of_month(DAY)).usd == 1
    assert (await ledger.of_month(date(2026, 12, 31))).usd == 2
    assert [line.day for line in await ledger.days(DAY, date(2026, 12, 1))] == [
        date(2026, 11, 30),
        date(2026, 12, 1),
    ]
    assert (await ledger.of_day(date(2026, 11, 30))).lines[0].first_at == midnight - 60


async def test_many_small_prices_do_not_drift(ledger: Spending) -> None:
    """A thousand times a tenth of a micro-dollar is a tenth of a milli-dollar, to the nano."""
    many = [usage(0.0000001, agent="embedding") for _ in range(1000)]
    await keep(ledger, "t-1", *many)
    assert (await ledger.of_day(DAY)).usd == Decimal("0.0001")


async def test_tokens_without_a_price_are_told(ledger: Spending) -> None:
    """They cost 0, and the sum says how many there are."""
    await keep(ledger, "t-1", usage(0.0, model="new", unpriced_tokens=1100))
    day = await ledger.of_day(DAY)
    assert (day.nano_usd, day.unpriced_tokens, day.calls) == (0, 1100, 1)


async def test_estimates_are_told_and_replays_stand_apart(ledger: Spending) -> None:
    """How many tokens no service told; and what no customer asked for is in no sum of theirs."""
    await keep(ledger, "t-1", usage(0.001, estimated_tokens=1100), usage(0.002))
    await keep(ledger, "r-1", usage(0.5, tier="replay"), conversation="")
    month = await ledger.of_month(DAY)
    assert (month.tokens, month.estimated_tokens) == (3300, 1100)
    assert (month.of_customers.usd, month.of_replays.usd) == (Decimal("0.003"), Decimal("0.5"))
    assert month.of_customers.estimated_tokens == 1100


async def test_a_file_of_before_there_were_estimates(tmp_path: Path) -> None:
    """Its sums stay, and new ones are added to them."""
    path = tmp_path / "spending.db"
    async with open_spending(path) as ledger:
        await keep(ledger, "t-1", usage(0.001))
        ledger._db.execute("ALTER TABLE spent_days DROP COLUMN estimated_tokens")
        ledger._db.execute("DROP TABLE spent_alive")
    async with open_spending(path) as ledger:
        await keep(ledger, "t-2", usage(0.002, estimated_tokens=1100))
        day = await ledger.of_day(DAY)
        assert (day.usd, day.tokens, day.estimated_tokens) == (Decimal("0.003"), 2200, 1100)
        await ledger.ping()


async def test_an_erased_conversation_leaves_its_sums(ledger: Spending) -> None:
    """The sums of the day are nobody's; a turn that is delivered late is not his again, nor counted twice."""
    await keep(ledger, "t-1", usage(0.001))
    await keep(ledger, "t-2", usage(0.002), conversation="c-2")
    assert (await ledger.of_conversation("c-1")).usd == Decimal("0.001")
    assert await ledger.erase(["c-1"], at=NOON + 10) == 1
    assert await ledger.erase(["c-1"], at=NOON + 10) == 0
    assert not await keep(ledger, "t-1", usage(0.001))
    assert await keep(ledger, "t-3", usage(0.004), at=NOON + 5)
    assert (await ledger.of_conversation("c-1")).lines == []
    assert (await ledger.of_conversation("c-2")).usd == Decimal("0.002")
    assert (await ledger.of_day(DAY)).usd == Decimal("0.007")
    assert await keep(ledger, "t-4", usage(0.008), at=NOON + 20)
    assert (await ledger.of_conversation("c-1")).usd == Decimal("0.008")


async def test_what_no_conversation_took_is_nobodys(ledger: Spending) -> None:
    """An index that is made costs, and belongs to no conversation."""
    await keep(ledger, "embedding-1", usage(0.001, agent="embedding"), conversation="")
    assert (await ledger.of_conversation("")).lines in ([], ())
    assert await ledger.erase([""], at=NOON + 1) == 0
    assert (await ledger.of_day(DAY)).usd == Decimal("0.001")


async def test_old_turns_expire_and_their_days_stay(ledger: Spending) -> None:
    """The oldest first, a batch at a time."""
    for n in range(3):
        await keep(ledger, f"t-{n}", usage(0.001), at=NOON + n)
    assert await ledger.count(NOON + 2) == 2
    assert await ledger.expire(NOON + 2, limit=1) == 1
    assert await ledger.recorded(["t-0", "t-1", "t-2"]) == {"t-1", "t-2"}
    assert await ledger.expire(NOON + 2, limit=10) == 1
    assert (await ledger.of_day(DAY)).usd == Decimal("0.003")
    await ledger.ping()


async def test_a_restart_keeps_the_count(tmp_path: Path) -> None:
    """And two processes write to one file."""
    path = tmp_path / "spending.db"
    async with open_spending(path) as one, open_spending(path) as other:
        await keep(one, "t-1", usage(0.001))
        await keep(other, "t-2", usage(0.002))
        assert not await keep(other, "t-1", usage(0.001))
    async with open_spending(path) as again:
        assert (await again.of_month(DAY)).usd == Decimal("0.003")


async def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "spending.db"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreDown, match=r"spending\.db.*spend ledger"):
        async with open_spending(path):
            pass


async def test_a_full_disk_is_named_and_what_is_there_can_be_read(tmp_path: Path) -> None:
    """Nothing of the turn is counted, so that it counts whole when it comes again."""
    async with open_spending(tmp_path / "spending.db") as ledger:
        await keep(ledger, "t-1", usage(0.001))
        ledger._db.execute("PRAGMA max_page_count = 1")  # as many as there are
        many = [usage(0.001, model=f"model-{n}") for n in range(200)]
        with pytest.raises(StoreDown, match=r"spending\.db: database or disk is full; free disk space"):
            await keep(ledger, "t-2", *many)
        assert (await ledger.of_day(DAY)).calls == 1
        ledger._db.execute("PRAGMA max_page_count = 100000")
        assert await keep(ledger, "t-2", *many)
        assert (await ledger.of_day(DAY)).calls == 201


async def test_the_analytics_agent_counts_a_burst_once() -> None:
    """The turns that were answered with another name its result, and nothing that was paid."""
    ledger = MemorySpending()
    turn = TurnFinished(
        conversation_id="c-1", turn_id="t-2", accepted_at=NOON, finished_at=NOON, status="answered",
        sentences=(), intent=None, language="en", usages=(usage(0.001),),
    )  # fmt: skip
    earlier = structs.replace(turn, turn_id="t-1", answered_with="t-2")
    for each in (earlier, turn, turn):
        await hear_turn(each, ledger=ledger)
    assert (await ledger.of_conversation("c-1")).calls == 1
    assert await ledger.recorded(["t-1", "t-2"]) == {"t-2"}
