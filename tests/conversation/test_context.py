"""What a message means beside the ones before it: follow-ups, corrections, questions before a yes."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from conversation.words.replies import leans_back, means_the_other, said_no
from shared import contracts as c
from tests.clock import Clock
from tests.conversation.desk import USAGE, Answering, ids, running, understood
from tests.conversation.test_conversation import ORDER, number, shop
from tests.passages import passage

NOV_21 = 1_795_262_400.0
RULE = "You can return most items within 30 days of delivery."


async def returns_page(ask: c.RetrievePassages) -> c.PassagesRetrieved:
    page = passage("returns-policy#1", RULE, title="Returns", section="How long", score=0.9)
    return c.PassagesRetrieved(**ids(ask), passages=(page,), usage=USAGE)


def in_turn(*answers: Answering) -> Answering:
    """One classification after the other."""
    waiting = iter(answers)

    async def classify(ask: c.ClassifyIntent) -> Any:
        return await next(waiting)(ask)

    return classify


@pytest.mark.parametrize(
    "text", ["and to Canada?", "is it waterproof?", "still nothing??", "¿y a Francia?", "et elle ?"]
)
def test_a_short_message_leans_on_what_was_said(text: str) -> None:
    """It goes on, or points back."""
    assert leans_back(text)


@pytest.mark.parametrize(
    "text", ["where is my order?", "How much is express shipping?", "j'ai oublié mon mot de passe"]
)
def test_a_message_that_says_what_it_is_about_does_not(text: str) -> None:
    """A new question is looked up by itself."""
    assert not leans_back(text)


def test_a_refusal_may_begin_with_a_hum() -> None:
    """Fillers say nothing."""
    assert said_no("hmm no, never mind, I'll keep it")
    assert not said_no("well, where is it?")


def test_a_correction_names_the_other_one() -> None:
    """In three languages; a long message is no correction."""
    assert all(map(means_the_other, ["no, the other order, 1002", "non, l'autre, 1002", "no, el otro: 1002"]))
    assert not means_the_other(
        "I have two orders, one came and the other one, 1002, I would like to send back"
    )


async def test_a_follow_up_is_looked_up_and_read_with_the_question_before(tmp_path: Path) -> None:
    """Unsure of "and to Canada?", the intent stays what it was; the search sees both messages."""
    answers = in_turn(understood("SHIPPING_ESTIMATE"), understood("OUT_OF_SCOPE", 0.39))
    async with running(tmp_path, {c.CLASSIFY: answers, c.RETRIEVE: returns_page}) as desk:
        await desk.say("How long does shipping take?")
        result = await desk.say("and to Canada?")
        looked_up = [ask.text for ask in desk.asked if isinstance(ask, c.RetrievePassages)]
    assert looked_up == ["How long does shipping take?", "How long does shipping take? and to Canada?"]
    assert (result.intent, result.status) == (c.Intent.SHIPPING_ESTIMATE, "answered")


async def test_a_follow_up_is_not_small_talk_for_want_of_a_better_guess(tmp_path: Path) -> None:
    """Little is enough for a general question, but not to leave the subject."""
    answers = in_turn(understood("SUBSCRIPTION_MANAGEMENT"), understood("GENERAL_INQUIRY", 0.45))
    async with running(tmp_path, {c.CLASSIFY: answers, c.RETRIEVE: returns_page}) as desk:
        await desk.say("How do I skip my next Trail Box?")
        result = await desk.say("and how late can I do that?")
    assert result.intent == c.Intent.SUBSCRIPTION_MANAGEMENT


async def test_the_other_order_asks_the_same_of_it(tmp_path: Path) -> None:
    """However sure the classifier is of something else."""
    answers = in_turn(understood("ORDER_STATUS"), understood("ORDER_CHANGE", 0.8, entities=(number("1005"),)))
    async with running(tmp_path, {c.CLASSIFY: answers, c.FETCH: shop}) as desk:
        await desk.say("Where is my order?", customer="TOKEN_x")
        result = await desk.say("no, the other order, 1005", customer="TOKEN_x")
    assert result.intent == c.Intent.ORDER_STATUS
    assert "1005" in result.reply


async def test_a_number_that_was_asked_for_answers_the_question(tmp_path: Path) -> None:
    """A guess at something else does not lead away from the slot that is open."""
    answers = in_turn(understood("ORDER_STATUS"), understood("ACCOUNT_HELP", 0.5, entities=(number("9999"),)))
    async with running(tmp_path, {c.CLASSIFY: answers, c.FETCH: shop}) as desk:
        assert (await desk.say("Where is my order?")).status == "asked"
        result = await desk.say("just tell me where 9999 is")
    assert (result.intent, result.status) == (c.Intent.ORDER_STATUS, "asked")


async def test_a_question_before_the_yes_is_answered_and_the_yes_asked_again(tmp_path: Path) -> None:
    """The return still waits; the yes after it carries it out."""

    async def single(ask: c.FetchFacts) -> c.FactsFetched:
        return c.FactsFetched(**ids(ask), order=structs.replace(ORDER, items=ORDER.items[:1]))

    async def execute(ask: c.ExecuteAction) -> c.ActionExecuted:
        done = c.Receipt(kind="return", order_number="1005", status="done", reference="R-1")
        return c.ActionExecuted(**ids(ask), receipt=done)

    asked = understood("RETURN_REQUEST", entities=(number("1005"),))
    answers = in_turn(asked, understood("RETURN_REQUEST"), understood("RETURN_REQUEST"))
    calls = {c.CLASSIFY: answers, c.FETCH: single, c.RETRIEVE: returns_page, c.EXECUTE: execute}
    async with running(tmp_path, calls, Clock(NOV_21)) as desk:
        assert (await desk.say("I want to return order 1005", customer="TOKEN_x")).status == "asked"
        between = await desk.say("wait, how long do I have for that?", customer="TOKEN_x")
        assert (between.status, between.actions) == ("asked", ())
        assert "30 days" in between.reply
        done = await desk.say("ok, yes", customer="TOKEN_x")
    assert [receipt.reference for receipt in done.actions] == ["R-1"]


async def test_a_question_about_the_rule_needs_no_order(tmp_path: Path) -> None:
    """A signed-in customer hears it though the shop is down."""

    async def down(_: c.FetchFacts) -> c.FactsFetched:
        raise ValueError("the shop is not asked")

    calls = {c.CLASSIFY: understood("RETURN_REQUEST"), c.FETCH: down, c.RETRIEVE: returns_page}
    async with running(tmp_path, calls) as desk:
        result = await desk.say("How long do I have to return something?", customer="TOKEN_x")
        assert desk.count(c.FetchFacts) == 0
    assert (result.status, RULE in result.reply) == ("answered", True)


async def test_two_needs_share_the_confidence(tmp_path: Path) -> None:
    """Half each is not unclear."""

    async def both(ask: c.ClassifyIntent) -> c.IntentClassified:
        halves = (c.Intent.SHIPPING_ESTIMATE, c.Intent.PRICE_PROMOTION)
        return c.IntentClassified(
            **ids(ask), needs=tuple(c.Need(intent=one, confidence=0.45) for one in halves),
            sentiment=c.Sentiment(label="neutral", score=0.0), language="en", usage=USAGE,
        )  # fmt: skip

    async with running(tmp_path, {c.CLASSIFY: both, c.RETRIEVE: returns_page}) as desk:
        assert (await desk.say("what is shipping, and is there a code?")).status == "answered"


async def test_two_needs_that_nothing_speaks_to_are_one_honest_word(tmp_path: Path) -> None:
    """Not an empty reply that no critic lets pass."""

    async def both(ask: c.ClassifyIntent) -> c.IntentClassified:
        halves = (c.Intent.GENERAL_INQUIRY, c.Intent.BILLING_ISSUE)
        return c.IntentClassified(
            **ids(ask), needs=tuple(c.Need(intent=one, confidence=0.9) for one in halves),
            sentiment=c.Sentiment(label="neutral", score=0.0), language="en", usage=USAGE,
        )  # fmt: skip

    async with running(tmp_path, {c.CLASSIFY: both}) as desk:
        result = await desk.say("Do you pay bloggers, and how much?")
    assert (result.status, result.gap) == ("answered", True)


async def test_a_whole_question_nobody_can_place_is_a_gap_not_a_riddle(tmp_path: Path) -> None:
    """Six words and a question mark were clear enough; two words are asked about."""
    async with running(tmp_path, {c.CLASSIFY: understood("GENERAL_INQUIRY", 0.2)}) as desk:
        known = await desk.say("Do you run a programme for bloggers?", "c-1")
        vague = await desk.say("the thing", "c-2")
    assert (known.status, known.gap) == ("answered", True)
    assert (vague.status, vague.gap) == ("asked", False)


async def test_an_order_that_is_named_is_looked_at_when_half_sure(tmp_path: Path) -> None:
    """A sarcastic "where is 1005 this time?" is no riddle: where the order stands answers it."""
    answer = understood("TRACKING_UPDATE", 0.4, entities=(number("1005"),))
    async with running(tmp_path, {c.CLASSIFY: answer, c.FETCH: shop}) as desk:
        result = await desk.say("oh great, and where is 1005 this time?", customer="TOKEN_x")
    assert (result.status, "1005" in result.reply) == ("answered", True)


async def test_a_doubtful_aside_does_not_lose_the_open_matter(tmp_path: Path) -> None:
    """Asked for the order, "is there a way to get them faster?" is no question about loyalty points."""
    answers = in_turn(understood("ORDER_STATUS"), understood("LOYALTY_PROGRAM", 0.57))
    async with running(tmp_path, {c.CLASSIFY: answers, c.RETRIEVE: returns_page}) as desk:
        assert (await desk.say("where are my boots?")).status == "asked"
        result = await desk.say("is there a way to get them faster?")
    assert (result.status, result.intent) == ("asked", c.Intent.ORDER_STATUS)
    assert RULE not in result.reply


async def test_what_a_page_speaks_to_is_not_turned_away_in_doubt(tmp_path: Path) -> None:
    """A half-sure "none of ours" gives way to a page that says what was asked; a sure one does not."""

    async def say(confidence: float) -> c.TurnFinished:
        doubtful = understood(
            "OUT_OF_SCOPE",
            confidence,
            alternatives=(c.Need(intent=c.Intent.RETURN_REQUEST, confidence=0.3),),
        )
        async with running(
            tmp_path / str(confidence), {c.CLASSIFY: doubtful, c.RETRIEVE: returns_page}
        ) as desk:
            return await desk.say("return window?", customer="TOKEN_x")

    assert RULE in (await say(0.52)).reply
    assert RULE not in (await say(0.95)).reply


async def test_a_chain_of_follow_ups_is_one_question(tmp_path: Path) -> None:
    """Back to the message that stands by itself, and no further."""
    async with running(tmp_path, {c.CLASSIFY: understood("SHIPPING_ESTIMATE")}) as desk:
        for text in (
            "My tent is great, thank you",
            "Do you ship to Belgium?",
            "and how much?",
            "and to Spain?",
        ):
            await desk.say(text)
        asked = [ask for ask in desk.asked if isinstance(ask, c.RetrievePassages)][-1]
    assert asked.text == "Do you ship to Belgium? and how much? and to Spain?"


async def test_vague_twice_is_a_person_even_when_it_looks_off_topic(tmp_path: Path) -> None:
    """After a clarifying question a half-sure "none of ours" is one more unclear exchange."""
    answers = in_turn(understood("GENERAL_INQUIRY", 0.2), understood("OUT_OF_SCOPE", 0.5))
    async with running(tmp_path, {c.CLASSIFY: answers}) as desk:
        assert (await desk.say("it's about the thing")).status == "asked"
        result = await desk.say("you know, that thing from before")
    assert result.escalation is not None
    assert result.escalation.reason == "unclear"


async def test_the_result_names_what_was_worked_on(tmp_path: Path) -> None:
    """A wish for money that was taken for a return is reported as what it was handled as."""
    answer = understood("RETURN_REQUEST", entities=(number("1005"),))
    async with running(tmp_path, {c.CLASSIFY: answer, c.FETCH: shop}) as desk:
        result = await desk.say("I'd like a refund for order 1005 please", customer="TOKEN_x")
    assert result.intent == c.Intent.REFUND_STATUS
