"""Those who hear a passing sign in this process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, ParamSpec

_Sign = ParamSpec("_Sign")


class Hearers(Generic[_Sign]):
    """Everybody who hears it now."""

    def __init__(self) -> None:
        self._hearers: list[Callable[_Sign, None]] = []

    def tell(self, *sign: _Sign.args, **more: _Sign.kwargs) -> None:
        """Tell them, one after another."""
        for hear in tuple(self._hearers):
            hear(*sign, **more)

    @contextmanager
    def heard_by(self, hear: Callable[_Sign, None]) -> Iterator[None]:
        """`hear` is one of them while the context is open."""
        self._hearers.append(hear)
        try:
            yield
        finally:
            self._hearers.remove(hear)
