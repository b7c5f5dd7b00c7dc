"""Nothing is kept for longer than is set, nothing goes earlier, and nothing goes under a person's hands."""

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from gateway.rights.context import note_owner
from gateway.rights.files import write
from launch.retaining import Keeping, Retaining, kept_short, open_retaining
from shared import contracts as c
from shared.adapters.local.vault import LocalVault
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.answers import AnswerRows
from shared.adapters.sqlite.retention import SqliteRetention
from shared.adapters.sqlite.store import open_store
from shared.errors import BusDown, DeskError, StoreDown, VaultDown
from shared.ports import Delivered
from shared.settings import Settings
from shared.wiring import Services, open_services
from tests.bus.sample import until
from tests.clock import Clock
from tests.console.corrections import correction
from tests.store.asked import unanswered
from tests.store.test_rights import hand_over

DAY = 86_400.0
NOW = 1_800_000_000.0
KEEPING = Keeping(
    conversations=30, values=30, hand_overs=60, feedback=40, gaps=50, tasks=45, promises=70,
    corrections=45, spending=35, receipts=400, exports=7
)  # fmt: skip


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    settings = Settings(data_dir=tmp_path, bus_url="memory://")
    async with open_services(settings, actor="service:gateway") as services:
        services.clock = Clock(NOW)
        yield services


@pytest.fixture
async def job(services: Services) -> Retaining:
    opened = await open_retaining(services, await services.bus())
    opened.keeping, opened.pause, opened.batch = KEEPING, 0.0, 2
    return opened


def at(services: Services, moment: float) -> None:
    clock = services.clock
    assert isinstance(clock, Clock)
    clock.at = moment


async def talked(services: Services, turn: str, *, at: float) -> str:
    """A conversation with a value, a result, a thumb and an unanswered question, all of this moment."""
    talk, bus = f"c-{turn}", await services.bus()
    assert isinstance(bus, MemoryBus)
    store = await services.store()
    name = await (await services.vault()).token("Ana Lund", conversation_id=talk, owner=f"o-{turn}")
    result = structs.replace(unanswered(f"I am {name}", turn, at=at).turn, finished_at=at)
    await bus._results.store(result)
    await store.record([Delivered(seq=1, turn=result)])
    thumb = c.FeedbackGiven(conversation_id=talk, turn_id=turn, rating="up", given_at=at)
    await store.add_feedback(thumb)
    return talk


def closed(services: Services, talk: str, *, at: float | None) -> None:
    """What the console will do when a person is done."""
    db = sqlite3.connect(services.settings.data_dir / "desk.db", isolation_level=None)
    db.execute("UPDATE hand_overs SET closed_at = ? WHERE id = ?", (at, f"h-{talk}"))
    db.close()


async def ran(job: Retaining) -> dict[str, int]:
    """What a run removed of each class, and that a dry run said so before."""
    due = await job.due()
    removed = await job.run()
    assert removed == due
    return {kind: count for kind, count in (removed or {}).items() if count}


@pytest.mark.parametrize(("age", "gone"), [(30 * DAY - 1, False), (30 * DAY, False), (30 * DAY + 1, True)])
async def test_conversations(services: Services, job: Retaining, age: float, gone: bool) -> None:
    """With lines, values, the owner's key and the bus's results: after the limit, not before nor at it."""
    talk = await talked(services, "t-1", at=NOW - age)
    fresh = await talked(services, "t-2", at=NOW)
    assert await ran(job) == ({"conversations": 1, "values": 1} if gone else {})
    store, vault, bus = await services.store(), await services.vault(), await services.bus()
    assert (await store.read(talk) is None) == gone
    assert (await vault.count([talk]), len(await bus.results(talk))) == ((0, 0) if gone else (1, 1))
    assert await store.read(fresh) is not None
    assert (await vault.count([fresh]), len(await bus.results(fresh))) == (1, 1)


