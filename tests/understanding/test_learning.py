"""Seeds, glossary and what is kept of them."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shared.adapters.embedded import arrays, hostility_training, language, training
from shared.adapters.embedded.classifier import Classifier
from shared.adapters.embedded.embedder import EmbeddedEmbedder, centers_key
from shared.adapters.embedded.gloss import load_gloss
from shared.adapters.embedded.seeds import FEELINGS, FOLDER, load_moods, load_seeds, reserved
from shared.adapters.embedded.understanding import open_understanding
from shared.contracts import LANGUAGES, Intent
from shared.errors import SettingsError


def test_every_language_teaches_every_intent_once() -> None:
    """Each intent has 35 seeds or more in each language, and no message stands twice."""
    seeds = load_seeds()
    for spoken in LANGUAGES:
        texts = [seed.text for seed in seeds if seed.language == spoken]
        assert len(texts) == len(set(texts))
        for intent in Intent:
            assert sum(seed.intent is intent and seed.language == spoken for seed in seeds) >= 35


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text + "\n[REFUNDS]\nmessages = ['x']", "fr.toml: \\[REFUNDS\\] is not known"),
        (
            lambda text: text.replace("[EXCHANGE]\nmessages", "[EXCHANGE]\nmassages"),
            "fr.toml: \\[EXCHANGE\\]",
        ),
        (lambda text: text.replace("[EXCHANGE]", "[EXCHANGE"), "cannot read the seeds fr.toml"),
    ],
)
def test_wrong_seeds_are_refused(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    """A seed file with an error is named, with the table that is wrong."""
    for file in FOLDER.glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(change(text) if file.name == "fr.toml" else text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        load_seeds(tmp_path)


def test_every_language_teaches_every_feeling_once() -> None:
    """Each feeling has 100 messages or more in each language, and no message stands twice."""
    moods = load_moods()
    for spoken in LANGUAGES:
        texts = [mood.text for mood in moods if mood.language == spoken]
        assert len(texts) == len(set(texts))
        for feeling in FEELINGS:
            assert sum(mood.feeling == feeling and mood.language == spoken for mood in moods) >= 100


def test_a_tenth_is_kept_from_the_tuning() -> None:
    """About a tenth of the seeds of every intent calibrates what was learned from the others."""
    seeds = load_seeds()
    for intent in Intent:
        share = np.mean([reserved(seed.text) for seed in seeds if seed.intent is intent])
        assert 0.05 < share < 0.16, intent


def test_the_gloss_gives_english_words() -> None:
    """Shop talk in French and Spanish becomes English words, endings and phrases included."""
    assert load_gloss("fr").english("J'ai oublié mon mot de passe") == "i have forgot my password"
    assert load_gloss("es").english("¿Cuánto cuesta el saco de dormir?") == "how much the sleeping bag ?"


@pytest.mark.parametrize("name", ["center", "language", "understanding", "hostility"])
def test_what_is_shipped_was_learned_from_these_seeds(
    name: str, embedder: EmbeddedEmbedder, tmp_path: Path
) -> None:
    """The classifiers beside the code are those of this code and these seeds; if not: `make learn`."""
    keys = {
        "center": centers_key(),
        "language": language.key_of(),
        "understanding": training.key_of(embedder),
        "hostility": hostility_training.key_of(embedder),
    }
    assert arrays.known(name, keys[name], tmp_path) is not None, "seeds or code changed: run `make learn`"


async def test_a_damaged_file_is_learned_again(
    embedder: EmbeddedEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A classifier that was cut short is not believed and does not stop the start."""
    whole = arrays.shipped("understanding").read_bytes()
    monkeypatch.setattr(arrays, "SHIPPED", tmp_path / "learned")
    (tmp_path / "learned").mkdir()
    arrays.shipped("understanding").write_bytes(whole[:5000])
    learning = []

    def learn(*of: object) -> None:
        learning.append(of)
        raise InterruptedError

    monkeypatch.setattr(training, "_learn", learn)
    with pytest.raises(InterruptedError):
        await open_understanding(tmp_path, embedder)
    assert len(learning) == 1


async def test_what_is_learned_here_is_kept(
    embedder: EmbeddedEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change of seeds the cache serves the next start."""
    kept = arrays.kept_arrays(arrays.shipped("understanding"))
    assert kept is not None
    monkeypatch.setattr(arrays, "SHIPPED", tmp_path / "learned")
    learning = []

    def learn(*of: object) -> Classifier:
        learning.append(of)
        return training.from_arrays(kept)

    monkeypatch.setattr(training, "_learn", learn)
    for _ in range(2):
        await open_understanding(tmp_path, embedder)
    assert len(learning) == 1


def test_no_seed_is_a_line_of_the_public_data() -> None:
    """The engine is measured on other people's words and has learned none of them."""
    folder = Path(__file__).parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the public data is absent (../shared/data): this was NOT checked")
    seeds = {seed.text.lower().strip(" .!?¿¡") for seed in load_seeds()}
    for name in ("intent_human", "intent_templated", "oos", "language"):
        lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        texts = {json.loads(line)["text"].lower().strip(" .!?¿¡") for line in lines}
        # Up to four words are nobody's: every shop hears "where is my order".
        assert sorted(text for text in seeds & texts if len(text.split()) > 4) == []
