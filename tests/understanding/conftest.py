"""One embedded engine for all tests of this folder; what it learned stays in pytest's cache."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.embedded.embedder import EmbeddedEmbedder, open_embedder
from shared.adapters.embedded.understanding import EmbeddedUnderstanding, open_understanding
from shared.contracts import ClassifyIntent, IntentClassified
from tests import kept

Classify = Callable[..., Awaitable[IntentClassified]]


@pytest.fixture(scope="session")
def models() -> Path:
    return kept.models()


@pytest.fixture(scope="session")
def embedder(models: Path) -> EmbeddedEmbedder:
    return open_embedder(models)


@pytest.fixture(scope="session")
def engine(models: Path, embedder: EmbeddedEmbedder) -> EmbeddedUnderstanding:
    return asyncio.run(open_understanding(models, embedder))


@pytest.fixture(scope="session")
def classify(engine: EmbeddedUnderstanding) -> Classify:
    def ask(text: str, **context: Any) -> Awaitable[IntentClassified]:
        return engine.classify(
            ClassifyIntent(conversation_id="c1", turn_id="t1", step_id="t1.intent", text=text, **context)
        )

    return ask
