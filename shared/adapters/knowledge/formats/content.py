"""What every format finds in a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.adapters.knowledge.documents import Entry, Section


@dataclass(frozen=True)
class Content:
    """The text of a file by section, the metadata it states itself, and its title as far as it has one."""

    sections: tuple[Section, ...]
    said: Mapping[str, Entry] = field(default_factory=dict)
    title: str = ""
    body_line: int = 1
