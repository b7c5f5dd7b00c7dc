"""Learns the classifiers anew and puts them beside the code: `make learn`, after seeds or code changed."""

import asyncio
import sys
from pathlib import Path

from shared.adapters.embedded.embedder import open_embedder, ship_centers
from shared.adapters.embedded.hostility_training import ship_hostility
from shared.adapters.embedded.language import ship_detector
from shared.adapters.embedded.training import ship_understanding

CACHE = Path("data/cache")


async def _learn() -> None:
    ship_detector()  # the others read with it
    ship_centers(CACHE)
    embedder = open_embedder(CACHE)
    await ship_understanding(CACHE, embedder)
    await ship_hostility(CACHE, embedder)


if __name__ == "__main__":
    asyncio.run(_learn())
    sys.exit(0)
