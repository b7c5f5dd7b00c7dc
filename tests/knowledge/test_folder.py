"""A folder as the source: which files are documents, and which are refused by what they are."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.adapters.knowledge.sources import folder as folder_module
from shared.adapters.knowledge.sources import replacing
from shared.adapters.knowledge.sources.folder import FolderSource
from shared.adapters.knowledge.sources.writing import ReadOnlySource, sha256
from shared.adapters.knowledge.sync import KnowledgeSync
from shared.errors import SettingsError
from tests.knowledge.folders import opened, served, write


async def test_a_huge_file_is_refused_by_its_size(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """50 MB never enter memory; the version that was served before it grew serves on."""
    read: list[str] = []
    real = folder_module._bytes
    monkeypatch.setattr(
        folder_module, "_bytes", lambda root, path: read.append(path.name) or real(root, path)
    )
    async with opened(tmp_path) as index:
        sync = KnowledgeSync(FolderSource(folder), index)
        await sync.run()
        read.clear()
        os.truncate(folder / "returns.md", 50_000_000)
        (rejected,) = (await sync.run()).rejected
        assert str(rejected).startswith("returns.md:1: file: 50,000,000 bytes are more than 10,000,000")
        assert "returns.md" not in read
        assert "30 days" in await served(index)


async def test_links_that_leave_the_folder_are_refused(tmp_path: Path, folder: Path) -> None:
    """A link is followed only within the folder, one to a folder and a pipe never; nothing hangs."""
    write(tmp_path, "secret.md", title="Secret")
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "up").symlink_to(tmp_path)
    (folder / "gone.md").symlink_to(folder / "nowhere.md")
    os.mkfifo(folder / "pipe.md")
    (folder / "same.csv").symlink_to(folder / "faq.csv")
    async with opened(tmp_path) as index:
        report = await KnowledgeSync(FolderSource(folder), index).run()
    reasons = {entry.file: entry.reason for entry in report.rejected}
    assert reasons == {
        "out.md": "leads out of the folder",
        "up": "leads out of the folder",
        "gone.md": "cannot be read: No such file or directory",
        "pipe.md": "is not a regular file",
    }
    assert "same.csv" in report.added


async def test_hidden_files_readmes_and_other_kinds_are_not_documents(tmp_path: Path, folder: Path) -> None:
    """An editor's leavings and pictures are passed over without a word."""
    for name in (".draft.md", "README.md", "logo.png", "FACTS.toml", ".git/notes.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    async with opened(tmp_path) as index:
        report = await KnowledgeSync(FolderSource(folder), index).run()
    assert (len(report.added), report.rejected) == (4, ())


async def test_a_name_that_would_fool_a_terminal_is_refused(tmp_path: Path, folder: Path) -> None:
    """Control characters in a file's name reach no report."""
    (folder / "a\x1b[2J.csv").write_text("question,answer\na,b\n")
    async with opened(tmp_path) as index:
        (rejected,) = (await KnowledgeSync(FolderSource(folder), index).run()).rejected
    assert rejected.file == "a\\x1b[2J.csv"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "is not there"),
        (lambda path: path.write_text("a file"), "is not there"),
    ],
    ids=["nothing", "a file"],
)
async def test_a_source_that_is_no_folder_is_a_wrong_setting(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    """It is named, and nothing is removed because of it."""
    make(tmp_path / "kb")
    async with opened(tmp_path) as index:
        with pytest.raises(SettingsError, match=words):
            await KnowledgeSync(FolderSource(tmp_path / "kb"), index).run()


def test_a_file_that_is_replaced_keeps_its_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who edits it beside us still may, and who might not read it still may not; a new one is for all."""
    given = list[tuple[int, int]]()

    def fchown(_: int, owner: int, group: int) -> None:
        given.append((owner, group))
        if owner != -1:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.fchown", fchown)
    for mode in (0o664, 0o600):
        file = tmp_path / "returns.md"
        file.write_bytes(b"old")
        file.chmod(mode)
        FolderSource(tmp_path).replace("returns.md", b"new", over=sha256(b"old"))
        assert (file.read_bytes(), file.stat().st_mode & 0o777, given) == (b"new", mode, [])
    FolderSource(tmp_path).replace("new.md", b"new", over="")
    assert (tmp_path / "new.md").stat().st_mode & 0o444 == 0o444
    with (tmp_path / "new.md").open("rb") as opened_file:
        replacing._like(os.stat_result((0o100640, 0, 0, 1, 12345, 54321, 3, 0, 0, 0)), opened_file.fileno())
    assert given == [(12345, 54321), (-1, 54321)]
    assert (tmp_path / "new.md").stat().st_mode & 0o777 == 0o640


def test_a_link_on_the_way_is_refused_and_every_file_closed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that is closed twice may be another thread's file the second time."""
    (tmp_path / "real").mkdir()
    (tmp_path / "kb" / "en").mkdir(parents=True)
    (tmp_path / "kb" / "en" / "away").symlink_to(tmp_path / "real")
    trouble, close = list[OSError](), os.close

    def closed(file: int) -> None:
        try:
            close(file)
        except OSError as error:
            trouble.append(error)
            raise

    monkeypatch.setattr("os.close", closed)
    with pytest.raises(ReadOnlySource):
        FolderSource(tmp_path / "kb").replace("en/away/a.md", b"x", over="")
    assert trouble == []
