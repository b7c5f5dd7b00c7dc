"""Reads prompt files, then fills them with data that cannot pass for instructions.

A prompt file begins with `<!-- prompt: NAME, version: N -->`, then has the sections `--- system ---` and
`--- user ---`. A line `$name` in the user section becomes a data block: a tag, one line of JSON, the closing
tag. JSON keeps the value on its line, `<` is escaped, so no value can close its block or open another. The
system section holds no data at all; it stays the same from call to call, so the vendor can cache it too.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from shared.errors import SettingsError

_HEAD = re.compile(r"<!-- prompt: (\w+), version: (\d+) -->")
_SECTION = re.compile(r"^--- (system|user) ---$", re.MULTILINE)
_SLOT = re.compile(r"^\$(\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """One message of a prompt."""

    role: Literal["system", "user"]
    text: str


@dataclass(frozen=True)
class Rendered:
    """The messages of one call; calls with the same `cache_key` begin alike."""

    cache_key: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Prompt:
    """A prompt file that was read; `version` is what its first line says."""

    name: str
    version: int
    system: str
    user: str

    @property
    def key(self) -> str:
        """Name and version: what a cached prefix or answer of this prompt is kept under."""
        return f"{self.name}.v{self.version}"

    def render(self, values: Mapping[str, object]) -> Rendered:
        """The messages, with each slot replaced by a data block of the value as JSON."""
        blocks = {name: data_block(name, value) for name, value in values.items()}
        filled = _SLOT.sub(lambda slot: blocks[slot.group(1)], self.user)
        return Rendered(f"answerdesk.{self.key}", (Part("system", self.system), Part("user", filled)))


def data_block(name: str, value: object) -> str:
    """One value as data: JSON on one line between tags that it cannot contain."""
    text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e")
    # JSON leaves these three in place, but some readers end a line at them.
    for end in ("\x85", "\u2028", "\u2029"):
        escaped = escaped.replace(end, f"\\u{ord(end):04x}")
    return f'<data name="{name}">\n{escaped}\n</data>'


def load_prompt(folder: Path, name: str, *, slots: frozenset[str]) -> Prompt:
    """The prompt `NAME.md` of a folder; SettingsError says what is wrong with the file.

    `slots` are the values the code will bring: the file must use each once and no other.
    """
    path = folder / f"{name}.md"
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"prompt {path}: {error}; it must be a readable UTF-8 file") from error
    first, _, rest = text.partition("\n")
    head = _HEAD.fullmatch(first.strip())
    if head is None or head.group(1) != name:
        raise SettingsError(f"prompt {path}, line 1: {first!r}; write <!-- prompt: {name}, version: 1 -->")
    parts = _SECTION.split(rest)
    if [part.strip() for part in parts[:1]] + parts[1::2] != ["", "system", "user"]:
        raise SettingsError(f"prompt {path}: sections {parts[1::2]}; write --- system --- then --- user ---")
    system, user = parts[2].strip(), parts[4].strip()
    if stray := _SLOT.findall(system):
        raise SettingsError(f"prompt {path}: ${stray[0]} stands in the system section; move it to the user's")
    found = _SLOT.findall(user)
    if sorted(found) != sorted(slots):
        raise SettingsError(f"prompt {path}: slots {sorted(found)}; it must use each of {sorted(slots)} once")
    return Prompt(name=name, version=int(head.group(2)), system=system, user=user)
