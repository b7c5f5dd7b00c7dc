"""Terms without their texts."""

import numpy as np

from shared.adapters.embedded.features import learn_vocabulary
from shared.adapters.embedded.language import key_of, learn_detector, open_detector
from shared.adapters.embedded.lexicon import Lexicon
from shared.adapters.embedded.seeds import load_seeds


def test_known_terms_have_rows_of_their_own() -> None:
    """Every known term is found, in the order asked; unknown ones are left out."""
    words = sorted({word for seed in load_seeds()[::20] for word in seed.text.split()})
    lexicon = Lexicon.of(words)
    assert len(lexicon) == len(words) == len(set(lexicon.places(words).tolist()))
    first, last = lexicon.places([words[0], words[-1]])
    assert lexicon.places([words[-1], "no such term", words[0]]).tolist() == [last, first]


def test_an_empty_lexicon_knows_nothing() -> None:
    """Neither no terms nor no question is an error."""
    assert Lexicon.of([]).places(["boots"]).tolist() == []
    assert Lexicon.of(["boots"]).places([]).tolist() == []


def test_what_is_rare_counts_more() -> None:
    """A message is a unit vector over what three messages or more say; a rare term weighs more in it."""
    vocabulary = learn_vocabulary([["order", "tent"]] * 3 + [["order"]] * 9 + [["once"]])
    columns, values = vocabulary.row(["tent", "order", "tent", "once"])
    assert np.linalg.norm(values) == np.float32(1)
    weight = dict(zip(columns.tolist(), values.tolist(), strict=True))
    tent, order = vocabulary.lexicon.places(["tent", "order"]).tolist()
    assert set(weight) == {tent, order}
    assert weight[tent] > 2 * weight[order]


def test_the_shipped_detector_is_the_learned_one() -> None:
    """What `make learn` kept says of a text what learning it now would; other words have another key."""
    shipped, made = open_detector(), learn_detector()
    for text in ("where is my parcel", "où est mon colis", "¿dónde está?", "xyzzy"):
        assert np.allclose(shipped.scores(text), made.scores(text), atol=0.05), text
    assert len(key_of()) == 16
