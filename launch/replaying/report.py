"""Adds up what a replay has found, and says whether that is within what is allowed."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from launch.replaying.comparing import Compared
from launch.replaying.purse import Bill
from shared.contracts.words import Value


class Limits(Value, frozen=True, kw_only=True):
    """What is allowed, as shares of 1; None is not looked at.

    `changed` of the turns may be decided otherwise, those included of which nobody knows what would come;
    `reworded` worded otherwise; `cost` and `latency` may be so much higher over all turns.
    """

    changed: float = 0.0
    reworded: float = 0.0
    cost: float | None = None
    latency: float | None = None


class Totals(Value, frozen=True, kw_only=True):
    """Over the turns that were replayed: dollars, and the median of the agents' milliseconds.

    Then as recorded, now as measured on this machine. `fields` counts what of decisions changed.
    """

    conversations: int
    turns: int
    same: int
    reworded: int
    changed: int
    unknown: int
    skipped: dict[str, int]
    fields: dict[str, int]
    cost_then: float
    cost_now: float
    tokens_then: int
    tokens_now: int
    agents_ms_then: float
    agents_ms_now: float

    @property
    def replayed(self) -> int:
        """How many could be compared."""
        return self.same + self.reworded + self.changed + self.unknown


class Report(Value, frozen=True, kw_only=True):
    """A whole replay, as `--json` writes it; text is tokenized. `over` are the limits that do not hold.

    `paid` is all that model services took, `totals` only of turns that could be compared.
    """

    version: int = 1
    changes: dict[str, str]
    limits: Limits
    totals: Totals
    paid: Bill = Bill()
    over: tuple[str, ...]
    turns: tuple[Compared, ...]


def totals(turns: Sequence[Compared]) -> Totals:
    """The sums over these turns."""
    verdicts = Counter(each.verdict for each in turns)
    both = [(each.then, each.now) for each in turns if each.then and each.now]
    return Totals(
        conversations=len({each.conversation for each in turns}),
        turns=len(turns),
        same=verdicts["same"],
        reworded=verdicts["reworded"],
        changed=verdicts["changed"],
        unknown=verdicts["unknown"],
        skipped=dict(Counter(each.why for each in turns if each.verdict == "skipped")),
        fields=dict(Counter(name for each in turns for name in each.changed)),
        cost_then=round(sum(then.cost_usd for then, _ in both), 6),
        cost_now=round(sum(now.cost_usd for _, now in both), 6),
        tokens_then=sum(then.tokens for then, _ in both),
        tokens_now=sum(now.tokens for _, now in both),
        agents_ms_then=_middle([then.agents_ms for then, _ in both]),
        agents_ms_now=_middle([now.agents_ms for _, now in both]),
    )


def over(found: Totals, limits: Limits, paid: Bill) -> tuple[str, ...]:
    """The limits that do not hold, each with the figure that breaks it."""
    broken: list[str] = []
    if unseen := found.skipped.get(paid.stopped, 0):
        broken.append(f"budget: {paid.stopped}; {unseen} turns were not replayed")
    for name, count, most in (
        ("changed", found.changed + found.unknown, limits.changed),
        ("reworded", found.reworded, limits.reworded),
    ):
        share = count / found.replayed if found.replayed else 0.0
        if share > most:
            broken.append(f"{name}: {count} of {found.replayed} turns ({share:.1%}), allowed {most:.1%}")
    for name, then, now, limit in (
        ("cost", found.cost_then, found.cost_now, limits.cost),
        ("latency", found.agents_ms_then, found.agents_ms_now, limits.latency),
    ):
        if limit is not None and now > then * (1 + limit):
            broken.append(f"{name}: {now:g} now, {then:g} then, allowed {limit:.1%} more")
    return tuple(broken)


def _middle(values: Sequence[float]) -> float:
    """Of those that asked an agent at all."""
    found = [value for value in values if value]
    return round(median(found), 2) if found else 0.0