@pytest.mark.parametrize(("kind", "days"), [("feedback", 40), ("gaps", 50), ("corrections", 45)])
async def test_thumbs_and_questions(services: Services, job: Retaining, kind: str, days: int) -> None:
    """Each by its own limit, whatever became of the conversation."""
    talk = await talked(services, "t-1", at=NOW)
    await (await services.corrections()).add(correction(conversation_id=talk, at=NOW))
    await ran(job)
    for moment, expected in ((days * DAY - 1, 0), (days * DAY, 0), (days * DAY + 1, 1), (days * DAY + 2, 0)):
        at(services, NOW + moment)
        assert (await ran(job)).get(kind, 0) == expected
    assert (list(await (await services.store()).gaps()) == []) == (kind == "gaps")


async def test_notes_of_staff(services: Services, job: Retaining) -> None:
    """They go with the last who asked the question, and so do the personal values in them."""
    await talked(services, "t-1", at=NOW)
    store, vault = await services.store(), await services.vault()
    (gap,) = await store.gaps()
    await store.settle_gap(gap.id, status="not_ours", note="see there", at=NOW)
    await vault.token("Mrs Lund", conversation_id=note_owner(gap.id), owner=note_owner(gap.id))
    for moment, left in ((50 * DAY, 1), (50 * DAY + 1, 0)):
        at(services, NOW + moment)
        await job.run()
        assert await vault.count([note_owner(gap.id)]) == left
        assert len(await store.noted([gap.id])) == left


async def test_a_persons_hands(services: Services, job: Retaining) -> None:
    """An open hand-over stays for ever, with its conversation; a closed one goes after its own limit."""
    talk = await talked(services, "t-1", at=NOW)
    store = await services.store()
    await store.open_hand_over(structs.replace(hand_over(talk), ticket="", opened_at=NOW))
    at(services, NOW + 3000 * DAY)
    assert await ran(job) == {"feedback": 1, "gaps": 1}
    assert await store.read(talk) is not None
    assert len(await store.waiting()) == 1
    closed(services, talk, at=NOW + 3000 * DAY)
    at(services, NOW + 3060 * DAY)
    assert await ran(job) == {"conversations": 1, "values": 1}
    at(services, NOW + 3060 * DAY + 1)
    assert await ran(job) == {"hand_overs": 1}


async def test_values_may_go_earlier(services: Services, job: Retaining) -> None:
    """The words stay, their tokens open nothing any more."""
    job.keeping = Keeping(
        conversations=0, values=5, hand_overs=0, feedback=0, gaps=0, tasks=0, promises=0,
        corrections=0, spending=0, receipts=0, exports=7
    )  # fmt: skip
    talk = await talked(services, "t-1", at=NOW)
    at(services, NOW + 5 * DAY)
    assert await ran(job) == {}
    at(services, NOW + 4000 * DAY)
    assert await ran(job) == {"values": 1}
    kept = await (await services.store()).read(talk)
    assert kept is not None
    token = kept.messages[0].text
    assert await (await services.vault()).reveal(token, conversation_id=talk, purpose="export") == token


async def test_files(services: Services, job: Retaining) -> None:
    """Exports and receipts by their age; a journal of an unfinished erasure stays."""
    folder = services.settings.data_dir
    for name, age in (
        ("exports/ab/export.json", 7 * DAY + 1), ("exports/cd/export.json", 7 * DAY - 1),
        ("erasures/ab-1.json", 400 * DAY + 1), ("erasures/cd-1.json", 400 * DAY - 1),
        ("erasures/.ab.journal", 9000 * DAY),
    ):  # fmt: skip
        write(folder / name, b"{}")
        os.utime(folder / name, (NOW - age, NOW - age))
    assert await ran(job) == {"receipts": 1, "exports": 1}
    left = sorted(str(p.relative_to(folder)) for p in folder.glob("e*/**/*") if p.is_file())
    assert left == ["erasures/.ab.journal", "erasures/cd-1.json", "exports/cd/export.json"]


async def test_the_answer_cache(services: Services, job: Retaining) -> None:
    """Replies over ANSWER_CACHE_HOURS go though no new one comes, off the disk too."""
    path = services.settings.data_dir / "answers.db"
    rows = AnswerRows(path, most=10, seconds=1.0, now=lambda: 1.0)
    sentence = c.Sentence(text="kumquatwobble")
    rows.keep(b"k", "m", [1.0], model="m", sentences=(sentence,))
    rows.close()
    assert await ran(job) == {"answers": 1}
    assert not any(b"kumquatwobble" in file.read_bytes() for file in path.parent.glob("answers.db*"))


