"""What customers call a member of staff: said by themselves, or by an administrator for anybody."""

from pathlib import Path

from shared.adapters.memory.audit import MemoryAudit
from tests.console.desk import PAGE, ConsoleDesk, open_desk

FORM = {"Content-Type": "application/x-www-form-urlencoded", **PAGE}


async def say(console: ConsoleDesk, path: str, role: str, **fields: str) -> int:
    return (await console.http(role).post(path, data=fields, headers=FORM)).status_code


async def test_ones_own_name(tmp_path: Path) -> None:
    """Colleagues read it beside the account; a name that nobody could read is refused."""
    async with open_desk(tmp_path) as console:
        assert "our team, notre équipe" in (await console.http().get("/staff", headers=PAGE)).text
        assert await say(console, "/staff/display", "agent", display="  Ana <b>", contact="555 0100") == 303
        page = (await console.http().get("/staff", headers=PAGE)).text
        assert 'value="Ana &lt;b&gt;"' in page
        assert 'value="555 0100"' in page
        for wrong in ("x" * 41, "a\u202eb", "a\x00b"):
            assert await say(console, "/staff/display", "agent", display=wrong) == 422
        await console.waits()
        await console.act("claim")
        assert "With <bdi>agent (Ana &lt;b&gt;)</bdi> (you)" in await console.page()


async def test_an_administrator_says_it_for_others(tmp_path: Path) -> None:
    """On one page with everybody; nobody else may, and it is written down by id."""
    async with open_desk(tmp_path) as console:
        assert await say(console, "/staff/members/m-lead/display", "agent", display="Boss") == 403
        assert (await console.http("lead").get("/staff/members", headers=PAGE)).status_code == 403
        assert await say(console, "/staff/members/m-lead/display", "admin", display="Sam") == 303
        assert await say(console, "/staff/members/m-nobody/display", "admin", display="Sam") == 404
        page = (await console.http("admin").get("/staff/members", headers=PAGE)).text
        assert page.count('value="Sam"') == 1
        audit = console.desk.entries.audit
        assert isinstance(audit, MemoryAudit)
        deeds = [line.deed for line in audit.lines]
        changed = [deed.purpose for deed in deeds if deed.action == "staff_changed"]
        assert changed == ["display m-lead", "display m-nobody"]
