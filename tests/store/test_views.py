"""Views that members of staff saved."""

from pathlib import Path

from shared.adapters.sqlite.staff import open_staff
from shared.adapters.sqlite.views import open_views
from shared.ports import StaffMember
from shared.ports.views import SavedView

EMMA = StaffMember(id="m-emma", name="emma", role="agent", password="x")


async def test_each_member_has_their_own(tmp_path: Path) -> None:
    """By name, replaced under the same one, and never more than the limit."""
    async with open_staff(tmp_path / "staff.db"), open_views(tmp_path / "staff.db") as views:
        assert await views.keep("m-emma", SavedView("b", "queue=sales"), most=2)
        assert await views.keep("m-emma", SavedView("a", "language=fr"), most=2)
        assert await views.keep("m-emma", SavedView("b", "queue=vip"), most=2)
        assert not await views.keep("m-emma", SavedView("c", ""), most=2)
        assert await views.of("m-emma") == [SavedView("a", "language=fr"), SavedView("b", "queue=vip")]
        assert await views.of("m-noah") == []
        assert await views.drop("m-emma", "a")
        assert not await views.drop("m-emma", "a")


async def test_they_go_with_their_member_but_not_with_a_new_role(tmp_path: Path) -> None:
    """A changed member is the same one."""
    async with open_staff(tmp_path / "staff.db") as staff, open_views(tmp_path / "staff.db") as views:
        await staff.add(EMMA)
        await views.keep("m-emma", SavedView("b", ""), most=2)
        await staff.change(StaffMember(id="m-emma", name="emma", role="lead", password="x"))
        assert len(await views.of("m-emma")) == 1
        await staff.remove("m-emma")
        assert await views.of("m-emma") == []
