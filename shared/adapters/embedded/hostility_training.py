"""Learns to tell attacks from honest messages when the cache holds nothing for them."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.adapters.embedded.arrays import (
    Arrays,
    as_lines,
    as_text,
    cached,
    keep_arrays,
    key_of_files,
    known,
    shipped,
)
from shared.adapters.embedded.attacks import load_attacks
from shared.adapters.embedded.embedder import EmbeddedEmbedder
from shared.adapters.embedded.features import Vector, Vocabulary, learn_vocabulary, plain, terms
from shared.adapters.embedded.gloss import load_glosses
from shared.adapters.embedded.hostility import Borders, Detect, Hostility, Sense, whole_words
from shared.adapters.embedded.lexicon import Lexicon
from shared.adapters.embedded.seeds import load_seeds
from shared.adapters.embedded.training import matrix
from shared.adapters.embedded.vectors import vectors_of
from shared.contracts import Intent

NAME = "hostility"
FOLDS = 2
AXES = 256  # of the 768 dimensions; all of them measure the same and take three times as long
GAMMA, STRICTNESS = 1.5, 5.0
# Errors on look-alikes count double; what is out of scope is turned away anyway and counts half.
ATTACK, LOOK_ALIKE, FOREIGN = 2.0, 2.0, 0.5
# Of the shop's own messages and of the look-alikes, how many may pass a border (on unseen samples).
FLAGGED_CUSTOMERS = 0.01
REFUSED_CUSTOMERS, REFUSED_LOOK_ALIKES = 0.0015, 0.03
REFUSED_CLAIMS = 0.01
# Of the shop's own messages, how many are plain enough to be believed against a rule that matches.
PLAIN_CUSTOMERS = 0.95
_SOURCES = (
    "attacks.py",
    "attacks/*.toml",
    "center.txt",
    "features.py",
    "gloss.py",
    "glossary/*.toml",
    "hostility.py",
    "hostility_training.py",
    "lexicon.py",
    "seeds.py",
    "seeds/*.toml",
)


@dataclass(frozen=True)
class Table:
    """Attacks, look-alikes and intent seeds as numbers."""

    vectors: Vector
    terms: list[list[str]]
    families: NDArray[np.str_]
    kinds: NDArray[np.str_]
    languages: NDArray[np.str_]

    @property
    def hostile(self) -> NDArray[np.bool_]:
        """Which rows are attacks."""
        return np.asarray(self.kinds == "attack")

    @property
    def customers(self) -> NDArray[np.bool_]:
        """Which rows are what the shop's customers say every day."""
        return np.asarray(self.kinds == "customer")

    @property
    def look_alikes(self) -> NDArray[np.bool_]:
        """Which rows are harmless and sound like an attack."""
        return np.asarray(self.kinds == "look-alike")

    def part(self, rows: NDArray[np.int64]) -> "Table":
        """These rows."""
        found = [self.terms[at] for at in rows]
        return Table(self.vectors[rows], found, self.families[rows], self.kinds[rows], self.languages[rows])


async def open_sense(cache_dir: Path, embedder: EmbeddedEmbedder, *, detect: Detect) -> Sense:
    """The classifier of attacks: as shipped, from the cache, or learned now (a minute)."""
    key = key_of(embedder)
    kept = known(NAME, key, cache_dir)
    if kept is None:
        model = await asyncio.to_thread(lambda: learn(table(cache_dir, embedder)))
        keep_arrays(cached(NAME, key, cache_dir), key=key, **_arrays(model))
    else:
        model = _from_arrays(kept)
    return Sense(model, embedder, load_glosses(), detect)


async def ship_hostility(cache_dir: Path, embedder: EmbeddedEmbedder) -> None:
    """Learn, and put the result beside the code."""
    model = await asyncio.to_thread(lambda: learn(table(cache_dir, embedder)))
    keep_arrays(shipped(NAME), key=key_of(embedder), **_arrays(model))


def table(cache_dir: Path, embedder: EmbeddedEmbedder) -> Table:
    """Every sample: the intent seeds as what customers say, attacks, look-alikes."""
    glosses = load_glosses()
    seeds, attacks = load_seeds(), load_attacks()
    spoken = [*((s.text, s.language) for s in seeds), *((s.text, s.language) for s in attacks)]
    texts = [plain(text) for text, _ in spoken]
    found = [terms(text, glosses.get(language)) for text, (_, language) in zip(texts, spoken, strict=True)]
    return Table(
        vectors_of(texts, embedder, cache_dir),
        [whole_words(of_one) for of_one in found],
        np.array([*("" for _ in seeds), *(sample.family for sample in attacks)]),
        np.array([
            *("foreign" if seed.intent is Intent.OUT_OF_SCOPE else "customer" for seed in seeds),
            *("attack" if sample.family else "look-alike" for sample in attacks),
        ]),
        np.array([language for _, language in spoken]),
    )  # fmt: skip


