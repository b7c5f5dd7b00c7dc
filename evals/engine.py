"""Opens the product's engine for a measurement."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from shared.adapters.embedded.embedder import open_embedder
from shared.adapters.embedded.judge import open_critic
from shared.adapters.embedded.understanding import EmbeddedUnderstanding, open_understanding
from shared.contracts import ClassifyIntent, IntentClassified
from shared.ports import Judge, Understanding
from shared.settings import read_settings

if TYPE_CHECKING:
    from shared.adapters.openai.wiring import Models

CACHE = Path("data/cache")  # where `make run` keeps them too
PROMPTS = Path("agents/prompts")
MOCK = "openai-mock"
# `configured` is what MODEL_URL and its companions name: rows are sent to that model as they are.
ENGINES = ("embedded", MOCK, "configured")


def cache_dir(args: argparse.Namespace) -> Path:
    """Where built models are kept."""
    return Path(getattr(args, "cache_dir", None) or CACHE)


async def understanding(args: argparse.Namespace) -> EmbeddedUnderstanding:
    """The embedded engine with its models in `args.cache_dir`, built there when missing."""
    cache = cache_dir(args)
    return await open_understanding(cache, open_embedder(cache))


@asynccontextmanager
async def opened_understanding(args: argparse.Namespace) -> AsyncIterator[Understanding]:
    """What classifies in the engine of `args.engine`."""
    if _name(args) == "embedded":
        yield await understanding(args)
        return
    async with _remote(args) as models:
        yield models.engines[0].understanding


@asynccontextmanager
async def opened_judge(args: argparse.Namespace) -> AsyncIterator[Judge]:
    """What screens in the engine of `args.engine`: this machine's critic, and a model behind it."""
    cache = cache_dir(args)
    local = await open_critic(cache, open_embedder(cache))
    if _name(args) == "embedded":
        yield local
        return
    async with _remote(args) as models:
        yield models.judge(local)


async def understood(engine: Understanding, text: str, n: int) -> IntentClassified:
    """What the engine makes of `text` as the first message of a conversation."""
    return await engine.classify(
        ClassifyIntent(conversation_id=f"eval{n}", turn_id=f"t{n}", step_id=f"t{n}.intent", text=text)
    )


def _name(args: argparse.Namespace) -> str:
    return str(getattr(args, "engine", None) or "embedded")


@asynccontextmanager
async def _remote(args: argparse.Namespace) -> "AsyncIterator[Models]":
    from shared.adapters.openai.wiring import open_models  # noqa: PLC0415  only who asks for it pays

    settings = read_settings(model_url="mock://openai") if _name(args) == MOCK else read_settings()
    async with open_models(settings, prompts=PROMPTS) as models:
        yield models
