"""`python -m tests.journeys.browser [NAME ...]` lets the journeys happen, and writes their transcripts."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.journeys.browser.journey import HERE
from tests.journeys.browser.stage import SETTINGS, open_stage
from tests.journeys.browser.stories import STORIES, happen
from tests.shop import Shop, running_shop


async def tell(shop: Shop, names: list[str]) -> int:
    """How many have something that is wrong."""
    wrong = 0
    async with open_stage(shop) as stage:
        for name in names or STORIES:
            began = time.monotonic()
            text, found = await happen(stage, name)
            (HERE / f"{name}.md").write_text(text, encoding="utf-8")
            wrong += bool(found)
            sys.stdout.write("\n  ".join([f"{name}: {time.monotonic() - began:.1f} s", *found]) + "\n")
    return wrong


def main() -> int:
    """All of them, or those that are named."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        began = time.monotonic()
        with running_shop(Path(folder), **SETTINGS) as shop:
            sys.stderr.write(f"the shop is open after {time.monotonic() - began:.1f} s\n")
            return asyncio.run(tell(shop, sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
