"""Who wants no person is not given one, whatever a classifier makes of the word."""

from pathlib import Path

from shared import contracts as c
from tests.conversation.desk import running, understood

REFUSALS = (
    "I don't want a person",
    "je ne veux pas parler à un conseiller",
    "no quiero hablar con una persona",
)


async def test_who_only_refuses_a_person_is_asked_what_they_need(tmp_path: Path) -> None:
    """And however often: being unclear gives nobody a person whom they refuse."""
    async with running(tmp_path, {c.CLASSIFY: understood("ESCALATION_REQUEST")}) as desk:
        results = [await desk.say(text) for text in REFUSALS]
        assert await desk.service.steps.store.waiting() == []
    assert [result.status for result in results] == ["asked"] * 3


async def test_the_rest_of_the_message_is_what_is_understood(tmp_path: Path) -> None:
    """The word "agent" is not in what the classifier reads; what it says of a person still is dropped."""
    others = (c.Need(intent=c.Intent.FEEDBACK, confidence=0.9),)
    says = understood("ESCALATION_REQUEST", alternatives=others)
    async with running(tmp_path, {c.CLASSIFY: says}) as desk:
        result = await desk.say("Please don't connect me to an agent, I just love your tents")
        (asked,) = [ask for ask in desk.asked if isinstance(ask, c.ClassifyIntent)]
    assert asked.text == "I just love your tents"
    assert (result.status, result.intent) == ("answered", c.Intent.FEEDBACK)


async def test_an_injury_beside_the_refusal_still_reaches_a_person(tmp_path: Path) -> None:
    """What must be read by somebody is, whether or not they want that."""
    async with running(tmp_path, {c.CLASSIFY: understood("FEEDBACK")}) as desk:
        result = await desk.say("I don't want a person. The stove exploded and burned my hand.")
    assert result.status == "handed_over"
