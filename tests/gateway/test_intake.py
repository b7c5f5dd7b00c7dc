"""The door in hides the answer to a question that asked for personal data."""

from dataclasses import dataclass
from typing import cast

import pytest

from gateway import intake as door
from gateway.auth import GUEST, Identity
from gateway.intake import Intake
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.contracts import ConversationState, Said
from shared.errors import StoreDown
from shared.ports import CommerceApi, ConversationStore
from tests.bus.sample import until


@dataclass
class Told:
    """A store that remembers one line, or is down."""

    last: str = ""
    down: bool = False

    async def load(self, conversation_id: str) -> ConversationState | None:
        """The conversation, in which the bot has just said `last`."""
        if self.down:
            raise StoreDown("the disk is away")
        said = (Said(who="customer", text="hi"), Said(who="bot", text=self.last))
        return ConversationState(history=said) if conversation_id == "c-1" else None


async def received(message: str, store: Told, conversation_id: str = "c-1") -> str:
    """What stands on the bus when `message` has come in."""
    bus = MemoryBus()
    intake = Intake(
        bus=bus, vault=MemoryVault(), shop=cast("CommerceApi", None), store=cast("ConversationStore", store)
    )
    turn = await intake.submit(
        message, conversation_id=conversation_id, turn_id="t-1", identity=GUEST, locale=None
    )
    return turn.text


@pytest.mark.parametrize("question", ["May I have your name?", "Votre nom ?", "¿A nombre de quién está?"])
async def test_a_name_that_is_a_word(question: str) -> None:
    """After "your name?" a word is a name; not unasked, elsewhere, or with the store down."""
    assert (await received("rose", Told(question))).startswith("TOKEN_")
    assert await received("rose", Told("Which color?")) == "rose"
    assert await received("rose", Told(question), conversation_id="c-2") == "rose"
    assert await received("rose", Told(question, down=True)) == "rose"


async def test_a_long_message_is_no_answer() -> None:
    """Who answers with something else is read without the question."""
    text = "I would rather first hear whether you still have the rose one in stock at all"
    assert await received(text, Told("May I have your name?")) == text


async def test_an_order_number_stays() -> None:
    """A number that was asked for stays readable to the tools."""
    assert (
        await received("10442", Told("Which order? Tell me its order number and your postcode.")) == "10442"
    )
    assert (await received("10442", Told("What is your ZIP code?"))).startswith("TOKEN_")


class OneRecord:
    """A shop that knows one customer."""

    async def record_of(self, customer_id: str) -> tuple[str, ...]:
        """Their name."""
        return ("Rose Quackenbush",)


async def test_a_customers_record_leaves_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its minutes by itself, and at once when it is told to: an erasure's receipt says so."""
    monkeypatch.setattr(door, "_RECORD_SECONDS", 0.05)
    shop, store = cast("CommerceApi", OneRecord()), cast("ConversationStore", Told())
    intake = Intake(bus=MemoryBus(), vault=MemoryVault(), shop=shop, store=store)
    for customer in ("ana", "bo"):
        await intake.submit(
            "hi", conversation_id="c-2", turn_id=customer, identity=Identity(customer), locale=None
        )
    assert set(intake._records) == {"ana", "bo"}
    intake.forget("bo")
    assert set(intake._records) == {"ana"}
    await until(lambda: not intake._records)
