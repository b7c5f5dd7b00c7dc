"""A person is asked for, takes over, speaks, and gives the conversation back to the bot."""

from playwright.async_api import expect

from tests.journeys.browser.journey import MOST_MS, Journey, hidden
from tests.journeys.browser.people import Customer, Staff
from tests.journeys.browser.stage import Stage


async def taking_over(stage: Stage, journey: Journey) -> None:
    """Emma writes, an agent answers, a second one looks on."""
    journey.title = "A person takes over, and gives back"
    emma = Customer(await journey.page("customer"), journey)
    agent = Staff(await journey.page("agent"), journey, "The agent")
    robin = Staff(await journey.page("robin"), journey, "Robin, a second agent")
    for each, account in ((agent, "agent"), (robin, "robin")):
        await each.sign_in(stage.accounts[account])
    await _asks(emma, agent, journey)
    await _is_taken(emma, agent, robin, journey)
    await _is_talked_about(emma, agent, robin, journey)
    await _goes_back(emma, agent, journey)


async def _asks(emma: Customer, agent: Staff, journey: Journey) -> None:
    journey.chapter("Emma asks the assistant, then for a person")
    await emma.arrive("Emma")
    await emma.ask("Where is my order 1007?")
    await emma.ask_for_a_person("Can I talk to a person, please?")
    await expect(agent.rows).to_have_count(1, timeout=MOST_MS)
    about = await agent.rows.first.locator(".reason").inner_text()
    journey.tells(f"The agent's queue, without a reload: one waits, {about}.")
    await journey.look(emma.page, "waits")
    await journey.look(agent.page, "queue")


async def _is_taken(emma: Customer, agent: Staff, robin: Staff, journey: Journey) -> None:
    journey.chapter("One takes it, another cannot")
    await agent.open_case("1007")
    await robin.open_case("1007")
    note = agent.page.locator("#customer")
    await expect(note).to_contain_text("order 1007", timeout=MOST_MS)
    journey.tells(f"The agent reads beside it: {await agent.page.locator('#handed-over').inner_text()}.")
    await hidden(robin.page, True)  # Robin looks elsewhere: the button is one of before
    await agent.press("Take it")
    await expect(emma.told).to_have_count(1, timeout=MOST_MS)
    await expect(emma.banner).to_contain_text("You are talking with our support team.", timeout=MOST_MS)
    journey.tells("The agent takes it. Emma is told who it is: You are talking with our support team.")
    journey.expected.append("409")
    await robin.press("Take it")
    refused = robin.page.locator("#refusal")
    await expect(refused).not_to_be_empty(timeout=MOST_MS)
    journey.tells("Robin presses the same button a moment later, and is told who has it.")
    await journey.look(robin.page, "refused")
    await hidden(robin.page, False)
    await expect(robin.page.locator("#composer")).not_to_contain_text("Take the", timeout=MOST_MS)
    await expect(robin.page.locator("#text")).to_have_count(0)


async def _is_talked_about(emma: Customer, agent: Staff, robin: Staff, journey: Journey) -> None:
    journey.chapter("They talk")
    await agent.page.locator("#text").press_sequentially("Hi")
    await expect(emma.stage).to_contain_text("is typing…", timeout=MOST_MS)
    journey.tells("Emma sees that somebody is typing.")
    for said, answer in (
        ("Hi Emma, I see that order 1007 is out for delivery. What can I do?", "I'm not home until six."),
        ("I ask the driver to come after six.", "Perfect, thank you!"),
    ):
        await agent.say(said)
        await expect(emma.staff.last).to_have_text(said, timeout=MOST_MS)
        journey.says("Agent", said)
        await emma.write(answer)
        await expect(agent.page.locator(".line.theirs .text").last).to_have_text(answer, timeout=MOST_MS)
    note = "The depot confirmed it: after 18 h."
    await agent.press_tab("Internal note")
    await agent.page.locator("#note").fill(note)
    await agent.press("Keep as internal note")
    await expect(robin.page.locator(".line.note .text")).to_have_text(note, timeout=MOST_MS)
    assert note not in await emma.log.inner_text()
    journey.tells(f"The agent notes: {note} Robin reads it; Emma's page does not have it.")
    await journey.look(agent.page, "talk")
    await journey.look(emma.page, "talk")


async def _goes_back(emma: Customer, agent: Staff, journey: Journey) -> None:
    journey.chapter("The assistant has it again")
    told = await emma.told.count()
    await agent.press("Give to the bot")
    await expect(emma.told).to_have_count(told + 1, timeout=MOST_MS)
    await expect(emma.banner).to_be_hidden(timeout=MOST_MS)
    journey.tells("The agent gives it to the bot, and Emma is told.")
    await emma.ask("When does order 1007 arrive?")
    await expect(agent.page.locator(".line.bot")).to_have_count(3, timeout=MOST_MS)
    journey.tells("Nobody asked Emma who she is, or what it is about. The agent's page has it all.")
    await journey.look(emma.page, "bot-again", axe=False)
    await journey.look(agent.page, "given-back", axe=False)
