"""A service is left alone when it is slow or refuses, and used again when it has recovered."""

from shared.adapters.pace import Pace


class Clock:
    """Time that passes when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_closes_on_the_95th_percentile() -> None:
    """One slow answer in twenty is normal, more close it; a few answers say nothing."""
    pace = Pace(limit_s=0.1)
    for _ in range(19):
        pace.answered(5.0)
    assert pace.open
    assert pace.p95_s == 0
    pace = Pace(limit_s=0.1)
    for n in range(100):
        pace.answered(0.5 if n % 30 == 29 else 0.01)
    assert pace.open
    assert pace.p95_s == 0.01
    for _ in range(2):
        pace.answered(0.5)
        assert pace.open
    pace.answered(0.5)
    assert not pace.open
    assert not pace.may_try


def test_opens_after_five_good_tries() -> None:
    """After its rest one try at a time; a slow or failed one starts the rest anew."""
    clock = Clock()
    pace = Pace(limit_s=0.1, rest_s=5, now=clock)
    pace.failed()
    clock.now = 4.9
    assert not pace.may_try
    clock.now = 5.0
    assert pace.may_try
    for seconds in (0.01, 0.01, 0.01, 0.01, 0.2):
        assert not pace.open
        pace.answered(seconds)
    assert not pace.may_try
    clock.now = 10.0
    for _ in range(5):
        assert not pace.open
        pace.answered(0.01)
    assert pace.open


def test_waits_as_long_as_it_is_asked_to() -> None:
    """A longer wait that the service names is kept to."""
    clock = Clock()
    pace = Pace(rest_s=5, now=clock)
    pace.failed(rest_s=30)
    clock.now = 29.0
    assert not pace.may_try
    clock.now = 30.0
    assert pace.may_try
