"""`python -m bench.profiled <folder> <role>` runs a role as launch does and writes where its CPU time went.

From SIGUSR1 on, a timer of CPU time (SIGPROF) looks at the main thread's stack every few milliseconds of
work. pyinstrument, which follows every call, slowed this loop to a quarter; this does not show in turns/s.
"""

import signal
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from launch.__main__ import main

_EVERY = 0.002
"""Asked for; a kernel with 250 ticks a second gives 4 ms."""
_SHOWN = 45


class Sampler:
    """Counts, per sample of CPU time, who worked (`own`) and who was on the stack (`within`)."""

    def __init__(self) -> None:
        self.samples = 0
        self.own: Counter[str] = Counter()
        self.within: Counter[str] = Counter()
        self.packages: Counter[str] = Counter()

    def start(self) -> None:
        """Begin."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)

    def stop(self) -> None:
        """End."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self, _: int, frame: FrameType | None) -> None:
        self.samples += 1
        seen: set[str] = set()
        package = ""
        while frame is not None:
            where = _place(frame)
            if not seen:
                self.own[where] += 1
            seen.add(where)
            # Python's own library works for whoever called it.
            package = package or ("" if where.startswith(("3.", "<")) else _package(where))
            frame = frame.f_back
        self.within.update(seen)
        self.packages[package or "python"] += 1

    def text(self) -> str:
        """Three tables: by package, by function with all it calls, by function alone."""
        whole = max(1, self.samples)

        def table(title: str, rows: Iterable[tuple[str, int]]) -> list[str]:
            return [title, *(f"{count / whole:7.1%}  {name}" for name, count in rows), ""]

        return "\n".join(
            [
                f"{self.samples} samples",
                *table("alone, by package", self.packages.most_common(25)),
                *table("with all it calls", self.within.most_common(2 * _SHOWN)),
                *table("alone", self.own.most_common(_SHOWN)),
            ]
        )


def _place(frame: FrameType) -> str:
    """`<path from its package> <function>`."""
    code = frame.f_code
    path = code.co_filename.split("site-packages/")[-1].split("/lib/python")[-1]
    root = str(Path(__file__).parent.parent)
    return f"{path.removeprefix(root).lstrip('/')} {code.co_qualname}"


def _package(where: str) -> str:
    """`shared/adapters/nats`, `langgraph`, `conversation`."""
    folders = where.split(" ", 1)[0].split("/")[:-1]
    return "/".join(folders[: 3 if folders[:1] == ["shared"] else 1]) or where


if __name__ == "__main__":
    folder, role = Path(sys.argv[1]), sys.argv[2]
    sys.argv = ["launch", role]
    sampler = Sampler()
    # Opening files and importing is not what happens in a turn.
    signal.signal(signal.SIGUSR1, lambda *_: sampler.start())
    try:
        code = main()
    finally:
        sampler.stop()
        (folder / f"{role}.profile.txt").write_text(sampler.text(), "utf-8")
    sys.exit(code)
