"""How each service stands, from one look at the bus."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from shared.ports import ConsumerLoad, Load


@dataclass(frozen=True)
class Standing:
    """One service with the consumers that are its own."""

    service: str
    consumers: Sequence[ConsumerLoad]

    @property
    def taken(self) -> int:
        """How many of its consumers somebody takes from."""
        return sum(each.consumed for each in self.consumers)

    @property
    def state(self) -> str:
        """`taking`, `partly`, or `nobody`: whether what comes for it is taken."""
        if self.taken == len(self.consumers):
            return "taking"
        return "partly" if self.taken else "nobody"

    @property
    def pending(self) -> int:
        """Messages not delivered yet."""
        return sum(each.pending for each in self.consumers)

    @property
    def in_hand(self) -> int:
        """Messages delivered and not settled yet."""
        return sum(each.ack_pending for each in self.consumers)

    @property
    def again(self) -> int:
        """Messages in hand that came before."""
        return sum(each.redelivered for each in self.consumers)

    @property
    def idle(self) -> float | None:
        """Seconds since anything was delivered to it or settled by it; None for never."""
        return min((each.idle for each in self.consumers if each.idle is not None), default=None)


def standings(load: Load) -> list[Standing]:
    """Every service by name, those that nobody runs too."""
    named = sorted((each for each in load.consumers if each.service), key=attrgetter("service", "name"))
    return [Standing(name, tuple(each)) for name, each in groupby(named, key=attrgetter("service"))]
