"""A conversation store on a file of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.adapters.sqlite.store import open_store
from shared.ports import ConversationStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    async with open_store(tmp_path / "desk.db") as opened:
        yield opened
