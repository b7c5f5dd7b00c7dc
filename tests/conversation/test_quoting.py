"""What a person reads first of the customer's own words, when somebody may be hurt."""

import pytest

from conversation.hand_over.quoting import quotes
from shared.adapters.embedded.risk import open_risk_watch
from shared.contracts import AssessMessage

EARLIER = (
    "I bought the stove two weeks ago and the parcel came late, the box was open and one bag was missing"
)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("I burned my hand.", "I burned my hand."),
        ("Hello again. The order came on Monday, late as always. It exploded and burned my hand! What now?",
         "It exploded and burned my hand!"),
        ("Bonjour. Le réchaud est arrivé lundi. Je me suis brûlé la main. Que faire ?",
         "Je me suis brûlé la main."),
        ("Buenos días. El paquete llegó el lunes. Me quemé la mano con el hornillo. ¿Qué hago?",
         "Me quemé la mano con el hornillo."),
    ],
)  # fmt: skip
def test_the_sentence_that_tells_of_the_injury_comes_first(text: str, first: str) -> None:
    """However short it is, and whatever else was said before it; without such words nothing changes."""
    heard = open_risk_watch().assess(AssessMessage(conversation_id="c", turn_id="t", step_id="s", text=text))
    danger = next(each.span for each in heard.signals if each.reason == "safety")
    messages = [EARLIER, text]
    found = [each for each in quotes(messages, orders=(), items=(), danger=danger) if each.of == "happened"]
    assert (found[0].text, found[0].ago) == (first, 0)
    before = [each for each in quotes(messages, orders=(), items=()) if each.of == "happened"]
    assert len(found) == len(before) + (found[0] not in before)
