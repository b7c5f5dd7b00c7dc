"""A refusal by policy is said with the facts its turn has, and the critic lets it pass."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.embedded.judge import EmbeddedJudge, open_judge
from shared.adapters.embedded.writer import open_writer
from shared.contracts import LANGUAGES, Intent, JudgeReply, Language, Order, OrderItem, Topic, WriteReply

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
ORDERS = {
    "return.final_sale": Order(
        number="1042", status="delivered", payment="paid", placed_on="2026-11-02", total="164.00",
        currency="USD", shipped_on="2026-11-03", delivered_on="2026-11-06", carrier="Northway Parcel",
        items=(
            OrderItem(title="Gift Card", variant="$25", sku="G", quantity=1, price="25.00", returnable=False),
            OrderItem(title="Cliff Boot", variant="Women's 7", sku="W7", quantity=1, price="139.00",
                      returnable=False),
        ),
    ),
    "cancel.too_late": Order(
        number="1042", status="shipped", payment="paid", placed_on="2026-11-02", total="139.00",
        currency="USD", shipped_on="2026-11-03", expected_on="2026-11-12", carrier="Northway Parcel",
        items=(
            OrderItem(title="Cliff Boot", variant="Women's 7", sku="W7", quantity=1, price="139.00",
                      returnable=True),
        ),
    ),
}  # fmt: skip


async def drafts(goal: str, language: Language) -> AsyncIterator[JudgeReply]:
    """Every draft of every tone, with what conversation/flows.py gives to such a topic."""
    order, writer = ORDERS[goal], open_writer()
    fields = {f.id.split("/", 1)[1]: f.id for f in order.facts() if "/items/" not in f.id}
    items = ", ".join(item.title for item in order.items)
    values = {"days": "30", "item": items} if goal == "return.final_sale" else {}
    topic = Topic(goal=goal, intent=Intent.RETURN_REQUEST, facts=fields, values=values)
    for register in ("neutral", "casual", "formal", "upset"):
        for draft in (1, 2, 3):
            ask = WriteReply(
                conversation_id="c1", turn_id="t1", step_id="s", text=ASKS[goal][language], draft=draft,
                language=language, topics=(topic,), facts=order.facts(),
                register=register,
            )  # fmt: skip
            written = await writer.write(ask)
            yield JudgeReply(
                conversation_id="c1", turn_id="t1", step_id="t1.judge", language=language, text=ask.text,
                sentences=written.sentences, facts=order.facts(), allowed_values=tuple(values.values()),
            )  # fmt: skip


@pytest.fixture(scope="module")
def judge() -> EmbeddedJudge:
    """The critic's local rules."""
    return open_judge()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("goal", sorted(ORDERS))
async def test_a_refusal_passes_in_every_tone(judge: EmbeddedJudge, goal: str, language: Language) -> None:
    """Final sale and "already shipped" are told as the policy decided, in whatever words."""
    async for ask in drafts(goal, language):
        assert (await judge.judge(ask)).findings == (), [sentence.text for sentence in ask.sentences]
