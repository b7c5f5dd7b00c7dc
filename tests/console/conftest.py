"""One console with a case that waits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.console.desk import ConsoleDesk, open_desk


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[ConsoleDesk]:
    """A conversation of two lines, in which a person was asked for."""
    async with open_desk(tmp_path) as made:
        await made.said("where is my order?", "It shipped on Monday.")
        await made.waits()
        yield made
