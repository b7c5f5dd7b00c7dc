"""What cannot wait is heard in a customer's words, and not in words that only look alike."""

from pathlib import Path

import pytest

from conversation.hand_over.raising import cannot_wait
from shared.adapters.embedded.risk import open_risk_watch
from shared.contracts import TurnAccepted

WATCH = open_risk_watch()
LISTS = Path(__file__).with_name("told_while_waiting")


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("half", [0, 1])
def test_told_while_waiting(language: str, half: int) -> None:
    """What was heard of each writing before it was tuned for, and how many look-alikes with it.

    First 61 of 66 (2 of 71), then 57 of 92 (4 of 77); of injuries, suicide and stolen cards in three
    languages 54 of 85 (16 of 92); then 34 of 50, and 33 of 78 look-alikes written against the rules; then of
    who wants to die, or tells of one who does, 46 of 52 (4 of 35): 10 of them before the rules for it.
    """
    rows = [line.split("\t") for line in (LISTS / f"{language}.tsv").read_text("utf-8").splitlines()][half::2]
    missed, false = [], []
    for reason, text in rows:
        turn = TurnAccepted(conversation_id="c-1", turn_id="t-1", text=text, accepted_at=1.0)
        heard = next(iter(cannot_wait(turn, text, WATCH)), "-")
        if heard != reason:
            (false if reason == "-" else missed).append(text)
    told = sum(reason != "-" for reason, _ in rows)
    assert len(missed) <= 0.05 * told, missed
    assert len(false) <= 0.02 * (len(rows) - told), false
