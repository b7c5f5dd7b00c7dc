"""Who is on duty, in memory and in a file that several processes open: one contract for both."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from shared.adapters.memory.duty import MemoryDuty
from shared.adapters.memory.staff import open_memory_staff
from shared.adapters.sqlite.duty import open_duty
from shared.adapters.sqlite.staff import open_staff
from shared.ports import DutyStore, StaffMember, StaffSession, StaffStore

ANA = StaffMember(id="m-1", name="ana", role="agent", password="scrypt$1")
LEE = StaffMember(id="m-2", name="lee", role="lead", password="scrypt$2")
Stores = tuple[StaffStore, DutyStore, DutyStore]


@pytest.fixture(params=["memory", "sqlite"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    """Staff, and who of them is on duty as two processes see it."""
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            staff: StaffStore = await stack.enter_async_context(open_memory_staff())
            here: DutyStore = MemoryDuty(staff)
            there = here
        else:
            path = tmp_path / "data" / "staff.db"
            staff = await stack.enter_async_context(open_staff(path))
            here = await stack.enter_async_context(open_duty(path))
            there = await stack.enter_async_context(open_duty(path))
        await staff.begin_with([ANA, LEE])
        yield staff, here, there


async def test_who_said_nothing_is_off_and_speaks_every_language(stores: Stores) -> None:
    """A shop that never wrote languages down leaves no customer without staff."""
    _, here, _ = stores
    ana = await here.duty("m-1")
    assert ana is not None
    assert (ana.name, ana.state, ana.languages, ana.skills) == ("ana", "off", ("en", "fr", "es"), ())
    assert await here.on_duty(since=0.0) == []
    assert await here.duty("m-9") is None
    assert await here.say("m-9", "available", at=1.0) is None


async def test_every_process_sees_who_is_there(stores: Stores) -> None:
    """What was said once stays said; the time is that of the change."""
    _, here, there = stores
    await here.say("m-2", "away", at=90.0)
    await here.say("m-1", "available", at=100.0, languages=["fr", "en"], skills=["law", "gift cards"])
    await here.say("m-1", "available", at=130.0)
    ana, lee = await there.on_duty(since=60.0)
    assert (ana.name, ana.state, ana.since, ana.seen_at) == ("ana", "available", 100.0, 130.0)
    assert (ana.languages, ana.skills) == (("en", "fr"), ("gift cards", "law"))
    assert (lee.name, lee.state, lee.actor) == ("lee", "away", "staff:m-2")
    await there.say("m-1", "off", at=140.0)
    assert [each.name for each in await here.on_duty(since=60.0)] == ["lee"]
    ana = await there.say("m-1", "available", at=150.0)  # type: ignore[assignment]
    assert (ana.languages, ana.skills, ana.since) == (("en", "fr"), ("gift cards", "law"), 150.0)


async def test_who_only_reads_is_there(stores: Stores) -> None:
    """An open page before them is a sign of life; it calls nobody back who is off."""
    _, here, there = stores
    await here.say("m-1", "available", at=100.0)
    await here.say("m-2", "off", at=100.0)
    for member in ("m-1", "m-2", "m-9"):
        await there.alive(member, at=400.0)
    assert [(each.name, each.seen_at) for each in await here.on_duty(since=300.0)] == [("ana", 400.0)]


async def test_whose_browser_is_gone_is_not_there(stores: Stores) -> None:
    """Any request of a signed-in browser is a sign of life; without one a member is gone by themselves."""
    staff, here, there = stores
    session = StaffSession(key="k", member_id="m-1", begun_at=90.0, seen_at=90.0, ends_at=900.0)
    await staff.open_session(session, most=5)
    await here.say("m-1", "available", at=100.0)
    assert await there.on_duty(since=101.0) == []
    await staff.seen("k", at=150.0)
    (ana,) = await there.on_duty(since=101.0)
    assert ana.seen_at == 150.0


async def test_a_case_that_is_given_is_remembered(stores: Stores) -> None:
    """So that the next one goes to somebody else."""
    _, here, there = stores
    await here.say("m-1", "available", at=100.0)
    await there.given("m-1", at=120.0)
    await here.say("m-1", "away", at=130.0)
    (ana,) = await there.on_duty(since=0.0)
    assert ana.given_at == 120.0


async def test_who_leaves_the_team_leaves_the_duty(stores: Stores) -> None:
    """Another role keeps what was said, being removed takes it away."""
    staff, here, _ = stores
    await here.say("m-1", "available", at=100.0, skills=["law"])
    await staff.change(replace(ANA, role="lead"))
    (ana,) = await here.on_duty(since=0.0)
    assert ana.skills == ("law",)
    await staff.remove("m-1")
    assert await here.on_duty(since=0.0) == []
    await staff.add(ANA)
    again = await here.duty("m-1")
    assert again is not None
    assert (again.state, again.skills) == ("off", ())
