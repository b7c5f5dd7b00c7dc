"""Gathers every byte that conversations leave behind, and searches it."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.security.canaries.needles import Hit, Search
from tests.security.canaries.people import Person

VENDORS = "data/mock/"
"""The mock shop's and helpdesk's own files: what a vendor knows, and tickets for the staff, are theirs."""
EXPORTS = "exports/"
"""What `python -m launch export` wrote for the person who asked for it."""


@dataclass
class Remains:
    """Bytes by place: files below a folder, and what strangers were sent."""

    places: dict[str, bytes] = field(default_factory=dict)
    excluded: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, parts: Iterable[bytes]) -> None:
        """What stands in no file."""
        self.places[name] = b"\n".join(parts)

    def add_folder(self, folder: Path, *, at: str) -> None:
        """Every file below the folder, hidden ones too; of databases also every row, whole.

        A row may be cut over pages, where a search of the bytes would miss it. `at` is when: files that
        processes remove at their end are looked at before.
        """
        for name, path in sorted(files(folder)):
            target = self.excluded if name.startswith((VENDORS, EXPORTS)) else self.places
            target[f"{at}: {name}"] = path.read_bytes()
            target[f"{at}: the name of {name}"] = os.fsencode(name)
            if path.suffix == ".db":
                target[f"{at}: rows of {name}"] = b"\n".join(rows(path))

    @property
    def size(self) -> int:
        """Bytes that are searched."""
        return sum(map(len, self.places.values()))

    def holders(self, word: str) -> set[str]:
        """The places with this harmless word."""
        return {name for name, data in self.places.items() if word.encode() in data}

    def leaks(self, search: Search) -> list[Hit]:
        """Every value that is found, one for each place and value."""
        found = {
            (name, hit.needle.owner, hit.needle.text): hit
            for name, data in self.places.items()
            for hit in search.find(data, name)
        }
        return list(found.values())


def search_for(people: Iterable[Person]) -> Search:
    """What may be found nowhere."""
    return Search(
        (person.number, kind, text)
        for person in people
        for kind, texts in person.values().items()
        for text in texts
    )


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Regular files by their name from the folder; links are not followed."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where) / name
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path


def rows(path: Path) -> Iterator[bytes]:
    """Every value of every row of a SQLite file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.text_factory = bytes
        tables = [
            name.decode() for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  a name from the file itself
                yield b"\t".join(v if isinstance(v, bytes) else str(v).encode() for v in row)  # fmt: skip
