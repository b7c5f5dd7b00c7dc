"""What an index's back end must offer so that a publication is seen whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from shared.adapters.knowledge.versions import Version, text_hash
from shared.errors import ModelDown
from shared.ports import Embedder
from shared.ports.publishing import Count

# Small enough that little is paid again when the embedder dies in the middle.
_BATCH = 32


@dataclass(frozen=True)
class State:
    """Which publication is served; `token` is empty before the first, `embedder` made its vectors.

    `ranked_at` is the path by which a server ranks them, empty when that is done in process.
    """

    token: str
    embedder: str | None
    ranked_at: str = ""


class IndexRows(Protocol):
    """The stored side of an index; every method may raise `StoreDown`.

    Vectors lie apart from the documents, by embedder and hash of their text: a publication that was cut
    off finds them again, and one that succeeds has them all before anyone sees it.
    """

    @property
    def where(self) -> str:
        """The place, as messages name it; without password."""
        ...

    async def state(self) -> State:
        """What is published now; cheap, asked before searches."""
        ...

    async def read(self) -> tuple[State, tuple[Version, ...]]:
        """One publication, whole: every version that is kept, oldest first."""
        ...

    async def vectors(self, embedder: str, hashes: Sequence[str]) -> dict[str, bytes]:
        """The remembered vectors among `hashes`, as float32 bytes."""
        ...

    async def remember(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors by the hash of their text; durable when this returns."""
        ...

    async def publish(self, versions: Sequence[Version], *, embedder: str, over: State) -> None:
        """Serve `versions` in place of the publication `over`, in one step.

        Raises `StoreBusy` when another process has published since `over` was read.
        """
        ...


async def missing(rows: IndexRows, embedder: str, texts: Sequence[str]) -> list[str]:
    """Those of `texts` without a remembered vector, each once."""
    by_hash = {text_hash(text): text for text in texts}
    known = await rows.vectors(embedder, list(by_hash))
    return [text for key, text in by_hash.items() if key not in known]


async def embed(
    rows: IndexRows, embedder: Embedder, texts: Sequence[str], progress: Count | None = None
) -> None:
    """Make and remember the vectors of `texts`; raises `ModelDown`, keeping the batches that were done."""
    told = progress or _untold
    for start in range(0, len(texts), _BATCH):
        told(start, len(texts))
        batch = texts[start : start + _BATCH]
        made = np.asarray(await embedder.embed(batch, kind="passage"), dtype=np.float32)
        if made.shape != (len(batch), embedder.dimensions):
            raise ModelDown(
                f"the embedder {embedder.name!r} gave vectors of shape {made.shape} for {len(batch)} texts "
                f"of {embedder.dimensions} dimensions; check EMBEDDER_DIMENSIONS"
            )
        remembered = {text_hash(text): vector.tobytes() for text, vector in zip(batch, made, strict=True)}
        await rows.remember(full_name(embedder), remembered)
        told(start + len(batch), len(texts))


def _untold(_done: int, _all: int) -> None:
    """Nobody watches."""


def full_name(embedder: Embedder) -> str:
    """What an index remembers of the embedder: vectors of two names are never compared."""
    return f"{embedder.name}/{embedder.dimensions}"


def used_hashes(versions: Sequence[Version]) -> set[str]:
    """The hashes of every text that `versions` hold."""
    return {text_hash(chunk.embedded_text) for version in versions for chunk in version.chunks}
