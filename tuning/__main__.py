"""`python -m tuning`: tune the encoder to the seeds, and put the changes beside the code.

Needs torch, which nothing else here does: `.venv/bin/python -m pip install torch`. Run `make learn` after it.
The reserved tenth of the texts (`seeds.reserved`) is left out.
"""

import sys

import numpy as np

from shared.adapters.embedded.arrays import keep_arrays
from shared.adapters.embedded.classifier import INTENTS
from shared.adapters.embedded.e5 import MAX_TOKENS, read_published
from shared.adapters.embedded.features import plain
from shared.adapters.embedded.seeds import FEELINGS, load_moods, load_seeds, reserved
from shared.adapters.embedded.tuned import TUNED

_LONGEST = 128


def main() -> int:
    """Exit code 0, or 2 when torch is missing."""
    try:
        from tuning.learning import Lesson, tune  # noqa: PLC0415 says what is missing instead of failing
    except ModuleNotFoundError as error:
        print(f"tuning needs {error.name}: .venv/bin/python -m pip install {error.name}", file=sys.stderr)
        return 2
    model = read_published()

    def rows(texts: list[str]) -> list[list[int]]:
        return [model.ids(f"query: {plain(text)}")[: min(_LONGEST, MAX_TOKENS)] for text in texts]

    seeds = [seed for seed in load_seeds() if not reserved(seed.text)]
    moods = [mood for mood in load_moods() if not reserved(mood.text)]
    intents = Lesson(
        rows([seed.text for seed in seeds]), np.array([INTENTS.index(seed.intent) for seed in seeds]), INTENTS
    )
    feelings = Lesson(
        rows([mood.text for mood in moods]),
        np.array([FEELINGS.index(mood.feeling) for mood in moods]),
        FEELINGS,
    )
    keep_arrays(TUNED, key="tuning", **tune(model, intents, feelings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
