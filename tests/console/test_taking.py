"""Staff take over a conversation that nobody handed over: it is theirs, the bot's next words are a draft."""

from pathlib import Path

from shared import contracts as c
from tests.console.desk import PAGE, ConsoleDesk, open_desk

STATE = c.ConversationState(language="fr", customer="TOKEN_x", last_intent="ORDER_STATUS")


async def take_over(console: ConsoleDesk, conversation: str, role: str = "agent") -> tuple[int, str]:
    """The answer's status and where it leads."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", **PAGE}
    path = f"/console/conversations/{conversation}/take-over"
    answer = await console.http(role).post(path, data={}, headers=headers)
    return answer.status_code, answer.headers.get("location", answer.text)


async def test_a_conversation_of_the_bot_becomes_ones_own(tmp_path: Path) -> None:
    """What is read offers it; the case says who the customer is, and has the late reply as a draft."""
    async with open_desk(tmp_path) as console:
        await console.said("Où est ma commande ?", "Elle est en route.", state=STATE)
        read = await console.http().get("/console/conversations/c-1", headers=PAGE)
        assert "/console/conversations/c-1/take-over" in read.text
        status, there = await take_over(console, "c-1")
        case = await console.cases.of("c-1")
        assert case is not None
        assert (status, there) == (303, f"/console/cases/{case.id}#newest")
        assert (case.phase, case.owner, case.language) == ("person", "staff:m-agent", "fr")
        packet = case.hand_over.packet
        assert (packet.identity, packet.intent) == ("signed_in", c.Intent.ORDER_STATUS)
        await console.said("Alors ?", "Elle arrive demain.", turn="t-2", at=9e9)
        page = await console.page(case.id)
        assert ("Held reply of the bot" in page, "Elle arrive demain." in page) == (True, True)
        read = await console.http().get("/console/conversations/c-1", headers=PAGE)
        assert "take-over" not in read.text


async def test_it_is_one_persons(tmp_path: Path) -> None:
    """Of two only the first has it, and may press twice; a case that waits is claimed."""
    async with open_desk(tmp_path) as console:
        await console.said("hello?", "Hi.")
        first = await take_over(console, "c-1")
        assert (first[0], await take_over(console, "c-1")) == (303, first)
        status, said = await take_over(console, "c-1", "lead")
        assert (status, "agent" in said) == (409, True)
        await console.said("a person!", "One comes.", conversation="c-2", turn="t-2")
        await console.waits("h-2", "c-2")
        assert await take_over(console, "c-2", "lead") == (303, "/console/cases/h-2#newest")
        assert (await take_over(console, "c-nobody"))[0] == 404
