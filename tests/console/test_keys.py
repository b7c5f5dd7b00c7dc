"""The help sheet lists the shortcuts that pages have, and only those."""

import re
from pathlib import Path

from gateway import docs
from gateway.console.keys import KEYS, PRESS
from gateway.rights.page import TEMPLATES
from tests.console.desk import ConsoleDesk

STATIC = Path(docs.__file__).parent / "static"


def test_the_table_is_what_pages_use() -> None:
    """Every key that clicks something is bound by a template, and no template binds one by hand."""
    used: set[str] = set()
    for path in (TEMPLATES / "console").glob("*.html"):
        for value in re.findall(r'data-key="([^"]*)"', path.read_text("utf-8")):
            name = re.fullmatch(r"\{\{ press\.(\w+) \}\}", value)
            assert name is not None, f"{path.name} binds {value!r} past the table"
            used.add(name[1])
    assert used == set(PRESS)


def test_the_table_is_what_the_script_does() -> None:
    """What no element is clicked for, the script does itself; no key does two things."""
    script = (STATIC / "console-keys.js").read_text("utf-8")
    table = script[script.index("const KEYS = {") : script.index("};")]
    done = set(re.findall(r"^  \"?([^\s\":]+)\"?: ", table, re.MULTILINE))
    said = {press for key in KEYS if not key.id for press in key.press.split()}
    assert done == said - {"Ctrl", "Enter"}
    assert not done & set(PRESS.values())
    assert len({key.press for key in KEYS}) == len(KEYS)


async def test_the_sheet(console: ConsoleDesk) -> None:
    """All of them, with what they do."""
    page = await console.page()
    for key in KEYS:
        assert f"<td>{key.does}</td>" in page
