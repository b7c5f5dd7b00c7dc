"""What the embedded engine makes of messages, alone and in a conversation."""

import pytest

from shared.adapters.embedded.embedder import EmbeddedEmbedder
from shared.contracts import Intent, Said
from tests.understanding.conftest import Classify

TOKEN = "TOKEN_0b0e6a52-3c1d-4f7e-9a51-7d2f40c1a2b3"


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("where on earth is the lantern I ordered", "en", Intent.ORDER_STATUS),
        ("I would like to return these sandals", "en", Intent.RETURN_REQUEST),
        ("swap my M for an L please", "en", Intent.EXCHANGE),
        ("what do I get with gold level points", "en", Intent.LOYALTY_PROGRAM),
        ("j'aimerais renvoyer les gants", "fr", Intent.RETURN_REQUEST),
        ("ma commande n'est toujours pas là", "fr", Intent.ORDER_STATUS),
        ("passez-moi un conseiller", "fr", Intent.ESCALATION_REQUEST),
        ("quiero hablar con una persona", "es", Intent.ESCALATION_REQUEST),
        ("no puedo entrar en mi cuenta", "es", Intent.ACCOUNT_HELP),
        ("cancelen mi pedido 1004", "es", Intent.CANCELLATION),
    ],
)
async def test_plain_wishes_in_three_languages(
    classify: Classify, text: str, language: str, intent: Intent
) -> None:
    """A plain wish is understood in its language, sure enough to act on (0.7)."""
    found = await classify(text)
    assert (found.language, found.needs[0].intent) == (language, intent)
    assert found.needs[0].confidence >= 0.7


@pytest.mark.parametrize(
    "text",
    [
        "who painted the night watch",
        "book me a hotel in Lisbon",
        "écris-moi un poème sur la lune",
        "cuánto es 15 por 37",
        "qwrt zzxv plk",
    ],
)
async def test_what_no_shop_answers_is_out_of_scope(classify: Classify, text: str) -> None:
    """A question no shop could answer is out of scope, also when it is short or nonsense."""
    assert (await classify(text)).needs[0].intent is Intent.OUT_OF_SCOPE


@pytest.mark.parametrize("text", ["hello", "Hi there!", "thanks a lot", "bonsoir", "muchas gracias", "👍"])
async def test_small_talk_is_a_general_inquiry(classify: Classify, text: str) -> None:
    """A pure greeting or thanks is a general inquiry, not a wish."""
    assert (await classify(text)).needs[0].intent is Intent.GENERAL_INQUIRY


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        (
            "Where is order 1001 and how do I return the boots from order 1002?",
            {Intent.ORDER_STATUS, Intent.RETURN_REQUEST},
        ),
        (
            "Je veux annuler ma commande 1004 et je voudrais aussi savoir combien de points j'ai",
            {Intent.CANCELLATION, Intent.LOYALTY_PROGRAM},
        ),
        (
            "¿Dónde está mi pedido 1003? También quiero cambiar mi contraseña.",
            {Intent.ORDER_STATUS, Intent.ACCOUNT_HELP},
        ),
    ],
)
async def test_two_needs_are_both_found(classify: Classify, text: str, intents: set[Intent]) -> None:
    """A message with two needs gives both, and nothing else."""
    assert {need.intent for need in (await classify(text)).needs} == intents


async def test_one_need_told_at_length_is_one_need(classify: Classify) -> None:
    """A story around one wish is not several wishes."""
    found = await classify(
        "Hello! I bought the tent for our trip in May. The trip was lovely. Now I would like to send it back."
    )
    assert [need.intent for need in found.needs] == [Intent.RETURN_REQUEST]


@pytest.mark.parametrize(
    ("text", "intent", "slot"),
    [
        ("1001", Intent.ORDER_STATUS, "order_number"),
        ("it's 1001 I think", Intent.RETURN_REQUEST, "order_number"),
        (f"my email is {TOKEN}", Intent.ORDER_STATUS, "email"),
        (TOKEN, Intent.CANCELLATION, "email"),
        ("the blue one", Intent.EXCHANGE, "item"),
        ("the tent and the stove", Intent.RETURN_REQUEST, "item"),
        ("trop petit", Intent.RETURN_REQUEST, "reason"),
        ("yes", Intent.CANCELLATION, "confirm"),
        ("no sé", Intent.ORDER_STATUS, "order_number"),
        ("I don't know", Intent.REFUND_STATUS, "order_number"),
        ("yes", Intent.PRICE_PROMOTION, "clarify"),
    ],
)
async def test_an_answer_keeps_the_need_that_was_asked_about(
    classify: Classify, text: str, intent: Intent, slot: str
) -> None:
    """Whoever only answers the bot's question still wants what they wanted."""
    found = await classify(text, open_intent=intent, open_slot=slot)
    assert [need.intent for need in found.needs] == [intent]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("actually, how much is shipping to Canada?", Intent.SHIPPING_ESTIMATE),
        ("I want a human", Intent.ESCALATION_REQUEST),
        ("forget it, just cancel order 1003", Intent.CANCELLATION),
        ("who won the world cup in 1998", Intent.OUT_OF_SCOPE),
    ],
)
async def test_a_clear_new_need_replaces_the_open_one(classify: Classify, text: str, intent: Intent) -> None:
    """An open question does not hold a customer who says plainly that they want something else."""
    found = await classify(text, open_intent=Intent.ORDER_STATUS, open_slot="order_number")
    assert found.needs[0].intent is intent


