"""Tunes the encoder's last layers to what customers of a shop want and feel."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional as f

from shared.adapters.embedded.e5 import Published
from shared.adapters.embedded.encoder import WIDTH
from shared.adapters.embedded.encoder import Tensor as Array
from tuning.model import Layer, embedded, padded, pooled

# Of twelve layers the last six: a turn pays for six layers more. Four found 2 % less in French.
FORK = 6
RANK = 16
EPOCHS = 4
BATCH = 48
RATE, HEAD_RATE = 1e-3, 1e-2
DROPOUT = 0.1
WORDS_DROPPED = 0.05
SMOOTHING = 0.1
MOODS_A_BATCH, MOOD_WEIGHT = 4, 0.3
WARM_UP = 0.1
_FEW = 6
BATCHES_SORTED = 16


@dataclass(frozen=True)
class Lesson:
    """Texts as rows of word pieces, and the number of the right answer for each."""

    rows: Sequence[Sequence[int]]
    answers: NDArray[np.int64]
    names: Sequence[str]


def tune(model: Published, intents: Lesson, moods: Lesson, *, seed: int = 0) -> dict[str, Array]:
    """What `shared.adapters.embedded.tuned` reads: changes, middle and heads; a quarter of an hour."""
    torch.manual_seed(seed)
    layers = [Layer(model.tensors, n, RANK) for n in range(FORK, model.layers)]
    wants, feels = (_below(model, lesson.rows) for lesson in (intents, moods))
    wanted, felt = (torch.tensor(lesson.answers) for lesson in (intents, moods))
    before = [_all_vectors(layers, states) for states in (wants, feels)]
    middle = before[0].mean(0)
    intent, mood = (
        _head(_told_apart(vectors, middle), lesson)
        for vectors, lesson in zip(before, (intents, moods), strict=True)
    )
    steps = EPOCHS * (len(wants) // BATCH + BATCHES_SORTED)
    work, pace = _work(layers, [intent, mood], steps)
    rare = torch.tensor(len(wants) / np.bincount(intents.answers), dtype=torch.float32).sqrt()
    for epoch in range(EPOCHS):
        order, losses = np.random.RandomState(seed + epoch), []
        for part in _batches([len(state) for state in wants], order):
            some = order.randint(len(feels), size=MOODS_A_BATCH)
            rows = [_thinned(state) for state in (*(wants[at] for at in part), *(feels[at] for at in some))]
            vectors = _told_apart(_vectors(layers, rows, DROPOUT), middle)
            loss = f.cross_entropy(
                intent(vectors[: len(part)]), wanted[part], rare / rare.mean(), label_smoothing=SMOOTHING
            ) + MOOD_WEIGHT * f.cross_entropy(mood(vectors[len(part) :]), felt[some])
            work.zero_grad()
            loss.backward()
            work.step()
            pace.step()
            losses.append(loss.item())
        print(f"round {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.3f}", flush=True)
    changes = {name: array for layer in layers for name, array in layer.learned().items()}
    return changes | {"middle": middle.numpy()} | _arrays("intent", intent) | _arrays("mood", mood)


def _arrays(name: str, head: nn.Linear) -> dict[str, Array]:
    return {f"{name}.weight": head.weight.detach().numpy().T, f"{name}.bias": head.bias.detach().numpy()}


def _thinned(state: Tensor) -> Tensor:
    """The text without a word piece here and there: no single one may decide."""
    return state[torch.rand(len(state)) > WORDS_DROPPED] if len(state) > _FEW else state


def _below(model: Published, rows: Sequence[Sequence[int]]) -> list[Tensor]:
    """What the untouched layers make of each text, once: they stay as they are."""
    layers = [Layer(model.tensors, n, 0) for n in range(FORK)]
    found: list[Tensor] = [torch.empty(0)] * len(rows)
    with torch.no_grad(), _halved():
        for part in _sorted([len(row) for row in rows]):
            words = [torch.tensor(model.words[np.asarray(rows[at])]) for at in part]
            state, seen = padded(words)
            state = embedded(model.tensors, state)
            for layer in layers:
                state = layer(state, seen, 0.0)
            for at, one in zip(part, state, strict=True):
                found[at] = one[: len(rows[at])].to(torch.bfloat16)
    return found


def _vectors(layers: Sequence[Layer], states: Sequence[Tensor], dropout: float) -> Tensor:
    state, seen = padded(states)
    with _halved():
        for layer in layers:
            state = layer(state, seen, dropout)
    return pooled(state, seen)


def _all_vectors(layers: Sequence[Layer], states: Sequence[Tensor]) -> Tensor:
    found = torch.zeros(len(states), WIDTH)
    with torch.no_grad():
        for part in _sorted([len(state) for state in states]):
            found[part] = _vectors(layers, [states[at] for at in part], 0.0)
    return found


def _told_apart(vectors: Tensor, middle: Tensor) -> Tensor:
    """e5's vectors lie within a narrow cone; without its middle they tell texts apart."""
    return f.normalize(vectors - middle, dim=-1)


def _head(vectors: Tensor, lesson: Lesson) -> nn.Linear:
    """Starts where logistic regression over the published vectors ends."""
    known = LogisticRegression(C=2.0, class_weight="balanced", max_iter=500, tol=1e-3)
    known.fit(vectors.numpy(), lesson.answers)
    head = nn.Linear(WIDTH, len(lesson.names))
    with torch.no_grad():
        head.weight.copy_(torch.tensor(known.coef_))
        head.bias.copy_(torch.tensor(known.intercept_))
    return head


def _work(
    layers: Sequence[Layer], heads: Sequence[nn.Linear], steps: int
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    def pace(step: int) -> float:
        return min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.02, 1 - step / steps)

    groups = [
        {"params": [p for one in layers for p in one.parameters()], "lr": RATE, "weight_decay": 0.01},
        {"params": [p for one in heads for p in one.parameters()], "lr": HEAD_RATE, "weight_decay": 0.0},
    ]
    work = torch.optim.AdamW(groups)
    return work, torch.optim.lr_scheduler.LambdaLR(work, pace)


def _batches(lengths: Sequence[int], order: np.random.RandomState) -> Iterator[list[int]]:
    """Texts in a new order each round, those of a batch of about one length."""
    mixed = order.permutation(len(lengths))
    found = []
    for at in range(0, len(mixed), BATCH * BATCHES_SORTED):
        near = sorted(mixed[at : at + BATCH * BATCHES_SORTED].tolist(), key=lambda n: lengths[n])
        found += [near[first : first + BATCH] for first in range(0, len(near), BATCH)]
    order.shuffle(found)
    yield from found


def _sorted(lengths: Sequence[int]) -> Iterator[list[int]]:
    near = sorted(range(len(lengths)), key=lambda n: lengths[n])
    for at in range(0, len(near), BATCH):
        yield near[at : at + BATCH]


def _halved() -> torch.autocast:
    """Products in bfloat16: a third of the time on processors that have it."""
    return torch.autocast("cpu", torch.bfloat16)
