"""What the operators' pages stand on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.ops.explaining.traced import Traced
from gateway.ops.looking import Looks
from gateway.ops.money import PriceList
from shared.budget import BudgetStatus
from shared.ports.spending import Spending
from shared.telemetry.taking import Health
from shared.traces_pack import Query, read_pack


@dataclass(frozen=True)
class OpsRoom:
    """Opened once by the launcher; a page without its part says so. `budget` asks no store."""

    looks: Looks
    spending: Spending | None = None
    prices: PriceList | None = None
    budget: Callable[[], BudgetStatus] | None = None
    resting: Callable[[], Mapping[str, float]] = dict
    """Model services that this process leaves alone after failures, with the seconds they still rest."""
    tracing: Callable[[], Health] = Health
    """What takes traces, and how it takes those of every process."""
    traced: Traced = field(default_factory=Traced)
    pack: Mapping[str, Query] = field(default_factory=read_pack)
