"""Says how likely each intent is for one message, with the weights `training` learned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.adapters.embedded.embedder import tuned_end
from shared.adapters.embedded.features import Vector, Vocabulary
from shared.contracts import Intent

INTENTS: tuple[Intent, ...] = tuple(Intent)
OUT = INTENTS.index(Intent.OUT_OF_SCOPE)
# Of the two opinions, meaning (the encoder) and wording (TF-IDF), how much the first counts; from
# cross-validation on the seeds, where 0.6 to 0.8 measure the same in all three languages.
MEANING_SHARE = 0.6
NEIGHBORS = 3
NEIGHBOR_SHARE = 10.0  # cosine differences are a tenth of the size of log-odds


@dataclass(frozen=True)
class Linear:
    """One row of weights per feature, one column per intent."""

    weight: Vector
    bias: Vector


@dataclass(frozen=True)
class Calibration:
    """Turns scores into probabilities that hold: fitted on messages the model had not seen."""

    temperature: float
    out_slope: float
    out_offset: float


@dataclass(frozen=True)
class Classifier:
    """Two linear models over meaning and wording, and the seeds' vectors as a map of known ground.

    `meaning` and `mood` (in the order of `FEELINGS`) were learned with the encoder's tuned end. `basis` holds
    the directions in which the seeds differ most: the axes of the map.
    """

    basis: Vector
    vocabulary: Vocabulary
    meaning: Linear
    wording: Linear
    mood: Linear
    ground: Vector
    inside: NDArray[np.bool_]
    calibration: Calibration

    def probabilities(self, vector: Vector, found: list[str]) -> Vector:
        """One calibrated probability per intent, in the order of `INTENTS`."""
        return self.calibrated(*self.raw(vector, found))

    def feelings(self, vector: Vector) -> Vector:
        """How likely each of `FEELINGS` is."""
        return softmax(tuned_end(vector) @ self.mood.weight + self.mood.bias)

    def by_wording(self, found: list[str]) -> Vector:
        """What the words alone say: rough, but in a tenth of a millisecond."""
        columns, values = self.vocabulary.row(found)
        return softmax(values @ self.wording.weight[columns] + self.wording.bias)

    def raw(self, vector: Vector, found: list[str]) -> tuple[Vector, float]:
        """Uncalibrated probabilities, and the log-odds that the message is nothing a shop can answer."""
        by_meaning = softmax(tuned_end(vector) @ self.meaning.weight + self.meaning.bias)
        mixed = MEANING_SHARE * by_meaning + (1 - MEANING_SHARE) * self.by_wording(found)
        odds = float(np.log(mixed[OUT] / (1 - mixed[OUT])))
        return mixed, odds + NEIGHBOR_SHARE * self.strangeness(vector)

    def strangeness(self, vector: Vector) -> float:
        """How much nearer the message is to out-of-scope seeds than to the shop's own: -1 to 1.

        A softmax must choose among what it knows, however far away that is; distance does not.
        """
        near = self.ground @ (vector @ self.basis)
        outside = np.partition(near[~self.inside], -NEIGHBORS)[-NEIGHBORS:]
        inside = np.partition(near[self.inside], -NEIGHBORS)[-NEIGHBORS:]
        return float(outside.mean() - inside.mean())

    def calibrated(self, mixed: Vector, out_odds: float) -> Vector:
        """Out of scope by its own odds; the rest shared among the intents after temperature.

        What is more likely ours than not is never turned away, however unsure it is which intent it has.
        """
        c = self.calibration
        out = 1 / (1 + np.exp(-(c.out_slope * out_odds + c.out_offset)))
        within = np.log(np.maximum(mixed, 1e-9)) / c.temperature
        within[OUT] = -np.inf
        shares = softmax(within.astype(np.float32)) * np.float32(1 - out)
        shares[OUT] = out if out > 0.5 else min(out, 0.99 * shares.max())
        return shares


def softmax(scores: Vector) -> Vector:
    """Probabilities of one row of scores."""
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())
