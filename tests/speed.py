"""Time limits that hold on any machine: a limit grows with what the same machine takes for a fixed work.

Real speed is measured by `make bench`, beside its floors. A test of the suite only finds what runs away,
so it measures CPU, never the clock on the wall, and asks right then how slow the machine is: CI's cores
are shared, and their speed changes by the minute.
"""

import json
import time

REFERENCE_S = 0.003
"""What `_work` takes on the machine the limits were written on (best of many)."""


def limit(seconds: float) -> float:
    """That many seconds of CPU of the reference machine, in seconds of this one at this moment."""
    return seconds * max(1.0, min(_took() for _ in range(5)) / REFERENCE_S)


def _took() -> float:
    began = time.process_time()
    _work()
    return time.process_time() - began


def _work() -> int:
    """The mix a turn is made of: parsing, building dictionaries, cutting words."""
    rows = [{"id": n, "words": [f"word {n} {m}" for m in range(8)]} for n in range(150)]
    found = 0
    for _ in range(6):
        for row in json.loads(json.dumps(rows)):
            found += sum(len(word.split()) for word in row["words"])
    return found
