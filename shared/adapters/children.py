"""What our child processes have in common: they end with us, however we go."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
"""From Linux' <sys/prctl.h>: the signal a child gets when its parent is gone, however it went."""


def die_with_parent(*, nice: int = 0) -> Callable[[], None] | None:
    """What the child runs first on Linux; elsewhere a killed parent leaves it, and its lock tells who.

    `nice` is how far it stands back behind others.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask_for_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        os.nice(nice)

    return ask_for_signal
