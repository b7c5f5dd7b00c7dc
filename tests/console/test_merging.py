"""Two open cases of one customer become one; never those of two."""

from pathlib import Path

import pytest

from shared import contracts as c
from shared.adapters.memory.audit import MemoryAudit
from tests.console.desk import ConsoleDesk, open_desk

ANA, BO = c.ConversationState(customer_mark="customer:aa"), c.ConversationState(customer_mark="customer:bb")
PROVED = c.ConversationState(proved_orders=("1001",))


async def two(console: ConsoleDesk, one: c.ConversationState, other: c.ConversationState) -> None:
    for name, state in (("1", one), ("2", other)):
        await console.said(
            "hello 1001", "Hi.", conversation=f"c-{name}", turn=f"t-{name}", state=state,
            customer_mark=state.customer_mark,
        )  # fmt: skip
        await console.waits(f"h-{name}", f"c-{name}", summary=f"summary {name}")


@pytest.mark.parametrize(("one", "other"), [(ANA, ANA), (PROVED, PROVED)])
async def test_one_goes_on_in_the_other(
    tmp_path: Path, one: c.ConversationState, other: c.ConversationState
) -> None:
    """The page offers it; after it each page leads to the other, with what was kept of it."""
    async with open_desk(tmp_path) as console:
        await two(console, one, other)
        await console.act("note", "h-2", text="The carrier lost it.")
        page = await console.page("h-1")
        assert 'name="other" value="h-2"' in page
        done = await console.act("merge", "h-1", other="h-2")
        assert (done.status_code, done.headers["location"]) == (303, "/console/cases/h-1")
        kept = await console.page("h-1")
        pane = kept[kept.index('id="customer"') :]
        assert 'href="/console/cases/h-2"' in pane
        assert ("summary 2" in pane, "The carrier lost it." in pane) == (True, True)
        closed = await console.page("h-2")
        assert 'href="/console/cases/h-1">This goes on in case h-1' in closed
        audit = console.desk.entries.audit
        assert isinstance(audit, MemoryAudit)
        told = [line.deed for line in audit.lines if line.deed.action == "cases_merged"]
        assert [(deed.actor, deed.purpose) for deed in told] == [("staff:m-agent", "h-2 into h-1")]
        again = await console.act("merge", "h-1", other="h-2")
        assert (again.status_code, "is closed" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ANA, BO),
        (ANA, PROVED),
        (PROVED, c.ConversationState(proved_orders=("1002",))),
        (c.ConversationState(), c.ConversationState()),
    ],
)
async def test_never_two_customers(
    tmp_path: Path, one: c.ConversationState, other: c.ConversationState
) -> None:
    """Nor who is one only perhaps; nothing is written."""
    async with open_desk(tmp_path) as console:
        await two(console, one, other)
        assert 'name="other"' not in await console.page("h-1")
        refused = await console.act("merge", "h-1", other="h-2")
        assert (refused.status_code, "not of this customer" in refused.text) == (409, True)
        case = await console.cases.case("h-2")
        assert case is not None
        assert (case.phase, case.version) == ("waiting", 1)
        gone = await console.act("merge", "h-1", other="h-9")
        assert gone.status_code == 404
