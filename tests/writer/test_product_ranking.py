"""Which product comes first, and how two differ, is told by what the shop and its pages measure."""

import pytest

from shared.adapters.embedded.product_reader import open_product_reader
from shared.contracts import Language
from shared.ports import ProductReading
from tests.products import catalogue

READER = open_product_reader()
SHELF = catalogue()


def read(question: str, language: Language = "en") -> ProductReading:
    return READER.read(question, language=language, products=SHELF, passages=())


@pytest.mark.parametrize(
    ("language", "question", "by", "first"),
    [
        ("en", "What is your cheapest tent?", "price", ["saltmarsh-tarp", "plover-solo-tent"]),
        ("en", "what's your most expensive jacket?", "price", ["gale-alpine-shell", "hearth-down-jacket"]),
        (
            "en",
            "what's the warmest sleeping bag?",
            "warmth",
            ["ember-0-sleeping-bag", "ember-20-sleeping-bag"],
        ),
        ("fr", "Quelle est la tente la plus légère ?", "weight", ["saltmarsh-tarp", "plover-solo-tent"]),
        (
            "fr",
            "Quel est votre sac à dos le plus grand ?",
            "size",
            ["longshore-65-pack", "longshore-45-pack"],
        ),
        ("en", "what's the most waterproof jacket?", "rain", ["gale-alpine-shell"]),
        ("en", "what is the least expensive backpack", "price", ["skiff-hip-pack", "drift-22-daypack"]),
        ("es", "¿Cuál es la mochila más liviana?", "weight", ["drift-22-daypack"]),
        ("es", "¿Cuál es la tienda más barata?", "price", ["saltmarsh-tarp", "plover-solo-tent"]),
        ("es", "¿Cuál es el saco de dormir más cálido?", "warmth", ["ember-0-sleeping-bag"]),
    ],
)
def test_the_first_of_a_kind(language: Language, question: str, by: str, first: list[str]) -> None:
    """By what the shop and its pages measure; where a tarp comes first, the first tent is shown too."""
    reading = read(question, language)
    assert reading.ranking is not None
    assert reading.ranking.by == by
    assert [product.handle for product in reading.ranking.order][: len(first)] == first
    assert not reading.property_asked
    assert READER.weighs(question)


@pytest.mark.parametrize(
    ("language", "question", "handles", "first"),
    [
        (
            "en",
            "Which is lighter: Plover or Tern 2?",
            ["plover-solo-tent", "tern-2-tent"],
            "plover-solo-tent",
        ),
        ("en", "compare the Longshore 45 and the 65", ["longshore-45-pack", "longshore-65-pack"], ""),
        ("en", "Hearth or Kindling, which is warmer?", ["hearth-down-jacket", "kindling-fleece"], ""),
        (
            "fr",
            "L'Ember 20 est-il plus chaud que l'Ember 0 ?",
            ["ember-20-sleeping-bag", "ember-0-sleeping-bag"],
            "ember-0-sleeping-bag",
        ),
        (
            "es",
            "¿Cuál es más barata, la Drift 22 o la Longshore 45?",
            ["drift-22-daypack", "longshore-45-pack"],
            "drift-22-daypack",
        ),
    ],
)
def test_products_that_are_weighed(language: Language, question: str, handles: list[str], first: str) -> None:
    """All that are named, in the question's order; no first one where a page does not measure it."""
    reading = read(question, language)
    assert [product.handle for product in reading.rivals] == handles
    order = reading.ranking.order if reading.ranking else ()
    assert [product.handle for product in order][:1] == ([first] if first else [])


def test_a_number_belongs_to_its_name() -> None:
    """The 3 of a Tern 3 is no "3-season" of the Tern 2."""
    assert [product.handle for product in read("when is the Tern 3 back?").products] == ["tern-3-tent"]


@pytest.mark.parametrize(
    "question", ["do you have the Tern 2 and the Tern 3 in stock?", "how much are the Tern 2 and the Tern 3?"]
)
def test_two_that_are_named_are_both_told(question: str) -> None:
    """Their price and stock; nothing is weighed."""
    reading = read(question)
    assert [product.handle for product in reading.rivals] == ["tern-2-tent", "tern-3-tent"]
    assert (reading.offer, reading.ranking, reading.compares) == (True, None, False)
