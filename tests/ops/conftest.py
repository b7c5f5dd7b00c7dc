"""One desk with its operators' pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.console.desk import ConsoleDesk, open_desk


@pytest.fixture
async def ops(tmp_path: Path) -> AsyncIterator[ConsoleDesk]:
    """`ops.http("operator")` is who may look; the bus is in memory, and nothing happened yet."""
    async with open_desk(tmp_path) as made:
        yield made
