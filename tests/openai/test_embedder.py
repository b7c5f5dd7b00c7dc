"""Embedding with the real SDK over HTTP."""

import asyncio
import math
from types import SimpleNamespace
from typing import Any

import pytest
from openai.types import CreateEmbeddingResponse

from mock_apis.openai import KEY
from shared.adapters.openai.embedder import OpenAIEmbedder
from shared.adapters.openai.prices import load_prices
from shared.adapters.openai.retrying import Patience
from shared.adapters.openai.tuning import read_tunings
from shared.contracts import Usage
from shared.errors import ModelDown, ModelRefused
from tests.openai.conftest import Mock, Models


def _dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def embedder_over(mock: Mock, models: Models, way: str = "openai", **changes: Any) -> OpenAIEmbedder:
    settings: dict[str, Any] = {"model": "text-embedding-3-large", "dimensions": 1536, "silence_s": 5.0}
    patience = Patience(deadline_s=5, tries=2)
    client = await models.client(way)
    return OpenAIEmbedder(client, patience=patience, sleep=mock.sleep, **(settings | changes))


@pytest.mark.parametrize("way", ["openai", "azure-v1", "azure-deployment"])
async def test_embeds(mock: Mock, models: Models, way: str) -> None:
    """One unit-length vector of the asked dimensions per text, in order; like texts are near."""
    model = "embed" if way.startswith("azure") else "text-embedding-3-large"
    embedder = await embedder_over(mock, models, way, model=model, dimensions=512)
    tent, tents, boot = await embedder.embed(["a waterproof tent", "waterproof tents", "leather boots"])
    assert {len(tent), len(tents), len(boot)} == {512}
    assert math.isclose(math.hypot(*tent), 1.0, rel_tol=1e-5)
    assert _dot(tent, tents) > _dot(tent, boot) + 0.2


async def test_many_texts_go_in_batches(mock: Mock, models: Models) -> None:
    """More texts than fit in a request go in several, and come back in order."""
    embedder = await embedder_over(mock, models, dimensions=16)
    texts = [f"text {n}" for n in range(300)]
    found = await embedder.embed(texts)
    assert len(mock.calls()) == 2
    assert found[299] == (await embedder.embed(texts[299:]))[0]
    assert await embedder.embed([]) == []


async def test_wrong_dimensions(mock: Mock, models: Models) -> None:
    """Dimensions a model does not have are refused with the vendor's words."""
    with pytest.raises(ModelRefused, match="between 1 and 3072"):
        await (await embedder_over(mock, models, dimensions=5000)).embed(["tent"])


@pytest.mark.parametrize("kind", ["error", "cut", "malformed"])
async def test_trouble(mock: Mock, models: Models, kind: str) -> None:
    """One failure is tried again; failures without end are a model that is down."""
    embedder = await embedder_over(mock, models, dimensions=16)
    mock.script({"kind": kind, "only": "embeddings"})
    assert len(await embedder.embed(["tent"])) == 1
    mock.script({"kind": kind, "only": "embeddings", "times": 2})
    with pytest.raises(ModelDown):
        await embedder.embed(["tent"])


async def test_vectors_that_are_too_few_were_billed() -> None:
    """Each try that the service answered, whatever it answered."""
    answer = {
        "object": "list", "data": [], "model": "text-embedding-3-large",
        "usage": {"prompt_tokens": 9, "total_tokens": 9},
    }  # fmt: skip

    async def create(**_: Any) -> CreateEmbeddingResponse:
        return CreateEmbeddingResponse.model_validate(answer)

    paid: list[Usage] = []
    client: Any = SimpleNamespace(embeddings=SimpleNamespace(create=create))
    embedder = OpenAIEmbedder(
        client, model="text-embedding-3-large", dimensions=16, patience=Patience(deadline_s=5, tries=2),
        silence_s=5, prices=load_prices(read_tunings().general.prices),
        paid=lambda _, usages: paid.extend(usages), sleep=lambda _: asyncio.sleep(0),
    )  # fmt: skip
    with pytest.raises(ModelDown):
        await embedder.embed(["tent"])
    assert [usage.input_tokens for usage in paid] == [9, 9]
    assert all(usage.cost_usd > 0 for usage in paid)


def test_both_encodings_are_the_same_vector(mock: Mock) -> None:
    """The mock's base64 and float answers carry the same numbers."""
    import base64  # noqa: PLC0415
    import struct  # noqa: PLC0415

    def asked(encoding: str) -> Any:
        answer = mock.http.post("/v1/embeddings",
            headers={"authorization": f"Bearer {KEY}"},
            json={
                "model": "text-embedding-3-small", "input": "tent", "dimensions": 4,
                "encoding_format": encoding,
            },
        )  # fmt: skip
        return answer.json()["data"][0]["embedding"]

    packed = struct.unpack("<4f", base64.b64decode(asked("base64")))
    assert packed == pytest.approx(asked("float"), abs=1e-6)
