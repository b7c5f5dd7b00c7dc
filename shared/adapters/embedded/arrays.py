"""Keeps what was learned: shipped with the code, or in the cache when seeds or code have changed since."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.errors import SettingsError

SHIPPED = Path(__file__).parent / "learned"
Arrays = dict[str, NDArray[Any]]


def known(name: str, key: str, cache_dir: Path) -> Arrays | None:
    """What was learned under this key; None when it has to be learned."""
    for file in (shipped(name), cached(name, key, cache_dir)):
        kept = kept_arrays(file)
        if kept is not None and as_lines(kept["key"]) == [key]:
            return kept
    return None


def key_of_files(*files: str, folder: Path, beside: str = "") -> str:
    """Names what was learned from these files (patterns in `folder`) and from what is named `beside` them."""
    learned_from = hashlib.sha256(beside.encode())
    for pattern in files:
        for file in sorted(folder.glob(pattern)):
            learned_from.update(file.name.encode() + b"\0" + file.read_bytes())
    return learned_from.hexdigest()[:16]


def shipped(name: str) -> Path:
    """The file that comes with the code, made by `make learn`."""
    return SHIPPED / f"{name}.npz"


def cached(name: str, key: str, cache_dir: Path) -> Path:
    """Where it is kept when it was learned here."""
    return cache_dir / f"{name}-{key}.npz"


def keep_arrays(target: Path, *, key: str, **arrays: ArrayLike) -> None:
    """Write `target` in one move, so that a killed process leaves no half of it; fp32 is kept as fp16."""
    small = {name: _halved(np.asarray(array)) for name, array in arrays.items()}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
            np.savez_compressed(part, key=as_text([key]), **small)  # type: ignore[arg-type]
        Path(part.name).chmod(0o644)
        Path(part.name).replace(target)
    except OSError as error:
        raise SettingsError(
            f"cannot keep the classifier in {target.parent}: {error.strerror}; free space or set DATA_DIR"
        ) from error


def kept_arrays(file: Path) -> Arrays | None:
    """What was kept, or None when there is nothing or the file was cut short (a power failure)."""
    if not file.exists():
        return None
    try:
        # Opened here: when the content is damaged, `np.load` would leave its own file open.
        with file.open("rb") as opened, np.load(opened) as kept:
            found = {name: _doubled(array) for name, array in kept.items()}
            return found if "key" in found else None
    except (BadZipFile, EOFError, ValueError, KeyError):
        return None
    except OSError as error:
        raise SettingsError(
            f"cannot read {file}: {error.strerror}; check its permissions or DATA_DIR"
        ) from error


def as_text(lines: list[str]) -> NDArray[np.uint8]:
    """Lines as an array that needs no pickle."""
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


def as_lines(array: NDArray[Any]) -> list[str]:
    """What `as_text` was given."""
    return array.tobytes().decode().split("\n")


def _halved(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float16) if array.dtype == np.float32 else array


def _doubled(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float32) if array.dtype == np.float16 else array
