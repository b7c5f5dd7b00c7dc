"""Writes what nobody else may read, and finds the receipts of erasures again."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gateway.rights.context import Rights
from shared.errors import StoreDown
from shared.ports.rights import Receipt


@dataclass(frozen=True)
class Filed:
    """A receipt as it lies in its file; None is a file that is no receipt."""

    name: str
    receipt: Receipt | None
    genuine: bool


def receipts(rights: Rights, *, most: int = 200) -> Sequence[Filed]:
    """The newest receipts first, each checked against our key; a changed file says so."""
    try:
        paths = [path for path in rights.erasures.glob("*.json") if not path.name.startswith(".")]
        paths.sort(key=lambda path: (path.stat().st_mtime, path.name), reverse=True)
    except OSError as error:
        raise StoreDown(f"{rights.erasures}: {error.strerror}; check DATA_DIR") from error
    return [_filed(rights, path) for path in paths[:most]]


def receipt(rights: Rights, name: str) -> Filed | None:
    """The receipt of this file name, or None."""
    path = rights.erasures / name
    return _filed(rights, path) if path.is_file() else None


def _filed(rights: Rights, path: Path) -> Filed:
    try:
        receipt = msgspec.json.decode(path.read_bytes(), type=Receipt)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Filed(path.name, None, genuine=False)
    return Filed(path.name, receipt, genuine=rights.receipts.genuine(receipt))


def write(path: Path, data: bytes) -> None:
    """Whole or not at all, readable by us only, and on disk when this returns. Raises `StoreDown`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        fresh.replace(path)
    except OSError as error:
        raise StoreDown(
            f"{path} cannot be written: {error.strerror}; free disk space, then try again"
        ) from error


def remove(folder: Path) -> int:
    """Remove the files of a folder, overwritten first, and the folder; how many. Twice is no error."""
    if not folder.is_dir():
        return 0
    try:
        paths = [path for path in folder.iterdir() if path.is_file()]
        for path in paths:
            discard(path)
        folder.rmdir()
    except OSError as error:
        raise StoreDown(f"{folder} cannot be emptied: {error.strerror}; remove it, then try again") from error
    return len(paths)


def discard(path: Path) -> None:
    """Overwrite a file, then remove it: where the disk writes in place its bytes are gone."""
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
