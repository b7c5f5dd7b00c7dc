"""What files of this machine need beyond Python's own calls."""

import os
from pathlib import Path


def keep_names(folder: Path) -> None:
    """Have the names in `folder` on disk: a file that is synced may still lack its name after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
