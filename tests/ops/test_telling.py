"""What is said of a turn in short: each part for what it is, and nothing that its sentences contradict."""

import time
from typing import Any

import pytest

from gateway.console.render import pages
from gateway.ops.explaining.spans import Spanned
from gateway.ops.explaining.telling import told
from shared import contracts as c

TOKEN = "TOKEN_76ab374f-d9cd-469f-a165-70867728950e"
BARE = (c.Sentence(text="That is $36.00, less $5.95 for the return label."),)
CITING = (c.Sentence(text="It left.", sources=("order:1013/status",)),)
RULE = "actions.toml [refund]"
RETURN = c.Receipt(kind="return", order_number="1013", status="done", reference="#1013-R1")
REFUND = c.Refund(order_number="1013", amount="30.05", currency="USD")
ASKED = c.ApprovalAsked(
    id="a-1", case_id="k-1", action=REFUND, why=("amount",), preview={"en": "$30.05"}, language="en"
)


def a_turn(**more: Any) -> c.TurnFinished:
    """One that was answered."""
    made: dict[str, Any] = {
        "conversation_id": "c-1", "turn_id": "t-1", "accepted_at": 1.0, "finished_at": 1.1, "language": "en",
        "status": "asked", "intent": c.Intent.REFUND_STATUS, "confidence": 0.96, "sentences": BARE,
        "intents": (c.Need(intent=c.Intent.REFUND_STATUS, confidence=0.96),),
    }  # fmt: skip
    return c.TurnFinished(**(made | more))


def a_span(name: str, **notes: str) -> Spanned:
    """One step."""
    return Spanned(
        id="1", parent="", trace="", name=name, service="", began=time.time(), ms=1, failed=False, notes=notes
    )


def parts(result: c.TurnFinished, *spans: Spanned) -> dict[str, tuple[str, str]]:
    """Its parts by their names, each with how it is known."""
    return {each.about: (each.text, each.proof) for each in told(result, spans, "its trace was not kept")}


def test_what_a_plan_read_otherwise_is_told_with_its_reason() -> None:
    """Each intent with its own figure; what it is handled as is not what it was not taken for."""
    understood = c.Understood(
        intent=c.Intent.RETURN_REQUEST, confidence=0.9606, because="it asks for money back"
    )
    read = a_span(
        "invoke_agent intent",
        alternatives='[{"what":"REFUND_STATUS","score":0.02},{"what":"EXCHANGE","score":0.01}]',
    )
    found = parts(a_turn(understood=understood), read)
    wanted = (
        "understood as RETURN_REQUEST, 0.96 sure; handled as REFUND_STATUS, because it asks for money back"
    )
    assert found["The customer wanted"] == (wanted, "record")
    assert found["Rather than"] == ("EXCHANGE at 0.01", "trace")


def test_a_refused_message_wanted_nothing_surely() -> None:
    """Its words were read, and nothing was made of them: no intent is the one it wanted."""
    needs = tuple(
        c.Need(intent=c.Intent(name), confidence=sure)
        for name, sure in (("ACCOUNT_HELP", 0.37), ("ORDER_STATUS", 0.72))
    )
    text, _ = parts(a_turn(status="refused", intents=needs, confidence=0.37))["The customer wanted"]
    assert text.endswith(
        "as the message was refused; its words read as ACCOUNT_HELP (0.37), ORDER_STATUS (0.72)"
    )


@pytest.mark.parametrize(
    ("more", "clause", "rests", "known"),
    [
        ({}, RULE, f"the preview of what is offered, worked out by {RULE}", "trace"),
        (
            {"actions": (RETURN,), "speaker": "system"}, "",
            "the receipt of the return of order 1013: done (#1013-R1)", "record",
        ),
        (
            {"approval": ASKED}, f"{RULE} beyond: amount",
            "the preview of the refund that a person is to decide about", "record",
        ),
        ({}, "refund_status.toml", "", ""),
        ({"sentences": CITING}, RULE, "", ""),
    ],
)  # fmt: skip
def test_what_cites_nothing_rests_on_a_rule_or_a_receipt(
    more: dict[str, Any], clause: str, rests: str, known: str
) -> None:
    """A price that was worked out is not said to state nothing about the shop."""
    found = parts(a_turn(**more), *([a_span("plan", policy=clause)] if clause else []))
    assert found.get("And on", ("", "")) == (rests, known)
    sourced = "sentences" in more
    assert found["It rests on"][0] == (
        "1 fact of the shop" if sourced else "no passage and no fact of the shop; 1 sentence cites none"
    )


@pytest.mark.parametrize("cut", [7, 10, 14, 20, 41, 42])
def test_a_token_that_was_cut_stays_closed(cut: int) -> None:
    """A reasoning quotes so many characters of a message: what is left of a token is closed, too."""
    shown = str(pages().filters["said"](f"'I live at {TOKEN[:cut]}'"))
    assert "TOKEN" not in shown
    assert f"‹hidden {TOKEN[6 : min(cut, 10)]}›" in shown
