"""What little or strange messages come to: no refusal, no person for nothing, no answer nobody asked for."""

import time
from pathlib import Path

import pytest
from msgspec import structs

from conversation.words.pasted import own_words, said
from conversation.words.replies import folded
from shared import contracts as c
from shared.adapters.embedded.slight import slight
from shared.adapters.embedded.unmasking import fold
from shared.tongues import other_tongue
from tests.conversation.desk import Desk, running, understood
from tests.speed import limit

OFFER = "please unsubscribe me from the newsletter"


OWN = {"ask.link": "link", "language.spoken": "español", "language.ours": "français"}
"""What no writer is asked for, by a word of ours."""


def goals(result: c.TurnFinished, desk: Desk) -> list[str]:
    """What the reply was to say."""
    asks = [ask for ask in desk.asked if isinstance(ask, c.WriteReply) and ask.turn_id == result.turn_id]
    said = " ".join(sentence.text for sentence in result.sentences).casefold()
    own = [goal for goal, word in OWN.items() if word in said]
    return [topic.goal for topic in asks[-1].topics] if asks else own[-1:]


async def test_the_first_word_is_met_with_what_we_do(tmp_path: Path) -> None:
    """However an engine reads it: nothing was asked that it could answer, and nothing of it is strange."""
    async with running(tmp_path, {c.CLASSIFY: understood("OUT_OF_SCOPE")}) as desk:
        for n, text in enumerate(
            (
                "y",
                "n",
                "k",
                "?",
                "…",
                "👍",
                "1",
                "x",
                "no",
                "asdf",
                "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427",
            )
        ):
            result = await desk.say(text, f"c-first-{n}")
            assert (result.status, goals(result, desk)) == ("answered", ["ask.need"]), text


async def test_few_words_after_an_answer(tmp_path: Path) -> None:
    """A thumb thanks, a no with thanks ends it, a sign asks nothing again; the language stays."""
    expected = {
        "👍": "thanks", "kk": "thanks", "🙏": "thanks", "no thanks": "thanks",
        "non merci, c'est tout": "thanks",
        "gracias": "thanks", "?": "ask.clarify", "yesss": "ask.clarify", "tchao": "goodbye",
        "https://shop.example/p/1": "ask.link", "en español por favor": "language.spoken",
        "do you speak Dutch?": "language.ours",
    }  # fmt: skip
    async with running(tmp_path, {c.CLASSIFY: understood("FEEDBACK", language="en")}) as desk:
        for n, (text, goal) in enumerate(expected.items()):
            await desk.say("I love the tent I bought", f"c-after-{n}")
            result = await desk.say(text, f"c-after-{n}")
            assert goals(result, desk) == [goal], text
            assert result.language == ("es" if goal == "language.spoken" else "en")


@pytest.mark.parametrize(
    ("said", "goal"),
    [
        ("…", "ask.still_unsubscribe"),
        ("?", "ask.still_unsubscribe"),
        ("🤔", "ask.still_unsubscribe"),
        ("ja", "ask.still_unsubscribe"),
        ("k", "action.newsletter.unsubscribe.done"),
        ("👍", "action.newsletter.unsubscribe.done"),
        ("👎", "action.declined"),
        ("nooo", "action.declined"),
    ],
)
async def test_a_sign_or_a_letter_answers_an_offer_or_has_it_repeated(
    tmp_path: Path, said: str, goal: str
) -> None:
    """Nobody is thanked for "…", and what may be a yes elsewhere is asked again."""

    async def execute(ask: c.ExecuteAction) -> c.ActionExecuted:
        receipt = c.Receipt(kind="newsletter", order_number="", status="done", reference="D-1")
        return c.ActionExecuted(
            conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, receipt=receipt
        )

    says = understood("SUBSCRIPTION_MANAGEMENT")
    async with running(tmp_path, {c.CLASSIFY: says, c.EXECUTE: execute}) as desk:
        await desk.say(OFFER, customer="TOKEN_c")
        result = await desk.say(said)
        assert goals(result, desk)[-1] == goal


async def test_in_spanish_y_is_no_yes(tmp_path: Path) -> None:
    """It is "and"."""
    async with running(tmp_path, {c.CLASSIFY: understood("SUBSCRIPTION_MANAGEMENT", language="es")}) as desk:
        await desk.say("quiero darme de baja del boletín", customer="TOKEN_c")
        result = await desk.say("y")
        assert goals(result, desk) == ["ask.still_unsubscribe"]


async def test_who_writes_in_another_tongue_is_told_ours_and_offered_a_person(tmp_path: Path) -> None:
    """A yes in that tongue fetches one, thanks are met; a second message nobody reads fetches one too."""
    async with running(tmp_path, {c.CLASSIFY: understood("ORDER_STATUS", 0.4)}) as desk:
        for answer, status in (
            ("ja bitte", "handed_over"),
            ("danke", "answered"),
            ("Mein Paket fehlt", "handed_over"),
        ):
            conversation = f"c-{answer[:2]}"
            first = await desk.say("Wo ist meine Bestellung?", conversation)
            assert (first.status, goals(first, desk), first.language) == ("asked", ["language.ours"], "en")
            assert (await desk.say(answer, conversation)).status == status


