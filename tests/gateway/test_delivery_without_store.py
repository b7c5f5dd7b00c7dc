"""While the store is down no word of the bot leaves but one: that a person was asked for."""

from secrets import token_hex
from typing import Any, cast

import pytest
from msgspec import structs

from gateway.delivery import Delivery
from shared import contracts as c
from shared.errors import StoreDown
from shared.ports import ConversationStore, PIIVault
from shared.telemetry.flags import OURS
from tests.cases.examples import hand_over
from tests.telemetry.recorded import recording


class Down:
    """A store nobody reaches."""

    async def release(self, _: c.TurnFinished) -> bool:
        """It cannot say."""
        raise StoreDown("down for the test")


class Held(Down):
    """A store in which a person has the conversation."""

    async def release(self, _: c.TurnFinished) -> bool:
        """The reply is a draft now."""
        return False


TURN = c.TurnFinished(
    conversation_id="c-1", turn_id="t-1", finished_at=2.0, accepted_at=1.0, status="handed_over",
    sentences=(c.Sentence(text="A person takes over now."),), intent=None, language="en",
    escalation=hand_over(),
)  # fmt: skip


def delivery(store: Any) -> Delivery:
    """The door out, over a store; nothing in these texts needs the vault."""
    return Delivery(vault=cast("PIIVault", None), store=cast("ConversationStore", store))


async def test_who_asked_for_a_person_is_told_though_the_store_is_down() -> None:
    """Nobody can have claimed a case in it."""
    answer = await delivery(Down()).answer(TURN)
    assert (answer["status"], answer["reply"]) == ("handed_over", "A person takes over now.")


async def test_any_other_reply_waits_for_the_store() -> None:
    """It might speak over a person."""
    with pytest.raises(StoreDown):
        await delivery(Down()).answer(structs.replace(TURN, escalation=None, status="answered"))


async def test_a_store_that_says_no_is_heard() -> None:
    """A hand-over that was in flight when a person took over is held like any other reply.

    Its trace is kept and says so, once, however often the customer's page asks.
    """
    turn = structs.replace(TURN, trace_id=token_hex(16))
    with recording() as recorded:
        for _ in range(2):
            assert (await delivery(Held()).answer(turn))["reply"] == ""
    (span,) = recorded.of(turn.trace_id)
    assert (span.name, span.attributes["action"], span.turn) == ("flag", "held_back", "t-1")
    assert OURS.why(turn.trace_id) == "held_back"
