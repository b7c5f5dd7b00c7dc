"""The console's keyboard shortcuts: one table, from which pages take the keys and the help sheet its list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """One shortcut: what is pressed outside of text fields, and what it does. Pages name it by `id`."""

    id: str
    press: str
    does: str


KEYS = (
    Key("help", "?", "Show this list"),
    Key("claim", "c", "Take the conversation"),
    Key("reply", "r", "Write to the customer"),
    Key("note", "n", "Write an internal note"),
    Key("approve", "a", "Send the first draft as it is"),
    Key("edit", "e", "Put the first draft into the box"),
    Key("reject", "x", "Reject the first draft"),
    Key("macros", "m", "Search the macros"),
    Key("knowledge", "k", "Search the knowledge base"),
)
PRESS = {key.id: key.press for key in KEYS}
"""For templates: `data-key="{{ press.reply }}"` binds an element."""
