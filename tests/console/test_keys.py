"""The help sheet lists the shortcuts that pages have, and only those."""

import re

from gateway.console.keys import KEYS, PRESS
from gateway.rights.page import TEMPLATES
from tests.console.desk import ConsoleDesk


def test_the_table_is_what_pages_use() -> None:
    """Every key of the table is bound by a template, and no template binds one by hand."""
    used: set[str] = set()
    for path in (TEMPLATES / "console").glob("*.html"):
        for value in re.findall(r'data-key="([^"]*)"', path.read_text("utf-8")):
            name = re.fullmatch(r"\{\{ press\.(\w+) \}\}", value)
            assert name is not None, f"{path.name} binds {value!r} past the table"
            used.add(name[1])
    assert used == set(PRESS)
    assert len({key.press for key in KEYS}) == len(KEYS), "two deeds have one key"


async def test_the_sheet(console: ConsoleDesk) -> None:
    """All of them, with what they do; it opens without scripts."""
    page = await console.page()
    for key in KEYS:
        assert f"<kbd>{key.press}</kbd></dt><dd>{key.does}" in page
    assert 'popovertarget="keys"' in page
