"""Compares how sure an engine says it is with how often it is right."""

import math
from collections.abc import Sequence

import msgspec

from evals.figures import share, wilson

BINS = 10


class Bin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers with a confidence in [`at`, `at` + 0.1): the mean they said, the share that was right."""

    at: float
    n: int
    said: float
    right: float
    low: float
    high: float


def reliability(answers: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """The bins that hold an answer, by (confidence, right); confidence 1 counts to the last bin."""
    bins = []
    for n in range(BINS):
        inside = [(sure, right) for sure, right in answers if min(int(sure * BINS), BINS - 1) == n]
        if inside:
            hits = [right for _, right in inside]
            low, high = wilson(hits)
            said = math.fsum(sure for sure, _ in inside) / len(inside)
            bins.append(
                Bin(at=n / BINS, n=len(inside), said=round(said, 4), right=share(hits), low=low, high=high)
            )
    return tuple(bins)


def calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between said and right over all answers (expected calibration error)."""
    total = sum(each.n for each in bins)
    return round(sum(each.n * abs(each.said - each.right) for each in bins) / total, 4) if total else 0.0
