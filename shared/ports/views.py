"""Views of the queue that members of staff have named for themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class SavedView:
    """`query` is the part of an address behind the question mark that the view stands for."""

    name: str
    query: str


class ViewStore(Protocol):
    """Each member's own, which go with them. Every method raises `StoreDown` when it cannot be reached."""

    async def of(self, member_id: str) -> Sequence[SavedView]:
        """A member's views by name."""
        ...

    async def keep(self, member_id: str, view: SavedView, *, most: int) -> bool:
        """Keep it, in place of one of the same name; False where it would be more than `most`."""
        ...

    async def drop(self, member_id: str, name: str) -> bool:
        """Remove it; False when there is none."""
        ...
