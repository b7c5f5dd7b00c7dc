"""Every goal can be said in every language, with all its slots and with none to spare."""

import re
from typing import get_args

import msgspec
import pytest

from shared.adapters.embedded.writer import BadTopic
from shared.contracts import LANGUAGES, Intent, Language, Order, Sentence
from tests.passages import passage
from tests.writer.scene import (
    NAME,
    ORDER,
    TRACKING,
    VALUES,
    ask,
    full,
    minimal,
    order_facts,
    topic,
    writer,
)

WRITER = writer()
# Templates the writer says by itself, inside other goals.
OWN = {"opening.first", "opening.upset", "policy.bridge", "policy.other_language", "handed_over.next"}
GOALS = sorted(WRITER.goals - OWN - {"policy.answer", "product.told"})
TURNS = [f"t-{n}" for n in range(6)]
BRIEF = [
    "greeting", "thanks", "goodbye", "about_bot", "orders.list", "ask.order_number", "ask.order_proof",
    "ask.email", "ask.which_order", "ask.order_again", "ask.item", "ask.reason", "ask.size_or_variant",
    "ask.clarify", "ask.confirm_return", "ask.confirm_cancel", "ask.confirm_refund", "ask.variant",
    "ask.address", "ask.confirm_exchange", "ask.confirm_address", "ask.confirm_item",
    "ask.confirm_subscribe", "ask.confirm_unsubscribe", "exchange.not_delivered", "exchange.window_closed",
    "variant.sold_out", "variant.none", "change.sign_in", "newsletter.sign_in", "order.unknown",
    "order.locked", "cancel.too_late", "cancel.already", "return.not_delivered", "return.window_closed",
    "return.final_sale", "return.already", "exchange.how", "change.too_late", "change.handed",
    "action.return.done", "action.cancel.done", "action.refund.done", "action.exchange.done",
    "action.address.done", "action.item.done", "action.resend.done", "action.store_credit.done",
    "action.newsletter.subscribe.done", "action.newsletter.unsubscribe.done", "action.loyalty.done",
    "action.refused", "action.declined", "policy.answer", "product.answer", "product.told",
    "product.not_told", "product.unknown", "complaint.ack", "feedback.thanks", "unknown", "out_of_scope",
    "refused.injection", "refused.data", "refused.abuse", "refused.too_long", "refused.spam",
    "refused.unsafe", "sign_in", "paused", "handed_over", "with_person", "refund_status.refunded",
    "refund_status.partially_refunded", "refund_status.waiting", "refund_status.none", "let_go",
]  # fmt: skip
REASONS = [
    "asked_for_person", "legal_threat", "self_harm", "safety", "hardship", "missing_delivery", "defect",
    "wholesale", "refund_limit", "fraud", "unclear", "engine_down", "third_contact", "strong_negative",
    "order_change", "approval", "rejected_drafts", "critic_down", "action_failed",
]  # fmt: skip


