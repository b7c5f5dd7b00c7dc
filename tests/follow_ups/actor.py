"""A scheduler as a process of its own, to be killed: `python -m tests.follow_ups.actor URL FILE`."""

import asyncio
import sys
import time
from pathlib import Path
from typing import cast

from gateway.following import Following
from launch.scheduling import Scheduling, kept_on_time
from shared.adapters.nats.bus import open_bus
from shared.adapters.sqlite.tasks import open_tasks
from shared.ports import CommerceApi


async def main(url: str, path: Path) -> None:
    async with open_tasks(path) as tasks, open_bus(url, name="scheduler") as bus:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        following = Following(tasks, bus, cast("CommerceApi", None), time.time)
        async with kept_on_time(Scheduling(tasks=tasks, bus=bus, now=time.time, batch=5), following):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
