"""Opens the product's embedded understanding for a measurement."""

import argparse
from pathlib import Path

from shared.adapters.embedded.embedder import open_embedder
from shared.adapters.embedded.understanding import EmbeddedUnderstanding, open_understanding
from shared.contracts import ClassifyIntent, IntentClassified

CACHE = Path("data/cache")  # where `make run` keeps them too


async def understanding(args: argparse.Namespace) -> EmbeddedUnderstanding:
    """The engine with its models in `args.cache_dir`, built there when missing."""
    cache = Path(getattr(args, "cache_dir", None) or CACHE)
    return await open_understanding(cache, open_embedder(cache))


async def understood(engine: EmbeddedUnderstanding, text: str, n: int) -> IntentClassified:
    """What the engine makes of `text` as the first message of a conversation."""
    return await engine.classify(
        ClassifyIntent(conversation_id=f"eval{n}", turn_id=f"t{n}", step_id=f"t{n}.intent", text=text)
    )
