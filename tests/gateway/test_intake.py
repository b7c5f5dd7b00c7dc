"""The door in hides the answer to a question that asked for personal data."""

from dataclasses import dataclass
from typing import cast

import pytest

from gateway import intake as door
from gateway.auth import GUEST, Identity
from gateway.intake import Intake
from gateway.problems import Problem
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.contracts import ConversationState, Said
from shared.errors import StoreDown, VendorDown
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


class Behind:
    """A shop that knows who is behind a token, or is down."""

    def __init__(self, *, down: bool = False) -> None:
        self.down = down

    async def record_behind(self, customer: str, *, conversation_id: str) -> tuple[str, ...]:
        """Their name."""
        if self.down:
            raise VendorDown("shop", "no answer")
        return ("Rose Quackenbush",)


async def test_what_staff_say_is_tokenized_like_the_customers_words() -> None:
    """The record's name, never said before, is known; the same value has one token; a stranger is told."""
    vault = MemoryVault()
    shop, store = cast("CommerceApi", Behind()), cast("ConversationStore", Told())
    intake = Intake(bus=MemoryBus(), vault=vault, shop=shop, store=store)
    known = await vault.token("jo@example.com", conversation_id="c-1", owner="ana")
    said = await intake.said_by_staff(
        "Dear Rose Quackenbush, I wrote to jo@example.com and bo@example.org.",
        conversation_id="c-1",
        customer="TOKEN_x",
    )
    assert "Quackenbush" not in said.text
    assert known in said.text
    assert "@" not in said.text
    assert said.strange((known,)) == ("bo@example.org",)
    again = await intake.said_by_staff(said.text, conversation_id="c-1")
    assert again.text == said.text, "tokens stay"
    assert again.values == ()


async def test_the_shop_is_down_while_staff_answer() -> None:
    """What has a form of its own is found all the same."""
    shop, store = cast("CommerceApi", Behind(down=True)), cast("ConversationStore", Told())
    intake = Intake(bus=MemoryBus(), vault=MemoryVault(), shop=shop, store=store)
    said = await intake.said_by_staff("To jo@example.com", conversation_id="c-1", customer="TOKEN_x")
    assert said.text.startswith("To TOKEN_")


def test_what_nobody_sees_is_left_out() -> None:
    """It may stand within an address; alone it is no message. What joins signs or letters stays."""
    assert door.clean("\u202ejo\u200b@exam\u00adple.org\ufeff\u202c") == "jo@example.org"
    assert door.clean("👩\u200d🚒 می\u200cخواهم ❤\ufe0f") == "👩\u200d🚒 می\u200cخواهم ❤\ufe0f"
    with pytest.raises(Problem, match="is empty"):
        door.clean("\u200b\u2060 \u200e")


def test_five_thousand_characters_are_taken_and_one_more_is_not() -> None:
    """Counted as they are read."""
    assert len(door.clean("é" * 4_999 + "!\u200b")) == 5_000
    with pytest.raises(Problem, match="5001 characters"):
        door.clean("x" * 5_001)
