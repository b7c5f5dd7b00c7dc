"""A refusal by policy is said with the facts its turn has, and the critic lets it pass."""

from collections.abc import AsyncIterator

import pytest
from msgspec import structs

from shared.adapters.embedded.judge import EmbeddedJudge
from shared.adapters.embedded.writer import open_writer
from shared.contracts import LANGUAGES, Intent, JudgeReply, Language, Topic, WriteReply
from tests.critic.drafts import draft
from tests.orders import item, order

ASKS: dict[str, dict[Language, str]] = {
    "return.final_sale": {
        "en": "I want to return order 1042.",
        "fr": "Je veux retourner la commande 1042.",
        "es": "Quiero devolver el pedido 1042.",
    },
    "cancel.too_late": {
        "en": "Please cancel order 1042.",
        "fr": "Annulez la commande 1042.",
        "es": "Cancele el pedido 1042.",
    },
}
BOOT = item("Cliff Boot", "Women's 7", "W7", price="139.00")
ORDERS = {
    "return.final_sale": order(
        "1042",
        item("Gift Card", "$25", "G", price="25.00", returnable=False),
        structs.replace(BOOT, returnable=False),
        status="delivered",
        placed_on="2026-11-02",
        total="164.00",
        shipped_on="2026-11-03",
        delivered_on="2026-11-06",
        carrier="Northway Parcel",
    ),
    "cancel.too_late": order(
        "1042",
        BOOT,
        placed_on="2026-11-02",
        total="139.00",
        shipped_on="2026-11-03",
        expected_on="2026-11-12",
        carrier="Northway Parcel",
    ),
}


async def drafts(goal: str, language: Language) -> AsyncIterator[JudgeReply]:
    """Every draft of every tone, with what conversation/planning/flows.py gives to such a topic."""
    bought, writer = ORDERS[goal], open_writer()
    facts = bought.facts()
    fields = {f.id.split("/", 1)[1]: f.id for f in facts if "/items/" not in f.id}
    items = ", ".join(line.title for line in bought.items)
    values = {"days": "30", "item": items} if goal == "return.final_sale" else {}
    topic = Topic(goal=goal, intent=Intent.RETURN_REQUEST, facts=fields, values=values)
    for register in ("neutral", "casual", "formal", "upset"):
        for n in (1, 2, 3):
            ask = WriteReply(
                conversation_id="c1", turn_id="t1", step_id="s", text=ASKS[goal][language], draft=n,
                language=language, topics=(topic,), facts=facts, register=register,
            )  # fmt: skip
            written = await writer.write(ask)
            yield draft(
                *written.sentences,
                language=language,
                text=ask.text,
                facts=facts,
                allowed_values=tuple(values.values()),
            )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("goal", sorted(ORDERS))
async def test_a_refusal_passes_in_every_tone(judge: EmbeddedJudge, goal: str, language: Language) -> None:
    """Final sale and "already shipped" are told as the policy decided, in whatever words."""
    async for ask in drafts(goal, language):
        assert (await judge.judge(ask)).findings == (), [sentence.text for sentence in ask.sentences]
