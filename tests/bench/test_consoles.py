"""The measurement of open consoles keeps its promise only when everything came under the whole load."""

import pytest

from bench.consoles import Measured


@pytest.mark.parametrize(
    ("p95", "missed", "per_second", "says"),
    [
        (700.0, 0, 50.0, ""),
        (900.0, 0, 50.0, "p95"),
        (100.0, 3, 50.0, "did not come"),
        (100.0, 0, 20.0, "turns/s"),
    ],
)
def test_what_breaks_the_promise(p95: float, missed: int, per_second: float, says: str) -> None:
    """Too slow, not there at all, or measured beside less than was asked for."""
    broken = Measured(p95, missed, per_second).broken(50)
    assert (len(broken), says in "".join(broken)) == (1 if says else 0, True)
