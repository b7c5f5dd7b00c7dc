"""The console's keyboard shortcuts: one table, from which pages take the keys and the help sheet its list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """One shortcut: what is pressed outside of text fields, and what it does.

    What a customer reads at once is pressed with Ctrl: a letter may be the first of a word whose field has
    gone. `id`: an element that has `data-key="{{ press.<id> }}"` is clicked; without one the script does it.
    """

    press: str
    does: str
    id: str = ""


KEYS = (
    Key("j k", "next, previous conversation of the queue"),
    Key("Enter", "open it"),
    Key("g", "go to the next that waits"),
    Key("Ctrl Enter", "take the conversation; in a box: send what is written", "claim"),
    Key("r", "write to the customer", "reply"),
    Key("n", "write an internal note", "note"),
    Key("Ctrl Shift Enter", "send the first draft as it is", "approve"),
    Key("d", "put the first draft into the box", "edit"),
    Key("x", "reject the first draft", "reject"),
    Key("m", "search the macros", "macros"),
    Key("b", "search the knowledge base", "knowledge"),
    Key("c", "close the case, after a question", "close"),
    Key("e", "to the newest message"),
    Key("q", "back to the queue"),
    Key("/", "search all conversations"),
    Key("?", "this sheet"),
)
PRESS = {key.id: key.press for key in KEYS if key.id}
"""For templates."""
