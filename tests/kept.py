"""What all tests share and one of them makes: the encoder's files, and the knowledge base with its vectors.

Both stay between runs, under names that change with what they are made from.
"""

import asyncio
import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.adapters.embedded.embedder import open_embedder
from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.sqlite.index import open_index

ROOT = Path(__file__).parents[1]
DOCUMENTS = ROOT / "knowledge_base"
CACHE = ROOT / ".pytest_cache" / "answerdesk"


def models() -> Path:
    """The folder where the encoder's files are; the first asker builds them (ten seconds)."""
    with alone("lock"):
        open_embedder(CACHE)
    return CACHE


def put_knowledge(target: Path, *, hashing: bool = False) -> None:
    """Make `target` an index of all our documents; the first asker embeds them (fifteen seconds).

    `hashing` is for who runs with `EMBEDDER_URL=hashing://` (two seconds).
    """
    with alone("lock"):
        embedder = HashingEmbedder() if hashing else open_embedder(CACHE)
        kept = CACHE / f"knowledge-{_fingerprint(embedder.name)}.db"
        if not kept.exists():
            half = kept.with_suffix(".half")
            half.unlink(missing_ok=True)

            async def make() -> None:
                async with open_index(half, embedder=embedder) as index:
                    assert (await index.sync(DOCUMENTS)).rejected == ()

            asyncio.run(make())
            half.replace(kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, target)


def _fingerprint(embedder: str) -> str:
    made = hashlib.sha256(embedder.encode())
    for file in sorted(DOCUMENTS.rglob("*.*")):
        made.update(file.read_bytes())
    return made.hexdigest()[:12]


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One process of the run at a time for each `name`: the others wait and find it made."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
