"""A lead does one thing to many cases: each by itself, and the page says which went and which did not."""

import re
from pathlib import Path
from typing import Any

import pytest

from shared import contracts as c
from shared.adapters.memory.audit import MemoryAudit
from tests.cases.examples import EMMA
from tests.console.desk import PAGE, ConsoleDesk, open_desk


async def bulk(console: ConsoleDesk, *names: str, role: str = "lead", **fields: str) -> Any:
    data = {"case": list(names), **fields}
    return await console.http(role).post("/console/bulk", data=data, headers=PAGE)


async def three(console: ConsoleDesk) -> None:
    """Two cases that wait, and one that Emma has."""
    for name in ("1", "2", "3"):
        await console.waits(f"h-{name}", f"c-{name}", at=100.0 + int(name))
    await console.cases.append("h-3", c.CaseClaimed(at=110.0, by=EMMA.actor, name="Emma", turn_id="s-1"))


async def found(console: ConsoleDesk, name: str) -> c.Case:
    case = await console.cases.case(name)
    assert case is not None
    return case


async def test_each_case_by_itself(tmp_path: Path) -> None:
    """What somebody has stays theirs and is said so; an unknown one stops no other; twice is once."""
    async with open_desk(tmp_path) as console:
        await three(console)
        done = await bulk(console, "h-1", "h-3", "h-9<b>", "h-2", "h-1", act="claim")
        assert "2 of 4 went" in done.text
        assert "Emma has it; ask them to give it back" in done.text
        assert "no such case" in done.text
        assert "<b>" not in done.text
        owners = [(await found(console, name)).owner for name in ("h-1", "h-2", "h-3")]
        assert owners == ["staff:m-lead", "staff:m-lead", EMMA.actor]
        audit = console.desk.entries.audit
        assert isinstance(audit, MemoryAudit)
        (told,) = [line.deed for line in audit.lines if line.deed.action == "bulk_act"]
        assert (told.purpose, told.counts) == ("claim", {"cases": 4})


async def test_move_priority_release_close(tmp_path: Path) -> None:
    """A new priority brings a new due time; a lead takes from others what is to be closed or put back."""
    async with open_desk(tmp_path) as console:
        await three(console)
        before = await found(console, "h-1")
        assert "1 of 1 went" in (await bulk(console, "h-1", act="move", queue="delivery")).text
        assert (await found(console, "h-1")).due_at == before.due_at
        assert "1 of 1 went" in (await bulk(console, "h-1", act="priority", priority="urgent")).text
        after = await found(console, "h-1")
        assert (after.queue, after.priority, after.due_at != before.due_at) == ("delivery", "urgent", True)
        assert "1 of 1 went" in (await bulk(console, "h-3", act="release")).text
        assert (await found(console, "h-3")).phase == "waiting"
        await console.cases.append("h-3", c.CaseClaimed(at=120.0, by=EMMA.actor, name="Emma", turn_id="s-2"))
        assert "2 of 2 went" in (await bulk(console, "h-3", "h-2", act="close", reason="storm")).text
        closed = await found(console, "h-3")
        assert (closed.phase, closed.resolution) == ("closed", "storm")


@pytest.mark.parametrize(
    ("names", "fields", "says"),
    [
        (["h-1"], {"act": "erase"}, "act"),
        ([], {"act": "claim"}, "choose 1 to 100"),
        ([f"h-{n}" for n in range(101)], {"act": "claim"}, "choose 1 to 100"),
        ([f"h-{n}" for n in range(120)], {"act": "claim"}, "more than 120 fields"),
        (["h-1"], {"act": "move", "queue": "vip"}, "is not one of"),
        (["h-1"], {"act": "priority", "priority": "asap"}, "priority"),
        (["h-1"], {"act": "close"}, "reason"),
    ],
)
async def test_bad_forms(tmp_path: Path, names: list[str], fields: dict[str, str], says: str) -> None:
    """Refused as a whole, before anything was done."""
    async with open_desk(tmp_path) as console:
        await three(console)
        answer = await bulk(console, *names, **fields)
        assert (answer.status_code, says in answer.text) == (422, True)
        assert (await found(console, "h-1")).version == 1


async def test_what_was_chosen_comes_back(tmp_path: Path) -> None:
    """Nobody ticks fifty boxes twice for a word that was missing; the list stays narrowed."""
    async with open_desk(tmp_path) as console:
        await three(console)
        form = {"act": "close", "outcome": "other", "reason": "", "case": ["h-1", "h-2"]}
        answer = await console.http("lead").post("/console/bulk?phase=waiting", data=form, headers=PAGE)
        assert (answer.status_code, "Nothing was done. In your words: is empty" in answer.text) == (422, True)
        assert len(re.findall(r'name="case" value="[^"]*" checked', answer.text)) == 2
        assert 'value="close" required checked' in answer.text
        assert 'value="other" selected' in answer.text
        assert 'action="/console/bulk?phase=waiting"' in answer.text


async def test_a_hundred_at_once_with_the_forms_token(tmp_path: Path) -> None:
    """The most that a form may hold passes the guard against forged ones, which reads the same form."""
    async with open_desk(tmp_path) as console:
        for n in range(100):
            await console.waits(f"h-{n}", f"c-{n}", at=100.0 + n)
        answer = await bulk(console, *[f"h-{n}" for n in range(100)], act="claim", csrf="x" * 64)
        assert "100 of 100 went" in answer.text


async def test_the_list_to_choose_from(tmp_path: Path) -> None:
    """Narrowed like the queue, by who leads only."""
    async with open_desk(tmp_path) as console:
        await three(console)
        page = await console.http("lead").get("/console/bulk?phase=waiting", headers=PAGE)
        assert page.text.count('type="checkbox"') == 2
        assert (await console.http().get("/console/bulk", headers=PAGE)).status_code == 403
        assert (await bulk(console, "h-1", role="agent", act="claim")).status_code == 403
        assert (await found(console, "h-1")).owner == ""
