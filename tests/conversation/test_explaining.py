"""What was understood keeps its own figure, whatever the conversation makes of it, and the trace says why."""

import json
import re
from pathlib import Path

import pytest

from conversation.explaining import explained
from conversation.turn import Plan
from shared import contracts as c
from shared import telemetry
from tests.conversation.desk import USAGE
from tests.conversation.test_actions import talking
from tests.telemetry.recorded import recording

MONEY = "it asks for money back"
PLACED = "it asks about an order that is placed"
CANCELS = "it asks to cancel, or to leave something out"


@pytest.mark.parametrize(
    ("before", "text", "read", "handled", "because"),
    [
        ("", "I want a refund for order 1005, unused", "RETURN_REQUEST", "REFUND_STATUS", MONEY),
        ("", "je veux être remboursé pour la commande 1005", "EXCHANGE", "REFUND_STATUS", MONEY),
        ("", "where is my order 1007?", "SHIPPING_ESTIMATE", "ORDER_STATUS", PLACED),
        ("", "please cancel order 1003", "ORDER_CHANGE", "CANCELLATION", CANCELS),
        (
            "I want to return order 1005",
            "yes please",
            "FEEDBACK",
            "RETURN_REQUEST",
            "it answers what was asked before",
        ),
    ],
)
async def test_a_reading_of_our_own_keeps_what_was_understood(
    tmp_path: Path, before: str, text: str, read: str, handled: str, because: str
) -> None:  # fmt: skip
    """The result says both: no intent has the figure of another."""
    named = re.findall(r"\d{4}", text)
    async with talking(tmp_path) as talk:
        if before:
            plainly = await talk.says(before, "RETURN_REQUEST", order_number="1005")
            assert (plainly.confidence, plainly.understood) == (0.99, None)
        result = await talk.says(text, read, **({"order_number": named[0]} if named else {}))
    assert result.intent == handled
    assert result.understood == c.Understood(intent=c.Intent(read), confidence=0.99, because=because)
    assert [need.confidence for need in result.intents] == [result.confidence] == [0.99]


async def test_what_is_doubtful_is_not_made_sure(tmp_path: Path) -> None:
    """A playbook goes by a reading of its own; how sure the classifier was stays what it was."""
    async with talking(tmp_path) as talk:
        await talk.says("I want to return order 1005", "RETURN_REQUEST", order_number="1005")
        result = await talk.says("thanks!")
    assert (result.intent, result.confidence, result.understood) == ("GENERAL_INQUIRY", 0.3, None)


def test_the_trace_tells_the_reason_and_calls_nothing_less_likely_than_what_was_less_likely() -> None:
    """What was understood was read otherwise; the rest was less likely than that."""
    refund, read, change = (
        c.Need(intent=c.Intent(name), confidence=sure)
        for name, sure in (("REFUND_STATUS", 0.96), ("RETURN_REQUEST", 0.9606), ("ORDER_CHANGE", 0.01))
    )
    classified = c.IntentClassified(
        conversation_id="c-1", turn_id="t-1", step_id="classify", needs=(read,), language="en", usage=USAGE,
        sentiment=c.Sentiment(label="neutral", score=0.0), alternatives=(change,),
    )  # fmt: skip
    plan = Plan(route="write", state=c.ConversationState(), needs=(refund,), because=MONEY)
    with recording(), telemetry.root("turn"):
        notes = explained(plan, {}, classified)
    said = notes["reasoning"]
    assert said.startswith("understood as RETURN_REQUEST at 0.96; handled as REFUND_STATUS because " + MONEY)
    assert {each["what"]: each["why"] for each in json.loads(notes["alternatives"])} == {
        "RETURN_REQUEST": MONEY, "ORDER_CHANGE": "less likely than RETURN_REQUEST",
    }  # fmt: skip
