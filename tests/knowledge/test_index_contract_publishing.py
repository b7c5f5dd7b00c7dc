"""What every back end of the index promises of a publication: whole or not at all, and seen by all."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.adapters.memory.embedder import HashingEmbedder
from shared.errors import StoreBusy
from shared.ports import TextKind
from tests.knowledge.back_ends import QUESTION, RETURNS, BackEnd, editions, source, texts
from tests.processes import Process


async def test_additions_and_removals_are_one_step(back_end: BackEnd) -> None:
    """A file that was moved is never there twice, nor missing."""
    async with back_end.open() as index:
        await index.store([source("returns", RETURNS), source("old", "Old tents are great.")])
        await index.store(
            [source("returns", RETURNS, file="en/returns.md")], removed=["returns.md", "old.md"]
        )
        assert (await index.files())[1] == {"en/returns.md": "returns"}
        assert await texts(index, QUESTION) == [RETURNS]


async def test_the_version_names_what_is_served(back_end: BackEnd) -> None:
    """The same content has the same name in every process; any change of it has another."""
    async with back_end.open() as index:
        await index.store([source("returns", RETURNS)])
        first = await index.version()
    async with back_end.open() as index, back_end.open() as other:
        assert await index.version() == first
        await other.store([source("returns", RETURNS.replace("30", "45"))])
        assert await index.version() == await other.version() != first
        await other.store([source("returns", RETURNS)])
        assert await index.version() == first


async def test_another_process_sees_a_publication(back_end: BackEnd) -> None:
    """What one process publishes, the other serves at its next search."""
    async with back_end.open() as writer, back_end.open() as reader:
        assert await texts(reader, QUESTION) == []
        await writer.store([source("returns", RETURNS)])
        assert await texts(reader, QUESTION) == [RETURNS]


async def test_who_publishes_second_is_told_to_try_again(back_end: BackEnd) -> None:
    """Two processes at once: the first wins whole, the loser writes nothing and pays nothing twice."""

    class Slow(HashingEmbedder):
        def __init__(self) -> None:
            super().__init__()
            self.asked, self.go_on = asyncio.Event(), asyncio.Event()

        async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> list[list[float]]:
            self.asked.set()
            await self.go_on.wait()
            return await super().embed(texts, kind=kind)

    slow = Slow()
    async with back_end.open() as first, back_end.open(slow) as second:
        await first.store([source("returns", RETURNS)])
        losing = asyncio.create_task(second.store([source("care", "Dry the tent.")], removed=["returns.md"]))
        await slow.asked.wait()
        await first.store([source("gifts", "Gift cards come by e-mail.", title="Gifts")])
        slow.go_on.set()
        with pytest.raises(StoreBusy, match="sync again") as busy:
            await losing
        assert busy.value.retry
        assert set((await second.files())[0]) == {"returns.md", "gifts.md"}
        paid = slow.texts
        assert await second.store([source("care", "Dry the tent.")]) == 0
        assert slow.texts == paid
        assert await first.count() == {"en": 3}


async def test_two_first_publications_do_not_mix(back_end: BackEnd) -> None:
    """On an empty index too, one of two wins."""
    async with back_end.open() as first, back_end.open() as second:
        stored = await asyncio.gather(
            first.store([source("returns", RETURNS)]),
            second.store([source("gifts", "Gift cards come by e-mail.")]),
            return_exceptions=True,
        )
        lost = [error for error in stored if isinstance(error, StoreBusy)]
        assert all(isinstance(one, int | StoreBusy) for one in stored)
        assert sum((await first.count()).values()) == 2 - len(lost) >= 1


@pytest.mark.parametrize("point", ["embedding", "switch"])
async def test_a_killed_process_leaves_the_last_version_serving(
    back_end: BackEnd, point: str, tmp_path: Path
) -> None:
    """SIGKILL while vectors are made or just before the switch: the old edition is whole, the new resumes."""
    async with back_end.open() as index:
        await index.store(editions("first"))
        before = await index.version()
    command = [sys.executable, "-m", "tests.knowledge.killed_store", back_end.name, back_end.url, point]
    process = Process("store", command, ready="AT THE POINT", folder=tmp_path / "out", env={})
    try:
        await asyncio.to_thread(process.wait_ready)
    finally:
        process.kill()
    embedder = HashingEmbedder()
    async with back_end.open(embedder) as index:
        assert await index.version() == before
        assert len((await index.files())[0]) == 40
        assert await texts(index, "first edition thing39 about tents")
        assert await index.store(editions("second", 39), removed=["doc-39.md"]) == (
            7 if point == "embedding" else 0
        )
        assert await index.count() == {"en": 39}
        assert all("second" in text for text in await texts(index, "edition thing7 about tents"))
