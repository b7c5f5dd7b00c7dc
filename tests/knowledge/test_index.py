"""The index on disk: what a sync does, what keeps serving, what is refused."""

import sqlite3
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path

import pytest

from shared.adapters.knowledge.index import Index
from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.sqlite.index import open_index
from shared.errors import SettingsError, StoreDown

TODAY = date(2026, 11, 21)


def write(folder: Path, name: str, **changes: str) -> Path:
    """A document in `folder`; `changes` are front matter keys, and `text`."""
    head = {
        "id": Path(name).stem,
        "title": "Returns",
        "category": "returns",
        "locale": "en",
        "version": "1",
        "effective_from": "2026-01-01",
    }
    text = changes.pop("text", "You can return most items within 30 days of delivery.")
    head.update(changes)
    lines = "\n".join(f"{key}: {value}" for key, value in head.items())
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\n{lines}\n---\n\n# {head['title']}\n\n## How long\n\n{text}\n", encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two documents."""
    write(tmp_path / "kb", "returns.md")
    write(tmp_path / "kb", "shipping.md", title="Shipping", text="Standard shipping takes 5-7 business days.")
    return tmp_path / "kb"


def opened(
    tmp_path: Path, embedder: HashingEmbedder | None = None, *, re_embed: bool = False
) -> AbstractAsyncContextManager[Index]:
    """The index of a test, on the same day in every one."""
    return open_index(
        tmp_path / "index.db",
        embedder=embedder or HashingEmbedder(),
        re_embed=re_embed,
        today=lambda: TODAY,
    )


async def texts(index: Index, question: str) -> list[str]:
    found = await index.search(question, language="en", k=3)
    return [passage.text for passage in found.passages]


async def test_a_warm_start_embeds_nothing(tmp_path: Path, folder: Path) -> None:
    """The second sync of the same folder reads no document and makes no vector."""
    first, second = HashingEmbedder(), HashingEmbedder()
    async with opened(tmp_path, first) as index:
        report = await index.sync(folder)
        assert report.added == ("returns.md", "shipping.md")
        assert report.embedded == first.texts == 2
    async with opened(tmp_path, second) as index:
        report = await index.sync(folder)
        assert report.unchanged == ("returns.md", "shipping.md")
        assert (report.added, report.changed, report.removed, report.rejected) == ((), (), (), ())
        assert second.texts == 0
        assert await texts(index, "how long may I return an item")


async def test_a_sync_does_only_what_changed(tmp_path: Path, folder: Path) -> None:
    """A changed, a new, a moved and a deleted file are told apart, and only new words are embedded."""
    embedder = HashingEmbedder()
    async with opened(tmp_path, embedder) as index:
        await index.sync(folder)
        before = embedder.texts
        write(folder, "returns.md", version="2", text="You can return most items within 45 days of delivery.")
        write(folder, "gifts.md", title="Gifts", text="Gift cards are sent by e-mail.")
        (folder / "sub").mkdir()
        (folder / "shipping.md").rename(folder / "sub" / "shipping.md")
        report = await index.sync(folder)
        assert report.added == ("gifts.md",)
        assert set(report.changed) == {"returns.md", "sub/shipping.md"}
        assert report.removed == ()
        assert embedder.texts - before == 2
        assert "45 days" in (await texts(index, "how long may I return an item"))[0]
        (folder / "gifts.md").unlink()
        assert (await index.sync(folder)).removed == ("gifts.md",)
        assert not any("Gift" in text for text in await texts(index, "gift cards by e-mail"))


async def test_a_broken_file_keeps_its_last_good_version(tmp_path: Path, folder: Path) -> None:
    """A mistake is reported with file, line, key and remedy, and what was served is served on."""
    async with opened(tmp_path) as index:
        await index.sync(folder)
        write(folder, "returns.md", version="later", text="Never.")
        report = await index.sync(folder)
        (rejected,) = report.rejected
        assert (rejected.file, rejected.line, rejected.key) == ("returns.md", 6, "version")
        assert "1, 2, 3" in str(rejected)
        assert report.removed == ()
        assert "30 days" in (await texts(index, "how long may I return an item"))[0]


async def test_a_second_document_with_the_same_id_is_rejected(tmp_path: Path, folder: Path) -> None:
    """The file that served first stays, whatever the names of the files."""
    async with opened(tmp_path) as index:
        await index.sync(folder)
        write(folder, "a-copy.md", id="returns", text="You can return nothing at all.")
        (rejected,) = (await index.sync(folder)).rejected
        assert rejected.file == "a-copy.md"
        assert "returns.md" in rejected.reason
        assert "30 days" in (await texts(index, "how long may I return an item"))[0]


async def test_an_orphan_translation_and_a_strange_encoding_are_rejected(
    tmp_path: Path, folder: Path
) -> None:
    """A translation of nothing and bytes that are no UTF-8 are named."""
    write(folder, "retours-fr.md", locale="fr", translation_of="retours")
    (folder / "latin.md").write_bytes("---\nid: été\n".encode("latin-1"))
    async with opened(tmp_path) as index:
        rejected = {entry.file: entry for entry in (await index.sync(folder)).rejected}
    assert rejected["retours-fr.md"].key == "translation_of"
    assert rejected["latin.md"].line == 2


async def test_a_file_that_is_no_index_is_named(tmp_path: Path) -> None:
    """Garbage in place of the database is an error with a remedy, not a traceback of SQLite."""
    (tmp_path / "index.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreDown, match=r"index\.db.*deleting the file"):
        async with opened(tmp_path):
            pass


async def test_damaged_pages_are_named(tmp_path: Path, folder: Path) -> None:
    """A file that opens and cannot be read further is an error with a remedy too."""
    async with opened(tmp_path) as index:
        await index.sync(folder)
    file = tmp_path / "index.db"
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(StoreDown, match=r"index\.db.*deleting the file"):
        async with opened(tmp_path) as index:
            await index.search("returns", language="en", k=3)


async def test_an_index_of_an_earlier_release_is_made_anew(tmp_path: Path, folder: Path) -> None:
    """Tables of another layout hold nothing that the folder does not: the next sync fills new ones."""
    with sqlite3.connect(tmp_path / "index.db") as db:
        db.execute("CREATE TABLE index_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        db.execute("INSERT INTO index_meta VALUES ('embedder', 'an old one')")
        db.execute("CREATE TABLE index_documents (seq INTEGER PRIMARY KEY)")
    db.close()
    async with opened(tmp_path) as index:
        assert (await index.sync(folder)).added == ("returns.md", "shipping.md")


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A knowledge folder that is not there is a wrong setting."""
    async with opened(tmp_path) as index:
        with pytest.raises(SettingsError, match="nowhere"):
            await index.sync(tmp_path / "nowhere")


async def test_the_index_is_one_plain_sqlite_file(tmp_path: Path, folder: Path) -> None:
    """What is stored can be read with any SQLite: the documents, chunks and the embedder's name."""
    async with opened(tmp_path) as index:
        await index.sync(folder)
    with sqlite3.connect(tmp_path / "index.db") as db:
        assert db.execute("SELECT count(*) FROM index_chunks").fetchone() == (2,)
        assert db.execute("SELECT count(*) FROM index_vectors").fetchone() == (2,)
        query = "SELECT value FROM index_meta WHERE key = 'embedder'"
        assert db.execute(query).fetchone() == ("hashing-64/64",)
    db.close()
