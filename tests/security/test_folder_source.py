"""What is read from a folder of knowledge are its own files, whatever is put there meanwhile."""

import os
import socket
from pathlib import Path

import pytest

from shared.adapters.knowledge.documents import BadDocument
from shared.adapters.knowledge.sources import Listed
from shared.adapters.knowledge.sources.folder import FolderSource

_WORDS = b"name: x\n"


@pytest.mark.parametrize("plant", ["fifo", "socket", "device", "folder"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, plant: str) -> None:
    """A pipe would be waited for, a device has no end."""
    path = tmp_path / "a.md"
    with socket.socket(socket.AF_UNIX) as sock:
        if plant == "fifo":
            os.mkfifo(path)
        elif plant == "socket":
            sock.bind(str(path))
        elif plant == "device":
            path.symlink_to("/dev/zero")
        else:
            (tmp_path / "b").mkdir()
            path.symlink_to(tmp_path / "b")
        listing = FolderSource(tmp_path).list()
    assert not listing.files
    assert [rejected.file for rejected in listing.rejected] == ["a.md"]


@pytest.mark.parametrize("swap", ["link", "outer link", "fifo", "device"])
def test_what_was_put_in_a_files_place_meanwhile_is_not_read(tmp_path: Path, swap: str) -> None:
    """Whoever may write in the folder changes the file, or the folder above it, once it was listed."""
    secret, folder = tmp_path / "secret", tmp_path / "kb"
    secret.mkdir()
    (folder / "en").mkdir(parents=True)
    (secret / "a.md").write_bytes(b"canary")
    (folder / "en" / "a.md").write_bytes(_WORDS)
    source = FolderSource(folder)
    (listed,) = source.list().files
    assert source.read(listed) == _WORDS
    (folder / "en" / "a.md").unlink()
    if swap == "link":
        (folder / "en" / "a.md").symlink_to(secret / "a.md")
    elif swap == "outer link":
        (folder / "en").rmdir()
        (folder / "en").symlink_to(secret)
    elif swap == "fifo":
        os.mkfifo(folder / "en" / "a.md")
    else:
        (folder / "en" / "a.md").symlink_to("/dev/zero")
    with pytest.raises(BadDocument):
        source.read(listed)


def test_a_name_cannot_climb_out_of_the_folder(tmp_path: Path) -> None:
    """Names come from a listing; the reader of a folder does not trust them."""
    (tmp_path / "kb").mkdir()
    (tmp_path / "a.md").write_bytes(b"canary")
    for name in ("../a.md", str(tmp_path / "a.md"), "x/../../a.md"):
        with pytest.raises(BadDocument):
            FolderSource(tmp_path / "kb").read(Listed(name, 6, ""))


def test_a_link_within_the_folder_is_read(tmp_path: Path) -> None:
    """As it was before."""
    (tmp_path / "b.md").write_bytes(_WORDS)
    (tmp_path / "a.md").symlink_to("b.md")
    source = FolderSource(tmp_path)
    assert [source.read(file) for file in source.list().files] == [_WORDS, _WORDS]
