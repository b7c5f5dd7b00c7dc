"""The spend page: exact from the ledger, foretold and compared by estimate; as page, JSON and CSV."""

import csv
import io
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.ops.chart import bars
from gateway.ops.money import csv_file, elsewhere, usd
from shared.adapters.memory.spending import MemorySpending
from shared.budget import BudgetStatus
from shared.errors import StoreDown
from shared.ports.spending import SpendLine
from shared.settings import Settings
from shared.wiring.openers import open_prices
from tests.console.desk import PAGE, SETTINGS, ConsoleDesk, open_desk
from tests.ops.conftest import Shared
from tests.spending.conftest import usage

NOW = time.time()
TODAY = datetime.fromtimestamp(NOW, UTC).date()


@pytest.fixture
async def spent(tmp_path: Path, shared: Shared) -> AsyncIterator[ConsoleDesk]:
    """A budget of $10, and a ledger of five days: a dollar each by two agents, more today."""
    settings = SETTINGS.model_copy(update={"model_budget_usd_month": 10.0, "model_url": "https://x.test"})
    async with open_desk(tmp_path, settings) as made:
        ledger = MemorySpending()
        for back in range(5):
            at = NOW - back * 86_400
            usages = [usage(0.75), usage(0.25, agent="critic", model="gpt-5-mini")]
            await ledger.record(f"t-{back}", conversation_id="c-1", at=at, usages=usages)
        await ledger.record("t-more", conversation_id="c-2", at=NOW, usages=[usage(0.004)])
        status = BudgetStatus(
            stage="within", tier="main", month_usd=1.0, month_share=0.1, day_usd=1.0, day_share=None,
            unpriced_tokens=0, read_at=NOW, stale=False,
        )  # fmt: skip
        room = replace(made.desk.ops, spending=ledger, prices=open_prices(), budget=lambda: status)  # type: ignore[type-var]
        object.__setattr__(made.desk, "ops", room)
        yield shared(made)


async def test_what_an_operator_sees(spent: ConsoleDesk) -> None:
    """Today, month, by model and agent; what is estimated says so; other models beside what it cost."""
    page = (await spent.http("operator").get("/ops/spend", headers=PAGE)).text
    assert "<dt>Today so far</dt><dd>$1.00</dd>" in page
    assert page.count("exact") >= 5
    assert page.count("estimated") >= 2
    assert '<tr><th scope="row">gpt-5</th><td class="number">$3.75</td>' in page
    assert '<tr><th scope="row">critic</th><td class="number">$1.25</td>' in page
    assert '<th scope="row">gpt-6-astra</th>' in page
    assert '<th scope="row">text-embedding-3-small</th>' not in page
    assert "the main model" in page
    assert page.count("<rect") == 30
    assert f"{TODAY}: $1.00" in page
    assert page.count("<rect") != page.count('height="0.0"')
    body = (await spent.http("operator").get("/ops/spend?window=7d")).json()
    assert [each["usd"] for each in body["days"]] == ["0", "0", *["1"] * 4, "1.004"]
    assert [each["share"] for each in body["forecast"]["reached"]] == [0.83, 0.93]
    assert body["other_models"]["usd"]["gpt-5"] != "0"


async def test_what_is_estimated_and_what_is_no_customers(spent: ConsoleDesk) -> None:
    """Tokens that no service told are shown as such; replays stand apart, and are in no other figure."""
    assert spent.desk.ops is not None
    ledger = spent.desk.ops.spending
    assert ledger is not None
    guessed = [usage(0.5, estimated_tokens=1100), usage(7.5, agent="critic", tier="replay", model="gpt-9")]
    await ledger.record("t-new", conversation_id="c-3", at=NOW, usages=guessed)
    http = spent.http("operator")
    page = (await http.get("/ops/spend", headers=PAGE)).text
    assert "<dt>Today so far</dt><dd>$1.50</dd>" in page
    assert "1,100 of 4,400 tokens and their price estimated, the rest exact" in page
    assert "1,100 tokens of this month were told by no service" in page
    assert "<dt>Replays this month</dt><dd>$7.50</dd>" in page
    assert "gpt-9" not in page
    body = (await http.get("/ops/spend?window=7d")).json()
    assert (body["estimated_tokens"], body["replays_month_usd"]) == (1100, "7.5")
    assert body["days"][-1]["estimated_tokens"] == 1100
    rows = list(
        csv.DictReader(io.StringIO((await http.get(f"/ops/spend.csv?since={TODAY}&until={TODAY}")).text))
    )
    assert {row["tier"] for row in rows} == {"main", "replay"}
    assert sum(int(row["estimated_tokens"]) for row in rows) == 1100