async def test_batches_reach_everything_and_the_disk(services: Services, job: Retaining) -> None:
    """Five in batches of two; their words are in no file afterwards."""
    for number in range(5):
        await talked(services, f"t-{number}", at=NOW - 100 * DAY)
    folder = services.settings.data_dir
    mark = b"I am TOKEN_"
    assert any(mark in file.read_bytes() for file in folder.glob("desk.db*"))
    assert await ran(job) == {"conversations": 5, "values": 5, "feedback": 5, "gaps": 5}
    assert not any(mark in file.read_bytes() for file in folder.glob("desk.db*"))


async def test_the_audit_says_what_was_due(services: Services, job: Retaining) -> None:
    """One line a run that removes something, before it does; none for nothing."""
    await job.run()
    await talked(services, "t-1", at=NOW - 35 * DAY)
    await job.run()
    await job.run()
    log = (services.settings.data_dir / "vault" / "audit.log").read_text().splitlines()
    (line,) = [json.loads(row) for row in log if '"action":"retention"' in row]
    assert (line["counts"]["conversations"], line["counts"]["values"]) == (1, 1)


@pytest.mark.parametrize(
    ("where", "name"),
    [(LocalVault, "expire"), (MemoryBus, "expire"), (SqliteRetention, "expire_conversations"),
     (SqliteRetention, "expire")],
)  # fmt: skip
async def test_cut_off(
    services: Services, job: Retaining, monkeypatch: pytest.MonkeyPatch, where: type, name: str
) -> None:
    """Wherever it stops, the next run removes the rest, and another process may be the one."""
    talk = await talked(services, "t-1", at=NOW - 100 * DAY)

    async def down(*_: object, **__: object) -> int:
        raise {"LocalVault": VaultDown, "MemoryBus": BusDown}.get(where.__name__, StoreDown)("away")

    with monkeypatch.context() as patched:
        patched.setattr(where, name, down)
        with pytest.raises(DeskError):
            await job.run()
    job.me = "another"
    await job.run()
    assert await job.due() == dict.fromkeys(await job.due(), 0)
    vault, bus = await services.vault(), await services.bus()
    assert (await vault.count([talk]), list(await bus.results(talk))) == (0, [])


async def test_one_process_at_a_time(services: Services, job: Retaining) -> None:
    """The other does nothing, until the first is done or has been dead for ten minutes."""
    await talked(services, "t-1", at=NOW - 100 * DAY)
    assert await job.store.lease("another", now=NOW, seconds=600)
    assert await job.run() is None
    at(services, NOW + 599)
    assert await job.run() is None
    at(services, NOW + 600)
    assert (await job.run() or {})["conversations"] == 1
    assert await job.store.lease("another", now=NOW + 600, seconds=600)


async def test_it_runs_by_itself(services: Services, job: Retaining, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the background, also after a run that broke."""
    talk = await talked(services, "t-1", at=NOW - 100 * DAY)
    store, broken = await services.store(), asyncio.Event()

    async def breaks(*_: object) -> int:
        broken.set()
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(SqliteRetention, "count_idle", breaks)

    async def gone() -> bool:
        return await store.read(talk) is None

    async with kept_short(job, every=0.01, first=0.0):
        await broken.wait()
        await until(gone)


async def test_a_thumb_of_an_older_file_is_as_old_as_it_was(tmp_path: Path) -> None:
    """Files of before do not say when a thumb was given; it is read out of each once."""
    path = tmp_path / "desk.db"
    async with open_store(path) as store:
        await store.add_feedback(
            c.FeedbackGiven(conversation_id="c-1", turn_id="t-1", rating="up", given_at=NOW)
        )
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DROP INDEX feedback_by_time")
    db.execute("ALTER TABLE feedback DROP COLUMN given_at")
    db.close()
    async with open_store(path):
        retention = SqliteRetention(path)
        assert [await retention.count("feedback", NOW + shift) for shift in (0, 1)] == [0, 1]
        retention.close()
