"""The index on disk: what a sync does, what keeps serving, what is refused."""

import sqlite3
from pathlib import Path

import pytest

from shared.adapters.memory.embedder import HashingEmbedder
from shared.errors import SettingsError, StoreDown
from tests.knowledge.back_ends import QUESTION, texts
from tests.knowledge.folders import opened, write


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with two documents."""
    write(tmp_path / "kb", "returns.md")
    write(tmp_path / "kb", "shipping.md", title="Shipping", text="Standard shipping takes 5-7 business days.")
    return tmp_path / "kb"


async def test_a_warm_start_embeds_nothing(tmp_path: Path, pages: Path) -> None:
    """The second sync of the same folder reads no document and makes no vector."""
    first, second = HashingEmbedder(), HashingEmbedder()
    async with opened(tmp_path, first) as index:
        report = await index.sync(pages)
        assert report.added == ("returns.md", "shipping.md")
        assert report.embedded == first.texts == 2
    async with opened(tmp_path, second) as index:
        report = await index.sync(pages)
        assert report.unchanged == ("returns.md", "shipping.md")
        assert (report.added, report.changed, report.removed, report.rejected) == ((), (), (), ())
        assert second.texts == 0
        assert await texts(index, QUESTION)


async def test_a_sync_does_only_what_changed(tmp_path: Path, pages: Path) -> None:
    """A changed, a new, a moved and a deleted file are told apart, and only new words are embedded."""
    embedder = HashingEmbedder()
    async with opened(tmp_path, embedder) as index:
        await index.sync(pages)
        before = embedder.texts
        write(pages, "returns.md", version="2", text="You can return most items within 45 days of delivery.")
        write(pages, "gifts.md", title="Gifts", text="Gift cards are sent by e-mail.")
        (pages / "sub").mkdir()
        (pages / "shipping.md").rename(pages / "sub" / "shipping.md")
        report = await index.sync(pages)
        assert report.added == ("gifts.md",)
        assert set(report.changed) == {"returns.md", "sub/shipping.md"}
        assert report.removed == ()
        assert embedder.texts - before == 2
        assert "45 days" in (await texts(index, QUESTION))[0]
        (pages / "gifts.md").unlink()
        assert (await index.sync(pages)).removed == ("gifts.md",)
        assert not any("Gift" in text for text in await texts(index, "gift cards by e-mail"))


async def test_a_broken_file_keeps_its_last_good_version(tmp_path: Path, pages: Path) -> None:
    """A mistake is reported with file, line, key and remedy, and what was served is served on."""
    async with opened(tmp_path) as index:
        await index.sync(pages)
        write(pages, "returns.md", version="later", text="Never.")
        report = await index.sync(pages)
        (rejected,) = report.rejected
        assert (rejected.file, rejected.line, rejected.key) == ("returns.md", 6, "version")
        assert "1, 2, 3" in str(rejected)
        assert report.removed == ()
        assert "30 days" in (await texts(index, QUESTION))[0]


async def test_a_second_document_with_the_same_id_is_rejected(tmp_path: Path, pages: Path) -> None:
    """The file that served first stays, whatever the names of the files."""
    async with opened(tmp_path) as index:
        await index.sync(pages)
        write(pages, "a-copy.md", id="returns", text="You can return nothing at all.")
        (rejected,) = (await index.sync(pages)).rejected
        assert rejected.file == "a-copy.md"
        assert "returns.md" in rejected.reason
        assert "30 days" in (await texts(index, QUESTION))[0]


async def test_an_orphan_translation_and_a_strange_encoding_are_rejected(tmp_path: Path, pages: Path) -> None:
    """A translation of nothing and bytes that are no UTF-8 are named."""
    write(pages, "retours-fr.md", locale="fr", translation_of="retours")
    (pages / "latin.md").write_bytes("---\nid: été\n".encode("latin-1"))
    async with opened(tmp_path) as index:
        rejected = {entry.file: entry for entry in (await index.sync(pages)).rejected}
    assert rejected["retours-fr.md"].key == "translation_of"
    assert rejected["latin.md"].line == 2


async def test_a_file_that_is_no_index_is_named(tmp_path: Path) -> None:
    """Garbage in place of the database is an error with a remedy, not a traceback of SQLite."""
    (tmp_path / "index.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreDown, match=r"index\.db.*deleting the file"):
        async with opened(tmp_path):
            pass


async def test_damaged_pages_are_named(tmp_path: Path, pages: Path) -> None:
    """A file that opens and cannot be read further is an error with a remedy too."""
    async with opened(tmp_path) as index:
        await index.sync(pages)
    file = tmp_path / "index.db"
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(StoreDown, match=r"index\.db.*deleting the file"):
        async with opened(tmp_path) as index:
            await index.search("returns", language="en", k=3)


async def test_an_index_of_an_earlier_release_is_made_anew(tmp_path: Path, pages: Path) -> None:
    """Tables of another layout hold nothing that the folder does not: the next sync fills new ones."""
    with sqlite3.connect(tmp_path / "index.db") as db:
        db.execute("CREATE TABLE index_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        db.execute("INSERT INTO index_meta VALUES ('embedder', 'an old one')")
        db.execute("CREATE TABLE index_documents (seq INTEGER PRIMARY KEY)")
    db.close()
    async with opened(tmp_path) as index:
        assert (await index.sync(pages)).added == ("returns.md", "shipping.md")


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A knowledge folder that is not there is a wrong setting."""
    async with opened(tmp_path) as index:
        with pytest.raises(SettingsError, match="nowhere"):
            await index.sync(tmp_path / "nowhere")


async def test_the_index_is_one_plain_sqlite_file(tmp_path: Path, pages: Path) -> None:
    """What is stored can be read with any SQLite: the documents, chunks and the embedder's name."""
    async with opened(tmp_path) as index:
        await index.sync(pages)
    with sqlite3.connect(tmp_path / "index.db") as db:
        assert db.execute("SELECT count(*) FROM index_chunks").fetchone() == (2,)
        assert db.execute("SELECT count(*) FROM index_vectors").fetchone() == (2,)
        query = "SELECT value FROM index_meta WHERE key = 'embedder'"
        assert db.execute(query).fetchone() == ("hashing-64/64",)
    db.close()
