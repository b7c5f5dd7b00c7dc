"""The customer's name comes with the first facts of a conversation, as a token, and is used sparingly."""

from pathlib import Path

from shared import contracts as c
from tests.conversation.desk import ids, running, understood
from tests.orders import order

NAME = "TOKEN_99999999-8888-7777-6666-555555555555"


async def told(ask: c.FetchFacts) -> c.FactsFetched:
    """A shop that knows the customer and order 1005."""
    found = order("1005", total="45.00", carrier="Northway Parcel")
    customer = c.Customer(id=ask.customer, first_name=NAME, email="", locale="en")
    return c.FactsFetched(
        **ids(ask), order=found, order_lookup="found", customer=customer if "customer" in ask.wants else None
    )


async def test_the_name_is_read_once_and_said_in_the_first_reply(tmp_path: Path) -> None:
    """The first facts bring the name; the next turn neither asks for it again nor says it again."""
    answers = {c.CLASSIFY: understood("ORDER_STATUS"), c.FETCH: told}
    async with running(tmp_path, answers) as desk:
        first = await desk.say("Where is order #1005?", customer="TOKEN_x", locale="en")
        second = await desk.say("And when will 1005 arrive?", customer="TOKEN_x")
        wants = [ask.wants for ask in desk.asked if isinstance(ask, c.FetchFacts)]
        assert ["customer" in wanted for wanted in wants] == [True, False]
        assert first.reply.count(NAME) == 1
        assert NAME not in second.reply
        assert second.state is not None
        assert second.state.first_name == NAME


async def test_a_guest_has_no_name(tmp_path: Path) -> None:
    """Who is not signed in is not looked up."""
    answers = {c.CLASSIFY: understood("PRODUCT_INQUIRY"), c.FETCH: told}
    async with running(tmp_path, answers) as desk:
        await desk.say("Do you sell tents?")
        assert all("customer" not in ask.wants for ask in desk.asked if isinstance(ask, c.FetchFacts))


async def test_a_turn_that_needs_no_facts_asks_for_no_name(tmp_path: Path) -> None:
    """A greeting costs no call to the shop."""
    async with running(tmp_path, {c.CLASSIFY: understood("GENERAL_INQUIRY"), c.FETCH: told}) as desk:
        await desk.say("hello", customer="TOKEN_x")
        assert desk.count(c.FetchFacts) == 0


async def test_the_writer_hears_the_tone_of_the_conversation(tmp_path: Path) -> None:
    """What the customer wrote before counts for the tone of this reply."""
    async with running(tmp_path, {c.CLASSIFY: understood("FEEDBACK")}) as desk:
        await desk.say("hey, love the new tents lol")
        await desk.say("Good tents.")
        assert [ask.register for ask in desk.asked if isinstance(ask, c.WriteReply)] == ["casual", "casual"]