def test_every_goal_the_conversation_uses_is_known() -> None:
    """Order states, questions, policies, actions, refusals and hand-over reasons all have templates."""
    states = get_args(Order.__annotations__["status"])
    wanted = {*BRIEF, *(f"order_status.{s}" for s in states), *(f"handed_over.{r}" for r in REASONS)}
    assert wanted <= WRITER.goals


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("goal", GOALS)
async def test_goal_is_said_with_full_and_minimal_slots(goal: str, language: Language) -> None:
    """With all slots or only the needed ones a goal gives sentences: no brace, no doubled space, an end."""
    for turn in TURNS:
        for given in (full(goal), minimal(WRITER, goal)):
            written = await WRITER.write(ask(given, language=language, turn=turn, first_name=NAME))
            assert written.sentences
            for sentence in written.sentences:
                assert not re.search(r"[{}]|  |None", sentence.text)
                assert sentence.text == sentence.text.strip()
                assert sentence.text[-1] in ".!?:"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_digits_come_from_slots_only(language: Language) -> None:
    """Without facts and values that hold digits, no goal writes a digit in any variant."""
    for goal in GOALS:
        if WRITER.needs(goal):
            continue  # cannot be said without a slot; the loader refuses digits in its text too
        for turn in TURNS:
            written = await WRITER.write(ask(topic(goal), language=language, turn=turn, facts=()))
            assert not any(char.isdigit() for s in written.sentences for char in s.text)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_sentence_cites_what_it_states(language: Language) -> None:
    """A shipped order's date, carrier and tracking number each name the field they came from."""
    for turn in TURNS:
        given = topic("order_status.shipped", facts=order_facts(), values={"items": VALUES["items"]})
        written = await WRITER.write(ask(given, language=language, turn=turn))
        for words, source in (
            (TRACKING, "order:1001/tracking_number"),
            ("Northway Parcel", "order:1001/carrier"),
            ("1001", "order:1001/number"),
            ("Tern 2 Tent", "order:1001/items/0"),
            ("Mug", "order:1001/items/1"),
        ):
            stating = [s for s in written.sentences if words in s.text]
            assert stating
            assert all(source in s.sources for s in stating)
        known = {f.id for f in ask(given).facts}
        assert all(set(s.sources) <= known for s in written.sentences)


async def test_small_talk_has_no_sources() -> None:
    """A greeting or a question states nothing about the shop."""
    for goal in ("greeting", "thanks", "ask.order_proof", "out_of_scope", "refused.data"):
        written = await WRITER.write(ask(topic(goal)))
        assert all(s.sources == () for s in written.sentences)


async def test_a_value_that_repeats_a_fact_cites_it() -> None:
    """The amount of a proposed refund equals the order's refunded fact, so the sentence rests on it."""
    given = topic(
        "ask.confirm_refund", facts={"number": "order:1001/number"}, values={"amount": "249.00 USD"}
    )
    written = await WRITER.write(ask(given))
    stating = [s for s in written.sentences if "$249.00" in s.text]
    assert [set(s.sources) for s in stating] == [{"order:1001/number", "order:1001/total"}]


async def test_an_orders_state_is_a_source() -> None:
    """The sentence that says an order has shipped rests on its status; one about a refund on the payment."""
    for goal, fact in (("order_status.shipped", "status"), ("refund_status.refunded", "payment")):
        for turn in TURNS:
            first = (await WRITER.write(ask(full(goal), turn=turn))).sentences[0]
            assert f"order:1001/{fact}" in first.sources


async def test_what_was_done_does_not_rest_on_what_was_read_before() -> None:
    """After a cancellation the order's old facts would contradict the reply, so it cites none of them."""
    given = topic("action.cancel.done", values={"number": "1001", "reference": "R-77"})
    written = await WRITER.write(ask(given))
    assert [s.sources for s in written.sentences] == [()]


async def test_a_reason_without_template_is_still_handed_over() -> None:
    """A new reason for a person gets the general words: a hand-over must never fail for lack of them."""
    written = await WRITER.write(ask(topic("handed_over.moonlight", values={"position": "3"})))
    assert "person" in written.sentences[0].text
    assert any("3" in s.text for s in written.sentences)


async def test_a_place_that_is_not_known_is_not_told() -> None:
    """Position zero and a due time that is no time vanish from the announcement."""
    values = {"position": "0", "due": "soon"}
    for turn in TURNS:
        written = await WRITER.write(ask(topic("handed_over", values=values), turn=turn))
        assert not re.search(r"\d|soon|queue", " ".join(s.text for s in written.sentences))


async def test_unknown_goal_names_the_remedy() -> None:
    """A goal without template is an error that says where templates are."""
    with pytest.raises(BadTopic, match=r"'tea\.time' has no template.*en\.toml"):
        await WRITER.write(ask(topic("tea.time")))


async def test_missing_slot_is_named() -> None:
    """A confirmation without its amount is refused, naming goal and slot."""
    with pytest.raises(BadTopic, match=r"ask\.confirm_refund.*\{amount\}"):
        await WRITER.write(ask(topic("ask.confirm_refund", values={"number": "1001"})))


