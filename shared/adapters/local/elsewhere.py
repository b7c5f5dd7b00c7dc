"""Lets a vault have its sealed values kept at another place than its own file."""

from collections.abc import Sequence
from typing import Protocol

from shared.adapters.local.rows import Row


class Elsewhere(Protocol):
    """The other place. It gets values as they are sealed: without their owner's key they say nothing."""

    def held(self, row: Row) -> bytes | None:
        """What is sealed under the row's token and key, when it is in memory."""
        ...

    async def bring(self, rows: Sequence[Row]) -> None:
        """Have them in memory. Raises `VaultDown`."""
        ...


class MissingValues(Exception):
    """Values are at the other place: bring them, then try again."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(len(rows))
        self.rows = rows
