"""Staff take over while the assistant is writing: its reply is theirs to send, to change or to throw away."""

from contextlib import suppress

from playwright.async_api import Locator, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tests.bus.sample import until
from tests.journeys.browser.journey import MOST_MS, Journey
from tests.journeys.browser.people import Customer, Staff
from tests.journeys.browser.stage import Stage

QUESTION = "Where is my order 1009?"
TRIES = 3
GIVEN_UP_MS = 15_000
"""Until a turn that waited for the shop is over, on a machine with other things to do."""


async def held_draft(stage: Stage, journey: Journey) -> None:
    """James asks, the shop's API is slow, an agent does not want to wait for it."""
    journey.title = "A reply that was on its way when a person came"
    james = Customer(await journey.page("customer"), journey)
    agent = Staff(await journey.page("agent"), journey, "The agent")
    await agent.sign_in(stage.accounts["agent"], "/console/search")
    journey.chapter("An agent takes a conversation over from the bot")
    await james.arrive("James")
    await james.ask("Do you ship to Canada?")
    await agent.page.get_by_label("Words of the conversation").fill("Canada")
    await agent.press("Search")
    await agent.page.locator(".history a").first.click()
    await expect(agent.page.locator("#lines, .lines")).to_contain_text("Canada")
    await journey.look(agent.page, "read")
    here, lines = agent.page.url, list(journey.lines)
    for _ in range(TRIES):
        if await _in_time(james, agent, stage):
            break
        journey.lines = list(lines)
        await agent.press("Give to the bot")
        await agent.page.goto(here)
    journey.tells("The shop is slow, James waits. The agent takes it over, and James is told who it is.")
    replies = await james.replies.count()
    journey.chapter("The bot's reply is a draft now")
    draft = _draft(agent)
    journey.tells(f"The agent's reply box: {await draft.locator('.by').inner_text()}")
    # A later try is another message, so the bot may have chosen other words for the same facts.
    await expect(draft.locator(".text")).to_contain_text("#1009")
    await expect(draft.locator(".text")).to_contain_text("Northway Parcel")
    journey.tells("It says what became of #1009, and that Northway Parcel brings it.")
    await journey.look(agent.page, "draft")
    await draft.get_by_role("button", name="Edit").click()
    box = agent.page.locator("#text")
    await expect(box).not_to_have_value("", timeout=MOST_MS)
    await box.fill("Hello James! I have your order before me, and I stay with it.")
    await agent.press("Send")
    await expect(james.staff.last).to_contain_text("I stay with it", timeout=MOST_MS)
    journey.says("Agent", await james.staff.last.inner_text())
    sent = agent.page.locator(".line.draft", has_text="sent after edits")
    await expect(sent).to_have_count(1, timeout=MOST_MS)
    assert await james.replies.count() == replies
    journey.tells("James reads what the agent made of it, and nothing twice. The console: sent after edits.")
    await journey.look(agent.page, "sent", axe=False)
    await journey.look(james.page, "sent", axe=False)


async def _in_time(james: Customer, agent: Staff, stage: Stage) -> bool:
    """Take over while the question is being answered; false when that was too late or too early."""
    told, replies = await james.told.count(), await james.replies.count()
    with stage.shop_does_not_answer() as asked:
        await james.write(QUESTION)
        await until(asked)
        await agent.press("Take over from the bot")
        await expect(agent.heading).to_contain_text("(you)", timeout=MOST_MS)
    await expect(james.told).not_to_have_count(told, timeout=MOST_MS)
    if await james.replies.count() > replies:  # what was said before is there before
        return False
    with suppress(PlaywrightTimeout):
        await _draft(agent).wait_for(timeout=GIVEN_UP_MS)
    return await _draft(agent).is_visible()


def _draft(agent: Staff) -> Locator:
    return agent.page.locator(".draft-card", has_text="Held reply of the bot").last