async def test_no_clarification_is_no_agreement(classify: Classify) -> None:
    """After "what do you mean?" the guess is not taken as confirmed by words that do not confirm it."""
    found = await classify("I don't know", open_intent=Intent.BILLING_ISSUE, open_slot="clarify")
    assert found.needs[0].intent is not Intent.BILLING_ISSUE or found.needs[0].confidence < 0.7


async def test_a_lone_number_continues_what_was_said(classify: Classify) -> None:
    """An order number alone belongs to the customer's last wish; without one it is not sure."""
    said = (Said(who="customer", text="I want to cancel something"), Said(who="bot", text="Of course."))
    assert (await classify("#1004", history=said)).needs[0].intent is Intent.CANCELLATION
    assert (await classify("#1004")).needs[0].confidence < 0.7


async def test_personal_tokens_and_numbers_do_not_move_the_intent(classify: Classify) -> None:
    """The same wish with another token and another order number has the same intent and confidence."""
    one = await classify(f"where is my order 1001? I am {TOKEN}")
    two = await classify(f"where is my order 1987? I am {TOKEN.replace('0', 'f')}")
    assert one.needs == two.needs
    assert one.needs[0].intent is Intent.ORDER_STATUS


async def test_the_answer_carries_its_ask_and_its_cost(
    classify: Classify, embedder: EmbeddedEmbedder
) -> None:
    """The answer names its step, engine and model, costs nothing, and gives entities and reasons."""
    found = await classify("where is my order 1001?")
    assert (found.conversation_id, found.turn_id, found.step_id) == ("c1", "t1", "t1.intent")
    assert (found.usage.engine, found.usage.model) == ("embedded", embedder.name)
    assert found.usage.cost_usd == 0
    assert found.usage.latency_ms > 0
    assert [(entity.kind, entity.value) for entity in found.entities] == [("order_number", "1001")]
    assert "ORDER_STATUS" in found.reasoning


async def test_the_same_message_is_understood_the_same(classify: Classify) -> None:
    """Asked twice, everything but the time it took is equal."""
    once, again = await classify("my stove leaks, help"), await classify("my stove leaks, help")
    assert (once.needs, once.alternatives, once.entities) == (again.needs, again.alternatives, again.entities)


@pytest.mark.parametrize(
    "text", ["", " ", "\x00\x07", "?" * 5000, "a" * 5000, "و" * 200, "🦊" * 99, "1" * 4000]
)
async def test_nothing_a_customer_types_breaks_it(classify: Classify, text: str) -> None:
    """Empty, endless or foreign input gets an honest, low or out-of-scope answer with sane numbers."""
    found = await classify(text)
    assert 1 <= len(found.needs) <= 3
    assert all(0 <= need.confidence <= 1 for need in (*found.needs, *found.alternatives))
    assert found.needs[0].intent in {Intent.GENERAL_INQUIRY, Intent.OUT_OF_SCOPE} or (
        found.needs[0].confidence < 0.7
    )


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I must admit I had hoped for better from a shop with your name.", "negative"),
        ("three phone calls and still no tent, you people are on fire", "negative"),
        ("C'est la deuxième fois, je commence à me lasser.", "negative"),
        ("qué maravilla, otra semana esperando", "negative"),
        ("the lantern arrived with a broken hook, how do I get a new one", "neutral"),
        ("le réchaud ne s'allume pas, comment faire ? merci d'avance", "neutral"),
        ("¿me pueden decir cuándo sale el paquete? gracias", "neutral"),
        ("got it all sorted, you are stars", "positive"),
        ("merci, vous m'avez sauvé le week-end", "positive"),
    ],
)
async def test_feelings_are_read_behind_the_words(classify: Classify, text: str, label: str) -> None:
    """Restrained anger and irony are negative, a problem told plainly is neutral, thanks ahead are no joy."""
    assert (await classify(text)).sentiment.label == label


@pytest.mark.parametrize(
    ("before", "reply", "text", "intent"),
    [
        (
            "what does shipping to Canada cost",
            "Standard shipping to Canada is $15 and takes 7 to 12 days.",
            "and to Iceland?",
            Intent.SHIPPING_ESTIMATE,
        ),
        (
            "où en est mon remboursement",
            "Le remboursement est parti lundi, comptez 5 à 7 jours ouvrés.",
            "et si je ne vois rien vendredi ?",
            Intent.REFUND_STATUS,
        ),
        (
            "¿dónde está mi pedido 1004?",
            "El pedido 1004 salió ayer.",
            "vale, y quiero cambiar mi contraseña",
            Intent.ACCOUNT_HELP,
        ),
    ],
)
async def test_a_follow_up_is_read_behind_what_was_said(
    classify: Classify, before: str, reply: str, text: str, intent: Intent
) -> None:
    """What says nothing alone takes its meaning from the talk; a new wish that begins alike keeps its own."""
    said = (Said(who="customer", text=before), Said(who="bot", text=reply))
    assert (await classify(text, history=said)).needs[0].intent is intent


async def test_two_wishes_joined_by_also_are_both_found(classify: Classify) -> None:
    """What one sentence joins is read apart."""
    found = await classify("Please send me my invoice for May and also pause my Trail Box until spring")
    assert {need.intent for need in found.needs} == {Intent.BILLING_ISSUE, Intent.SUBSCRIPTION_MANAGEMENT}
