"""Lends translated passages the vectors of their English originals."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.adapters.knowledge.ranking import Row


def borrowed_vectors(translated: Sequence[Row], rows: Sequence[Row]) -> NDArray[np.float32] | None:
    """One vector per translated row; None when no original has any.

    Section n of a translation says what section n of its original says; where their numbers differ, the
    document's mean stands for each. A row without original gets zeros: words alone speak for it.
    """
    originals: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
    for row in rows:
        if row.vector is not None:
            originals[row.chunk.document].append(np.frombuffer(row.vector, dtype=np.float32))
    if not originals:
        return None
    width = len(next(iter(originals.values()))[0])
    sections: dict[str, int] = defaultdict(int)
    for row in translated:
        sections[row.chunk.document] += 1
    seen: dict[str, int] = defaultdict(int)
    found = []
    for row in translated:
        lent = originals.get(row.translation_of, [])
        place = seen[row.chunk.document]
        seen[row.chunk.document] += 1
        if not lent:
            found.append(np.zeros(width, dtype=np.float32))
        elif len(lent) == sections[row.chunk.document]:
            found.append(lent[place])
        else:
            mean = np.mean(lent, axis=0)
            found.append((mean / (np.linalg.norm(mean) or 1.0)).astype(np.float32))
    return np.stack(found)