def learn(rows: Table) -> Hostility:
    """The classifier of all rows, with borders from what it says of rows it has not seen."""
    return replace(fit(rows), borders=_borders(rows, unseen(rows, folds(rows))))


def fit(rows: Table) -> Hostility:
    """The classifier of these rows, without borders."""
    from sklearn.svm import SVC, LinearSVC  # noqa: PLC0415 a second; only a cold cache pays

    mean = rows.vectors.mean(axis=0)
    # Every third row spans the same axes.
    axes = np.linalg.svd((rows.vectors - mean)[::3], full_matrices=False)[2][:AXES].T
    points = (rows.vectors - mean) @ axes
    importance = np.ones(len(points))
    importance[rows.hostile] = ATTACK
    importance[rows.look_alikes] = LOOK_ALIKE
    importance[rows.kinds == "foreign"] = FOREIGN
    kernel = SVC(C=STRICTNESS, gamma=GAMMA, cache_size=400).fit(points, rows.hostile, importance)
    vocabulary = learn_vocabulary(rows.terms)
    wording = LinearSVC(C=0.5, random_state=0).fit(matrix(vocabulary, rows.terms), rows.hostile, importance)
    return Hostility(
        mean=mean,
        axes=axes.astype(np.float32),
        supports=kernel.support_vectors_.astype(np.float32),
        dual=kernel.dual_coef_[0].astype(np.float32),
        bias=float(kernel.intercept_[0]),
        gamma=GAMMA,
        vocabulary=vocabulary,
        words=(4.0 * wording.coef_[0]).astype(np.float32),
        words_bias=4.0 * float(wording.intercept_[0]),
        attacks=points[rows.hostile].astype(np.float32),
        families=tuple(rows.families[rows.hostile].tolist()),
        borders=Borders(0.0, 0.0, 0.0, 0.0),
    )


def folds(rows: Table) -> NDArray[np.int64]:
    """Three neighbors of a file stay together: samples written in one breath resemble each other.

    The languages' files follow one order, so what says the same in two of them mostly shares a fold too.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    fold = np.zeros(len(rows.kinds), dtype=np.int64)
    for at, key in enumerate(zip(rows.languages, rows.kinds, rows.families, strict=True)):
        fold[at] = seen[key] // 3 % FOLDS
        seen[key] += 1
    return fold


def unseen(rows: Table, fold: NDArray[np.int64]) -> Vector:
    """The score of every row by a model that has seen no row of its fold."""
    scores = np.zeros(len(fold), dtype=np.float32)
    for k in range(int(fold.max()) + 1):
        held, rest = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        model = fit(rows.part(rest))
        scores[held] = [model.score(rows.vectors[at], rows.terms[at]) for at in held]
    return scores


def _borders(rows: Table, scores: Vector) -> Borders:
    customers, look_alikes = scores[rows.customers], scores[rows.look_alikes]
    flag = float(np.quantile(customers, 1 - FLAGGED_CUSTOMERS))
    refuse = max(
        flag,
        float(np.quantile(customers, 1 - REFUSED_CUSTOMERS)),
        float(np.quantile(look_alikes, 1 - REFUSED_LOOK_ALIKES)),
    )
    honest = float(np.quantile(customers, PLAIN_CUSTOMERS))
    return Borders(honest, flag, refuse, max(refuse, float(np.quantile(look_alikes, 1 - REFUSED_CLAIMS))))


def key_of(embedder: EmbeddedEmbedder) -> str:
    """What the classifier depends on."""
    return key_of_files(*_SOURCES, folder=Path(__file__).parent, beside=embedder.name)


def _arrays(model: Hostility) -> Arrays:
    borders = model.borders
    numbers = (model.bias, model.gamma, model.words_bias)
    return {
        "mean": model.mean,
        "axes": model.axes,
        "supports": model.supports,
        "dual": model.dual,
        "terms": model.vocabulary.lexicon.sums,
        "idf": model.vocabulary.weight,
        "words": model.words,
        "attacks": model.attacks,
        "families": as_text(list(model.families)),
        "numbers": np.array([*numbers, borders.honest, borders.flag, borders.refuse, borders.claim]),
    }


def _from_arrays(kept: Arrays) -> Hostility:
    bias, gamma, words_bias, *borders = (float(number) for number in kept["numbers"])
    return Hostility(
        mean=kept["mean"],
        axes=kept["axes"],
        supports=kept["supports"],
        dual=kept["dual"],
        bias=bias,
        gamma=gamma,
        vocabulary=Vocabulary(Lexicon(kept["terms"]), kept["idf"]),
        words=kept["words"],
        words_bias=words_bias,
        attacks=kept["attacks"],
        families=tuple(as_lines(kept["families"])),
        borders=Borders(*borders),
    )
