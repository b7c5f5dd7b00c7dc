"""MiniLM without torch."""

from pathlib import Path

import numpy as np
import pytest

from shared.adapters.embedded.embedder import EmbeddedEmbedder
from shared.adapters.embedded.minilm import built_model
from shared.errors import SettingsError


async def test_vectors_agree_with_the_published_model(embedder: EmbeddedEmbedder) -> None:
    """The int8 graph is the published model: its similarities are those of the original to 0.05."""
    # all-MiniLM-L6-v2 in fp32 gives 0.695, 0.943 and 0.257 for these (our fp32 graph does so exactly).
    first, *others = await embedder.embed(
        [
            "That is a happy person",
            "That is a happy dog",
            "That is a very happy person",
            "Today is a sunny day",
        ]
    )
    found = [float(np.dot(first, other)) for other in others]
    assert found == pytest.approx([0.695, 0.943, 0.257], abs=0.05)


async def test_a_vector_does_not_depend_on_its_neighbors(embedder: EmbeddedEmbedder) -> None:
    """A text embedded alone and among many has the same vector, of unit length and 384 dimensions."""
    many = await embedder.embed(["where is my order?", *["a longer text about boots and tents " * 9] * 3])
    (alone,) = await embedder.embed(["where is my order?"])
    assert many[0] == alone
    assert len(alone) == embedder.dimensions == 384
    assert np.linalg.norm(alone) == pytest.approx(1, abs=1e-5)


async def test_long_and_empty_texts_have_vectors_too(embedder: EmbeddedEmbedder) -> None:
    """Nothing a customer can type breaks the embedder: empty, very long, other scripts."""
    vectors = await embedder.embed(["", "boots " * 5000, "靴のサイズ 👢"])
    assert np.isfinite(np.array(vectors)).all()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """When the model cannot be kept, the error names the folder and the setting to change."""
    blocked = tmp_path / "cache"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(SettingsError, match=r"cache.*DATA_DIR"):
        built_model(blocked)
