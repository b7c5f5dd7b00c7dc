"""A question about the product spoken of is answered, not met with its price."""

import asyncio

import pytest

from shared.adapters.embedded.embedder import open_embedder
from shared.adapters.embedded.product_questions import asked_of, described
from shared.contracts import Language
from tests.kept import models, put_knowledge
from tests.writer.followups import ask_follow_ups, load_follow_ups

# Before the writer looked at what is asked, 1 of these 15 was answered.
FLOOR = 14


def test_follow_ups_are_answered(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The first stated sentence answers, price and stock come when asked for, and the critic passes it."""
    index = tmp_path_factory.mktemp("followups") / "index.db"
    put_knowledge(index)
    asked = asyncio.run(ask_follow_ups(index, open_embedder(models()), load_follow_ups()))
    missed = [str(one) for one in asked if not one.answered]
    assert len(asked) - len(missed) >= FLOOR, "\n".join(missed)


@pytest.mark.parametrize(
    ("language", "question", "offer", "open_"),
    [
        ("en", "how much is it?", True, False),
        ("en", "do you have it in sand?", True, False),
        ("en", "tell me about the Tern tent", False, True),
        ("en", "does it have a hood", False, False),
        ("fr", "c'est combien ?", True, False),
        ("fr", "elle pèse combien ?", False, False),
        ("es", "¿cuánto cuesta?", True, False),
        ("es", "¿cuánto pesa?", False, False),
    ],
)
def test_what_is_asked_of_a_product(language: Language, question: str, offer: bool, open_: bool) -> None:
    """Price and stock, nothing in particular, or a detail."""
    asked = asked_of(question, "Tern 2 Tent", language)
    assert (asked.offer, asked.open) == (offer, open_)


def test_a_description_answers_in_its_own_sentence() -> None:
    """The sentence that speaks to the question is taken, in any language; none when none does."""
    text = "Two-person tent. Weighs 1.9 kg. The fly is rated to a 2,000 mm water column."
    assert described(asked_of("¿es impermeable?", "Tern 2 Tent", "es"), text).startswith("The fly")
    assert described(asked_of("elle est lourde ?", "Tern 2 Tent", "fr"), text) == "Weighs 1.9 kg."
    assert described(asked_of("does it have bluetooth?", "Tern 2 Tent", "en"), text) == ""
