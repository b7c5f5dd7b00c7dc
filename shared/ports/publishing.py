"""What bringing the knowledge base up to date did, file by file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

SyncStage = Literal["reading", "embedding"]
Count = Callable[[int, int], None]
"""Is told how many of how many are done."""
Progress = Callable[[SyncStage, int, int], None]
"""The same for each stage of a sync: files that were read, then texts that were embedded, if any."""


@dataclass(frozen=True)
class Rejected:
    """A file that is not served as it is now; an earlier good version of it still is.

    `line` is 1-based; it is 1 where a format has no lines.
    """

    file: str
    line: int
    key: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.reason}; {self.remedy}"


@dataclass(frozen=True)
class Warned:
    """A file that is served, and what about it a person should look at."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


@dataclass(frozen=True)
class SyncReport:
    """What a sync did, by file; `embedded` counts the texts that needed a new vector.

    `warnings` are about files that were read this time: what did not change is not read again.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    warnings: tuple[Warned, ...]
    embedded: int
