"""Which model services are left alone after failures, told for who watches."""

import time
from types import SimpleNamespace
from typing import Any, cast

from shared.adapters.memory.spending import MemorySpending
from shared.adapters.openai.tuning import Tuning
from shared.adapters.openai.wiring import Models
from shared.budget import Allowance, BudgetWatch


def test_an_engine_that_failed_rests() -> None:
    """As long as the skill whose calls failed last; one that answers is not named."""
    watch = BudgetWatch(MemorySpending(), Allowance(), now=time.time)
    models = Models((), Tuning(breaker_failures=1, breaker_seconds=60.0), watch)
    engines = cast("Any", [SimpleNamespace(name="first"), SimpleNamespace(name="second")])
    assert models.resting() == {}
    for _ in range(2):
        first, second = models._links(engines, lambda engine: engine.name)
        assert first.breaker is not None
        assert second.breaker is not None
        first.breaker.report(alive=False)
        second.breaker.report(alive=True)
    assert list(models.resting()) == ["first"]
    assert 30 < models.resting()["first"] <= 60