async def test_what_is_understood_of_another_tongue_is_answered(tmp_path: Path) -> None:
    """With what we speak said once, in the conversation's language."""
    async with running(tmp_path, {c.CLASSIFY: understood("ORDER_STATUS", 0.95, "es")}) as desk:
        first = await desk.say("Onde está o meu pedido?")
        assert goals(first, desk) == ["language.beside", "ask.order_proof"]
        assert first.language == "es"
        again = await desk.say("ainda não recebi nada")
        assert goals(again, desk) == ["ask.order_proof"]


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("where is", "ask.need"),
        ("help pls", "ask.need"),
        ("aidez-moi svp", "ask.need"),
        ("hola, ayuda", "ask.need"),
        ("hi!", "greeting"),
        ("kayak rental", "unknown"),
    ],
)
async def test_a_beginning_is_no_gap(tmp_path: Path, text: str, goal: str) -> None:
    """Nobody has to write a page about "where is"."""
    async with running(tmp_path, {c.CLASSIFY: understood("GENERAL_INQUIRY")}) as desk:
        result = await desk.say(text)
    assert goals(result, desk) == [goal]
    assert result.gap == (goal == "unknown")


@pytest.mark.parametrize("text", ["hahahaha", "😂😂", "lol", "NON !!!", "Ich verstehe das nicht"])
async def test_no_sympathy_for_laughter(tmp_path: Path, text: str) -> None:
    """Nor for a no, nor for a language that nobody read, whatever was felt in them."""
    says = understood("ORDER_STATUS")

    async def classify(ask: c.ClassifyIntent) -> c.IntentClassified:
        upset = c.Sentiment(label="negative", score=-0.9)
        return structs.replace(await says(ask), sentiment=upset)

    async with running(tmp_path, {c.CLASSIFY: classify}) as desk:
        await desk.say(text)
        asks = [ask for ask in desk.asked if isinstance(ask, c.WriteReply)]
    assert asks[-1].register != "upset"


def test_letters_that_were_held_are_the_word() -> None:
    """And what is spelled so stays."""
    assert folded("Yesss, pleeease... COOOL") == "yes please cool"
    assert folded("www XXXL III aaa") == "www xxxl iii aaa"
    assert [folded(text) for text in ("👍🏽", "❤️", "👎👎", "👍🤔", "👍?", ":-)")] == [
        "ok",
        "thanks",
        "no",
        "",
        "",
        "thanks",
    ]


@pytest.mark.parametrize(
    "rest",
    [
        "On Mon, Nov 2, 2026 at 9:12 AM Harbor & Pine <TOKEN_x> wrote:\n> Ask customer service.",
        "Le lun. 2 nov. 2026 à 09:12, Harbor & Pine a écrit :\n> Appelez un conseiller.",
        "El lun, 2 nov 2026 a las 9:12, Harbor & Pine escribió:\nHable con una persona.",
        "-----Original Message-----\nFrom: Harbor & Pine\nSubject: Talk to an agent",
        "From: Harbor & Pine\nSent: Monday\nTo: Jane\nSubject: your order\n\nTalk to an agent.",
        "De : Harbor & Pine\nEnvoyé : lundi\nObjet : votre commande\n\nUn conseiller vous répond.",
        "-- \nJane Miller\nAgent, Customer Service",
        "Sent from my iPhone",
        "> Talk to an agent\n> now",
    ],
)
def test_what_others_wrote_is_not_what_the_customer_says(rest: str) -> None:
    """A thread, a signature, quotes; a forwarded message alone is read, and words between quotes are."""
    assert own_words(f"Where is my order?\nIt is late.\n\n{rest}") == "Where is my order?\nIt is late."
    assert own_words(rest) == rest
    assert own_words(f"> when?\non Monday\n{rest}") == "on Monday"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("where is it?\n\n> Your order #1009 has shipped", "where is it?\n#1009"),
        (
            "my parcel never came\n\nOn Mon, Nov 3, 2026 Jo wrote:\n> Order 1009",
            "my parcel never came\n#1009",
        ),
        ("où est-elle ?\n> Votre commande n° 1009 est partie", "où est-elle ?\n#1009"),
        ("¿dónde está?\n> Su pedido número 1009 ha salido", "¿dónde está?\n#1009"),
        ("where is it?\n> orders #1009 and #1010", "where is it?"),
        ("where is 1010?\n> Your order #1009 has shipped", "where is 1010?"),
        (
            "which tents do you ship to Canada?\n> Your order #1009 has shipped",
            "which tents do you ship to Canada?",
        ),
        ("where is it\n> call us, 5551234567", "where is it"),
    ],
)
def test_the_one_order_of_a_quoted_mail_is_what_the_words_above_it_point_at(text: str, read: str) -> None:
    """Of several none is meant for sure, and who names their own or asks of no order means another thing."""
    turn = c.TurnAccepted(conversation_id="c", turn_id="t", text=text, accepted_at=0.0)
    assert said([turn]) == read


@pytest.mark.parametrize("line", ["from:\n", "de:\n\n\n\n", "on 1\n", "é", "a", "@", "TOKEN_", "a_", "1"])
def test_no_message_takes_long_to_read(line: str) -> None:
    """One of 5,000 characters took minutes: each line may begin a header, each letter a number."""
    text = (line * 5000)[:5000]
    begun = time.process_time()
    own_words(text)
    said([c.TurnAccepted(conversation_id="c", turn_id="t", text=f"where is it?\n> {text}", accepted_at=0.0)])
    other_tongue(text)
    slight(text)
    fold(f"{text}é")
    assert time.process_time() - begun < limit(0.1)


async def test_a_quoted_person_is_not_asked_for(tmp_path: Path) -> None:
    """The whole message is kept for who reads it later."""
    text = "where is it?\n\n-- \nJane\nI want to speak to a human agent, the signature says"
    async with running(tmp_path, {c.CLASSIFY: understood("FEEDBACK")}) as desk:
        result = await desk.say(text)
    assert (result.status, result.said) == ("answered", text)
