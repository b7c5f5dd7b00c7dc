"""Classifying with the real SDK over HTTP."""

from typing import get_args, get_type_hints

import pytest

from shared.adapters.openai.understanding import EntityFound
from shared.contracts import ClassifyIntent, Entity, Intent, Said
from shared.errors import ModelRefused
from tests.openai.conftest import IDS, PROMPTS, Mock, Models


def answer(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {
        "reasoning": "They ask where it is.",
        "needs": [{"intent": "ORDER_STATUS", "confidence": 0.9}],
        "alternatives": [],
        "sentiment": {"label": "neutral", "score": 0.0},
        "language": "en",
        "entities": [],
    }
    return {"kind": "answer", "content": told | changes}


@pytest.mark.parametrize("way", ["openai", "azure-v1", "azure-deployment"])
@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("Where is my order #1001?", Intent.ORDER_STATUS, "en"),
        ("Bonjour, où est ma commande 1001 ?", Intent.ORDER_STATUS, "fr"),
        ("Quiero devolver mi pedido 1001, por favor", Intent.RETURN_REQUEST, "es"),
    ],
)
async def test_classifies(models: Models, way: str, text: str, intent: Intent, language: str) -> None:
    """A message gets intent, language and order number through each of the three addresses."""
    model = "chat" if way.startswith("azure") else "gpt-4.1-mini"
    understanding = await models.understanding(way, model=model)
    found = await understanding.classify(ClassifyIntent(**IDS, text=text))
    assert found.needs[0].intent == intent
    assert found.language == language
    (entity,) = found.entities
    assert (entity.kind, entity.value) == ("order_number", "1001")
    assert text[entity.start : entity.end] == entity.text
    assert found.usage.engine == "openai"
    assert found.usage.model == "gpt-4.1-mini-2025-04-14"
    assert found.usage.cost_usd > 0


async def test_context_reaches_the_model(mock: Mock, models: Models) -> None:
    """What the bot asked for last is in the prompt, so a bare number continues the open intent."""
    understanding = await models.understanding()
    ask = ClassifyIntent(
        **IDS,
        text="1001",
        history=(Said(who="bot", text="Which order?"),),
        open_intent=Intent.REFUND_STATUS,
        open_slot="order_number",
        language_prior="fr",
    )
    found = await understanding.classify(ask)
    assert found.needs[0].intent == Intent.REFUND_STATUS
    assert found.language == "fr"
    assert "Which order?" in mock.calls()[0]["body"]["messages"][1]["content"]


async def test_invented_entities_are_dropped(mock: Mock, models: Models) -> None:
    """An entity that does not stand in the message is no entity; a repeated one has its own place."""
    number = {"kind": "order_number", "text": "#1001", "value": "#1001"}
    mock.script(answer(entities=[number, number, {"kind": "size", "text": "XL", "value": "XL"}]))
    understanding = await models.understanding()
    found = await understanding.classify(ClassifyIntent(**IDS, text="#1001? Yes, #1001."))
    assert [(e.value, e.start, e.end) for e in found.entities] == [("1001", 0, 5), ("1001", 12, 17)]


@pytest.mark.parametrize(
    "changes",
    [
        {"needs": []},
        {"needs": [{"intent": "ORDER_STATUS", "confidence": 1.7}]},
        {"needs": [{"intent": "PIZZA", "confidence": 0.5}]},
        {"surprise": True},
    ],
)
async def test_nonsense_is_tried_once_more_then_refused(
    mock: Mock, models: Models, changes: dict[str, object]
) -> None:
    """An answer that breaks the form, or makes no sense, gets one more try and then counts as refused."""
    understanding = await models.understanding(tries=5)
    mock.script(answer(**changes), answer())
    found = await understanding.classify(ClassifyIntent(**IDS, text="Where is it?"))
    assert found.needs[0].intent == Intent.ORDER_STATUS
    mock.script(answer(**changes) | {"times": 2})
    with pytest.raises(ModelRefused, match="intent"):
        await understanding.classify(ClassifyIntent(**IDS, text="Where is it?"))
    assert len(mock.calls()) == 4


def test_entity_kinds_are_the_contract_s() -> None:
    """The kinds a model may name are those of the contract."""
    asked, known = get_type_hints(EntityFound)["kind"], get_type_hints(Entity)["kind"]
    assert get_args(asked) == get_args(known)


def test_prompt_names_every_intent() -> None:
    """Each intent is explained to the model in a line of its own."""
    lines = (PROMPTS / "intent.md").read_text("utf-8").splitlines()
    explained = [
        line[2:].partition(":")[0] for line in lines if line.startswith("- ") and line[2:3].isupper()
    ]
    assert sorted(name for name in explained if name in set(Intent)) == sorted(Intent)
