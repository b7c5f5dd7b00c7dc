"""The look at the bus in memory, told as the one at a server is."""

import time
from collections.abc import Collection, Iterable, Mapping

from shared.adapters.memory.inbox import Inbox
from shared.adapters.memory.results import MemoryResults
from shared.ports import ConsumerLoad, Load, StreamLoad


def load(
    inboxes: Iterable[Inbox],
    turns: Collection[tuple[str, str]],
    results: MemoryResults,
    workers: int,
    kept: Mapping[str, int],
) -> Load:
    """See `Bus.load`; `turns` are all that were accepted, `kept` how many asks and events are remembered."""
    now = time.time()
    unfinished = sum(results.find(*key) is None for key in turns)
    working = ConsumerLoad(
        name="work",
        stream="TURNS_IN",
        service="conversation",
        pending=0 if workers else unfinished,
        ack_pending=unfinished if workers else 0,
        redelivered=0,
        waiting=workers,
        idle=None,
    )
    counts = {**kept, "TURNS_IN": len(turns), "TURNS_OUT": results.count, "DEAD": len(results.dead)}
    oldest = max((now - each.letter.at for each in results.dead.values()), default=None)
    return Load(
        at=now,
        streams=tuple(
            StreamLoad(name=name, messages=count, bytes=0, oldest=oldest if name == "DEAD" else None)
            for name, count in counts.items()
        ),
        consumers=(*(each.load(now) for each in inboxes), working),
        dead_letters=len(results.dead),
    )