async def test_another_day_is_compared(spent: ConsoleDesk) -> None:
    """Chosen by its link; a day without calls has nothing to compare."""
    http = spent.http("operator")
    before = (await http.get(f"/ops/spend?day={TODAY - timedelta(days=1)}", headers=PAGE)).text
    assert f"{TODAY - timedelta(days=1)} cost $1.00 (exact)" in before
    nothing = (await http.get("/ops/spend?day=2020-02-29", headers=PAGE)).text
    assert "Nothing to compare" in nothing
    wrong = await http.get("/ops/spend?day=2020-02-30", headers=PAGE)
    assert wrong.status_code == 422


async def test_a_file_for_spreadsheets(spent: ConsoleDesk) -> None:
    """Every line with all that is known, exact; too many days are refused with what may be asked."""
    http = spent.http("operator")
    answer = await http.get(f"/ops/spend.csv?since={TODAY - timedelta(days=1)}&until={TODAY}")
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="spend-{TODAY - timedelta(days=1)}-{TODAY}.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert sum(Decimal(row["usd"]) for row in rows) == Decimal("2.004")
    assert {row["agent"] for row in rows} == {"response", "critic"}
    assert sum(int(row["input_tokens"]) for row in rows) == 5000
    for dates in ("since=2020-01-01&until=2026-01-01", "since=2026-01-02&until=2026-01-01"):
        refused = await http.get(f"/ops/spend.csv?{dates}")
        assert refused.status_code == 422
        assert "ask for fewer" in refused.json()["detail"]


async def test_a_ledger_that_is_down_is_told_on_the_page(
    spent: ConsoleDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The budget is still shown, as it was known last."""
    assert spent.desk.ops is not None

    async def down(*_: object) -> None:
        raise StoreDown("spending.db: the disk is gone; mount it again")

    monkeypatch.setattr(spent.desk.ops.spending, "days", down)
    answer = await spent.http("operator").get("/ops/spend", headers=PAGE)
    assert answer.status_code == 200
    assert "mount it again" in answer.text
    assert "the main model" in answer.text
    assert "Today so far" not in answer.text


async def test_a_shop_without_models(ops: ConsoleDesk) -> None:
    """Nothing was taken: said, with why."""
    page = (await ops.http("operator").get("/ops/spend", headers=PAGE)).text
    assert "No model service was asked" in page
    assert "embedded engines, which cost nothing" in page
    assert Settings().model_url.startswith("embedded")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0", "$0.00"), ("0.00001", "under $0.0001"), ("0.0042", "$0.0042"), ("1204.5", "$1,204.50")],
)
def test_money_is_readable(amount: str, shown: str) -> None:
    """What is not nothing never looks like nothing."""
    assert usd(Decimal(amount)) == shown


def test_no_cell_becomes_a_formula() -> None:
    """A model's name is what a vendor says it is."""
    line = SpendLine(day=TODAY, agent="=1+1", tier="main", engine="e", model='@x,"y', first_at=0.0)
    [row] = list(csv.reader(io.StringIO(csv_file([line]).decode())))[1:]
    assert (row[1], row[4]) == ("'=1+1", "'@x,\"y")


def test_the_same_tokens_elsewhere() -> None:
    """Cheapest first; without a price today there is no ratio."""
    line = SpendLine(
        day=TODAY, agent="response", tier="main", engine="openai", model="new", first_at=0.0, calls=1,
        input_tokens=1_000_000, output_tokens=0,
    )  # fmt: skip
    found = {each.model: each for each in elsewhere([line], open_prices())}
    assert found["gpt-5"].usd == Decimal("1.25")
    assert found["gpt-5"].times is None
    assert [each.usd for each in found.values()] == sorted(each.usd for each in found.values())


@pytest.mark.parametrize(
    ("values", "top"),
    [([0.0], 0.0), ([0.003, 0.005], 0.006), ([7.0], 8.0), ([8.5], 10.0), ([1234.0, 0.0], 2000.0)],
)
def test_bars_are_as_tall_as_they_count(values: list[float], top: float) -> None:
    """On a scale that is easy to read; nothing is drawn outside."""
    chart = bars([(str(n), value, "") for n, value in enumerate(values)])
    assert [line.value for line in chart.lines][-1:] == ([top] if top else [])
    tall = 180.0
    assert [bar.height for bar in chart.bars] == [round(tall * v / top, 2) if top else 0.0 for v in values]
    assert all(bar.x >= 0 and bar.x + bar.width <= chart.width for bar in chart.bars)
    assert chart.bars[-1].name
