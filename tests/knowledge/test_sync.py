"""A sync: what it takes and removes, and that a bad source or file never costs what is served."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.adapters.knowledge.reader import Reader
from shared.adapters.knowledge.reading import Answer
from shared.adapters.knowledge.sources.folder import FolderSource
from shared.adapters.knowledge.sync import KnowledgeSync, TooMuchRemoved
from shared.adapters.memory.embedder import HashingEmbedder
from shared.errors import ModelDown
from shared.ports import TextKind
from shared.ports.publishing import Warned
from tests.knowledge.folders import opened, served, write
from tests.knowledge.papers import pdf, with_stream


async def test_four_formats_are_served_with_their_sources(tmp_path: Path, folder: Path) -> None:
    """A passage of any format names its file, and the second sync reads none of them."""
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        report = await sync.run()
        assert report.added == ("care/tents.pdf", "faq.csv", "returns.md", "shipping/express.html")
        for question, source in (
            ("dry the tent before you pack it", "care/tents.pdf"),
            ("do you sell gift cards", "faq.csv"),
            ("how many days does express take", "shipping/express.html"),
        ):
            (passage, *_) = (await index.search(question, language="en", k=1)).passages
            assert passage.source == source
        assert (await sync.run()).unchanged == report.added


async def test_an_empty_source_never_empties_the_index(tmp_path: Path, folder: Path) -> None:
    """More than half gone is more likely a mistake; who means it says so."""
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        await sync.run()
        (folder / "faq.csv").unlink()
        (folder / "care" / "tents.pdf").unlink()
        assert len((await sync.run()).removed) == 2
        (folder / "returns.md").unlink()
        (folder / "shipping" / "express.html").unlink()
        write(folder, "new.md", title="New")
        with pytest.raises(TooMuchRemoved, match=r"2 of 2 documents.*--allow-removal"):
            await sync.run()
        assert "30 days" in await served(index)
        assert len((await sync.run(allow_removal=True)).removed) == 2
        assert (await index.files())[1] == {"new.md": "new"}


async def test_a_reordered_folder_is_no_removal(tmp_path: Path, folder: Path) -> None:
    """Files with the same ids under other names were moved, however many they are."""
    write(folder, "shipping.md", title="Shipping")
    for name in ("shipping/express.html", "care/tents.pdf", "faq.csv"):
        (folder / name).unlink()
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        await sync.run()
        (folder / "en").mkdir()
        for name in ("returns.md", "shipping.md"):
            (folder / name).rename(folder / "en" / name)
        report = await sync.run()
        assert (report.changed, report.removed) == (("en/returns.md", "en/shipping.md"), ())


async def test_a_dry_run_tells_and_changes_nothing(tmp_path: Path, folder: Path) -> None:
    """The report is that of a real run; the index is as it was."""
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        assert len((await sync.run(dry_run=True)).added) == 4
        assert await index.files() == ({}, {})
        assert len((await sync.run()).added) == 4


async def test_a_file_that_becomes_another_document_takes_the_old_one_along(
    tmp_path: Path, folder: Path
) -> None:
    """A new id in the same file: the document of the old id is no longer said anywhere."""
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        await sync.run()
        write(folder, "returns.md", id="returns-new", text="You can return items within 45 days of delivery.")
        assert (await sync.run()).changed == ("returns.md",)
        said = await served(index)
        assert "45 days" in said
        assert "30 days" not in said


async def test_the_served_document_wins_over_a_new_one_with_its_id(tmp_path: Path, folder: Path) -> None:
    """Across formats and even when both changed: a name that sorts earlier steals nothing."""
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        await sync.run()
        (folder / "a.html").write_text('<meta name="id" content="returns"><p>No returns at all.</p>')
        write(folder, "returns.md", version="2", text="You can return items within 45 days of delivery.")
        report = await sync.run()
        (rejected,) = report.rejected
        assert (rejected.file, rejected.key) == ("a.html", "id")
        assert "'returns' is the id of returns.md already" in rejected.reason
        assert report.changed == ("returns.md",)


async def test_a_side_file_is_part_of_its_document(tmp_path: Path, folder: Path) -> None:
    """Changing it changes the document; one that cannot be read holds the document as it was."""
    side = folder / "faq.csv.toml"
    side.write_text('id = "questions"\n')
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        await sync.run()
        side.write_text('id = "questions"\nversion = 2\n')
        assert (await sync.run()).changed == ("faq.csv",)
        side.unlink()
        side.symlink_to(tmp_path / "elsewhere.toml")
        report = await sync.run()
        assert [entry.file for entry in report.rejected] == ["faq.csv.toml"]
        assert (await index.files())[1]["faq.csv"] == "questions"
        side.unlink()
        side.write_text("x")
        (folder / "fqa.csv.toml").write_text("version = 2\n")
        report = await sync.run()
        assert report.warnings == (Warned("fqa.csv.toml", "describes fqa.csv, which is not there"),)
        assert [(entry.file, entry.key) for entry in report.rejected] == [("faq.csv.toml", "side file")]


async def test_a_refused_file_is_not_read_again_until_it_changes(tmp_path: Path, folder: Path) -> None:
    """A file that takes half a minute to fail does so once, and is reported every time."""
    read: list[str] = []

    class Counting(Reader):
        def read(self, name: str, data: bytes, side: bytes | None) -> Answer:
            read.append(name)
            return super().read(name, data, side)

    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index, reader=Counting)
        first = await sync.run()
        second = await sync.run()
        assert [entry.file for entry in first.rejected] == ["broken.pdf"]
        assert second.rejected == first.rejected
        assert read.count("broken.pdf") == 1
        (folder / "broken.pdf").write_bytes(pdf(["Mended."]))
        assert (await sync.run()).added == ("broken.pdf",)


async def test_a_sync_resumes_after_the_embedder_failed(tmp_path: Path, folder: Path) -> None:
    """The failure is told, and the next sync brings every document."""

    class Failing(HashingEmbedder):
        down = True

        async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> list[list[float]]:
            if self.down:
                raise ModelDown("no answer")
            return await super().embed(texts, kind=kind)

    embedder = Failing()
    async with opened(tmp_path, embedder) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        with pytest.raises(ModelDown):
            await sync.run()
        embedder.down = False
        assert (await sync.run()).embedded == 4
        assert "30 days" in await served(index)


async def test_progress_counts_what_is_read_and_embedded(tmp_path: Path, folder: Path) -> None:
    """From nothing to all of what changed, then every batch of what needs a vector, if anything does."""
    write(folder, "long.md", text="\n\n".join(f"## Part {n}\n\nThing {n} is useful." for n in range(40)))
    steps: list[tuple[str, int, int]] = []
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        report = await sync.run(progress=lambda *step: steps.append(step))
        assert [step for step in steps if step[0] == "reading"] == [("reading", n, 5) for n in range(6)]
        embedded = [(done, total) for _, done, total in steps[6:]]
        assert embedded[0] == (0, report.embedded)
        assert (32, report.embedded) in embedded
        assert embedded[-1] == (report.embedded, report.embedded)
        steps.clear()
        await sync.run(progress=lambda *step: steps.append(step))
    assert steps == [("reading", 0, 0)]


async def test_a_cancelled_sync_stops_reading(tmp_path: Path, folder: Path) -> None:
    """Stopping the service does not wait for a slow file, and nothing of the sync is stored."""
    slow = with_stream(b"q BT /F1 9 Tf (a) Tj ET Q\n" * 1_000_000)
    reading, ended = threading.Event(), threading.Event()

    class Slow(Reader):
        def read(self, name: str, data: bytes, side: bytes | None) -> Answer:
            reading.set()
            answer = super().read("slow.pdf", slow, None)
            ended.set()
            return answer

    async with opened(tmp_path) as index:
        task = asyncio.create_task(KnowledgeSync(FolderSource(folder), index, reader=Slow).run())
        assert await asyncio.to_thread(reading.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, 2)
        assert await index.files() == ({}, {})
