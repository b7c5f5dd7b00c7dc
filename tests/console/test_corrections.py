"""What staff corrected is kept beside its conversation, goes with it, and comes out as cases for evals."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from launch.corrections import line_of
from shared.adapters.sqlite.corrections import SqliteCorrections, open_corrections
from shared.adapters.sqlite.store import open_store
from shared.contracts import Unanswered
from tests.console.corrections import correction


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[SqliteCorrections]:
    async with open_corrections(tmp_path / "desk.db") as opened:
        yield opened


async def test_of_one_conversation(kept: SqliteCorrections) -> None:
    """Oldest first; the same one again replaces what was there."""
    await kept.add(correction("k-2", at=2.0))
    await kept.add(correction("k-1", at=1.0))
    await kept.add(correction("k-1", at=1.0, why="unsafe"))
    await kept.add(correction("k-3", conversation_id="c-2"))
    assert [(each.id, each.why) for each in await kept.of("c-1")] == [
        ("k-1", "unsafe"),
        ("k-2", "wrong_fact"),
    ]


async def test_pages(kept: SqliteCorrections) -> None:
    """All of them once, though many were made in the same second."""
    for n in range(7):
        await kept.add(correction(f"k-{n}", at=float(n // 4)))
    seen: list[str] = []
    place = (-1.0, "")
    while page := await kept.page(after=place, limit=2):
        seen += [each.id for each in page]
        place = (page[-1].at, page[-1].id)
    assert seen == [f"k-{n}" for n in range(7)]


async def test_what_staff_said_instead(kept: SqliteCorrections) -> None:
    """The next words to the customer fill in what rejected drafts of this case were not, once."""
    await kept.add(correction("k-1"))
    await kept.add(correction("k-2", kind="wrong", instead="In Lyon."))
    await kept.add(correction("k-3", case_id="h-2"))
    await kept.said_instead("h-1", "It is in Lyon.")
    await kept.said_instead("h-1", "Anything else?")
    found = {each.id: each.instead for each in await kept.page()}
    assert found == {"k-1": "It is in Lyon.", "k-2": "In Lyon.", "k-3": ""}


async def test_it_goes_with_its_conversation(tmp_path: Path, kept: SqliteCorrections) -> None:
    """The conversation store exports and erases it."""
    await kept.add(correction())
    async with open_store(tmp_path / "desk.db") as store:
        (held,) = await store.held(["c-1"])
        assert [each.reply for each in held.corrections] == ["In Paris."]
        assert (await store.erase(["c-1"]))["corrections"] == 1
    assert not await kept.page()


async def test_a_gap_that_staff_found(tmp_path: Path) -> None:
    """It stands among the questions nobody could answer, once for each turn."""
    async with open_store(tmp_path / "desk.db") as store:
        for _ in range(2):
            asked = Unanswered(question="Do you rent tents?")
            await store.add_gap("c-1", "t-1", asked, language="en", at=5.0)
        (gap,) = await store.gaps()
        assert (gap.question, gap.asked, gap.status) == ("Do you rent tents?", 1, "open")


def test_a_line_for_evals() -> None:
    """Tokens stay tokens; who said what before is there."""
    line = json.loads(line_of(correction(instead="In Lyon.", knowledge="wrong")))
    assert line["question"] == "Where is TOKEN_1?"
    assert line["context"] == [{"who": "customer", "text": "Hello"}]
    assert (line["instead"], line["knowledge"], line["case"], line["turn"]) == (
        "In Lyon.", "wrong", "h-1", "t-1",
    )  # fmt: skip


async def test_the_command_writes_a_file(tmp_path: Path, kept: SqliteCorrections) -> None:
    """One JSON object a line, readable by its owner only."""
    await kept.add(correction())
    await kept.add(correction("k-2", reply="<b>🙂 مرحبا"))
    file = tmp_path / "cases.jsonl"
    command = (sys.executable, "-m", "launch", "corrections", "export", str(file))
    env = {"DATA_DIR": str(tmp_path), "PATH": "", "PYTHONPATH": "."}
    done = await asyncio.create_subprocess_exec(*command, env=env)
    assert await done.wait() == 0
    assert [json.loads(line)["reply"] for line in file.read_text("utf-8").splitlines()] == [
        "In Paris.", "<b>🙂 مرحبا",
    ]  # fmt: skip
    assert file.stat().st_mode & 0o077 == 0