async def test_a_fact_the_ask_does_not_carry_is_not_stated() -> None:
    """A slot whose fact id is not among the facts stays empty; its sentence vanishes."""
    given = topic("order_status.shipped", facts={**order_facts(), "carrier": "order:1002/carrier"})
    for turn in TURNS:
        written = await WRITER.write(ask(given, turn=turn))
        assert all("Northway" not in s.text for s in written.sentences)


async def test_a_day_that_has_passed_is_not_promised() -> None:
    """An expected day before today is told as past; one to come is told as coming."""
    late = msgspec.structs.replace(ORDER, expected_on="2026-11-09")
    given = topic("order_status.shipped", facts=order_facts(late))
    for turn in TURNS:
        past = (await WRITER.write(ask(given, turn=turn, facts=late.facts()))).sentences[-1]
        assert re.search(r"was expected|should have reached", past.text)
        assert (past.text.count("November 9"), past.sources) == (1, ("order:1001/expected_on",))
        coming = (
            await WRITER.write(ask(topic("order_status.shipped", facts=order_facts()), turn=turn))
        ).sentences[-1]
        assert re.search(r"is expected on|should reach you on", coming.text)


async def test_french_marks_have_no_breaking_space() -> None:
    """Before ; : ! ? and inside « » French text has a no-break space in every variant."""
    for goal in GOALS:
        for turn in TURNS:
            written = await WRITER.write(ask(full(goal), language="fr", turn=turn, first_name=NAME))
            for sentence in written.sentences:
                assert not re.search(r" [;:!?»]|« |\w[!?;]", sentence.text), sentence


async def test_spanish_questions_open_with_their_mark() -> None:
    """Every Spanish question and exclamation has both marks."""
    for goal in GOALS:
        for turn in TURNS:
            for sentence in (await WRITER.write(ask(full(goal), language="es", turn=turn))).sentences:
                assert sentence.text.count("?") == sentence.text.count("¿")
                assert sentence.text.count("!") == sentence.text.count("¡")


async def test_product_answer_tells_price_and_stock() -> None:
    """Price, what is in stock and what is sold out, each from the variants' facts."""
    written = await WRITER.write(ask(full("product.answer"), text="How much is the Tern tent?"))
    said = " ".join(s.text for s in written.sentences)
    assert "$249.00" in said
    stocked = next(s for s in written.sentences if "Moss" in s.text)
    assert stocked.sources == ("product:tern-2-tent/HP-TERN2T-MOSS",)
    gone = next(s for s in written.sentences if "Sand" in s.text)
    assert gone.sources == ("product:tern-2-tent/HP-TERN2T-SAND",)


async def test_product_answer_keeps_to_the_variant_named() -> None:
    """Who asks for sand hears that sand is sold out, not about moss."""
    written = await WRITER.write(ask(full("product.answer"), text="Do you have it in sand?"))
    said = " ".join(s.text for s in written.sentences)
    assert "sold out" in said.lower()
    assert "Moss" not in said


async def test_product_answer_quotes_its_description_when_asked() -> None:
    """A question about weight gets the sentence of the description that states it."""
    written = await WRITER.write(ask(full("product.answer"), text="How much does the Tern 2 Tent weigh?"))
    quote = Sentence(text="Weighs 1.9 kg and has two doors.", sources=("product:tern-2-tent/description",))
    assert quote in written.sentences


async def test_engine_names_itself() -> None:
    """The usage says that no model was paid."""
    usage = (await WRITER.write(ask(topic("thanks", Intent.GENERAL_INQUIRY)))).usage
    assert (usage.engine, usage.input_tokens, usage.output_tokens, usage.cost_usd) == ("embedded", 0, 0, 0.0)


async def test_policy_answer_without_passages_says_so() -> None:
    """When no quotable passage came along, the reply is the honest "I don't know"."""
    given = topic("policy.answer", sources=("kb:gone#away",))
    written = await WRITER.write(ask(given, passages=(passage("other", "Something else entirely."),)))
    unknown = await WRITER.write(ask(topic("unknown")))
    assert written.sentences == unknown.sentences
