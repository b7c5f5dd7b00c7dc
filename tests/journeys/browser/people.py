"""The people of the journeys: a customer with the widget open, and members of staff at the console."""

from contextlib import suppress
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.journeys.browser.journey import MOST_MS, Journey


@dataclass
class Customer:
    """At the shop's page, with the widget."""

    page: Page
    journey: Journey
    name: str = "Customer"

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def replies(self) -> Locator:
        return self.page.locator("answer-desk .row.bot:not(.greeting)")

    @property
    def told(self) -> Locator:
        """What the house says: who joined, who left."""
        return self.page.locator("answer-desk p.system")

    @property
    def staff(self) -> Locator:
        return self.page.locator("answer-desk .row.staff .text")

    @property
    def banner(self) -> Locator:
        return self.page.locator("answer-desk .handover")

    @property
    def stage(self) -> Locator:
        return self.page.locator("answer-desk .stage")

    async def arrive(self, name: str = "") -> None:
        """Open the shop, sign in as a demo customer, open the widget."""
        await self.page.goto("/")
        picker = self.page.locator("#customer")
        await expect(picker.locator("option")).to_have_count(5, timeout=MOST_MS)
        if name:
            await picker.select_option(await picker.locator("option", has_text=name).get_attribute("value"))
            await expect(self.page.locator("#order-list li").first).to_be_visible(timeout=MOST_MS)
        await self.open()

    async def open(self) -> None:
        """The widget."""
        await self.page.locator("answer-desk .launcher").click()
        await expect(self.input).to_be_focused(timeout=MOST_MS)

    @property
    def input(self) -> Locator:
        return self.page.locator("answer-desk textarea")

    async def write(self, text: str) -> None:
        """Send a message; nobody waits for its answer."""
        await self.input.fill(text)
        await self.input.press("Enter")
        self.journey.says(self.name, text)

    async def ask(self, text: str) -> str:
        """Send a message and read the assistant's answer."""
        there = await self.replies.count()
        await self.write(text)
        said = await self._next(there)
        self.journey.says("Assistant", said)
        return said

    async def ask_for_a_person(self, text: str) -> None:
        """As `ask`; what is said of the wait depends on the hour, and stays out of the transcript."""
        there = await self.replies.count()
        await self.write(text)
        await self._next(there)
        await expect(self.banner).to_contain_text("You are number 1 in the queue.", timeout=MOST_MS)
        self.journey.says("Assistant", "(a person comes; how long that takes depends on the hour)")
        self.journey.tells("The customer's page: You are number 1 in the queue.")

    async def _next(self, there: int) -> str:
        await expect(self.replies).to_have_count(there + 1, timeout=MOST_MS)
        await expect(self.stage).to_be_empty(timeout=MOST_MS)
        return await self.replies.last.locator(".text").inner_text()


@dataclass
class Staff:
    """At the console; `name` is who they are in the transcript."""

    page: Page
    journey: Journey
    name: str

    @property
    def heading(self) -> Locator:
        return self.page.locator(".case-head h1")

    @property
    def rows(self) -> Locator:
        return self.page.locator("#rows .row")

    @property
    def lines(self) -> Locator:
        return self.page.locator("#lines .line")

    async def sign_in(self, account: tuple[str, str], path: str = "/console") -> None:
        """With name and password, then to a page."""
        await self.page.goto(path)
        await self.page.get_by_label("Name").fill(account[0])
        await self.page.get_by_label("Password").fill(account[1])
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(f"**{path}")

    async def open_case(self, about: str) -> None:
        """The first case of the queue with these words; a click may fall while the page still loads."""
        for _ in range(6):
            await self.rows.filter(has_text=about).first.locator("a").click()
            with suppress(AssertionError):
                await expect(self.heading).to_be_visible(timeout=MOST_MS / 4)
                break

    async def press(self, name: str) -> None:
        """A button of the page by its words."""
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def press_tab(self, name: str) -> None:
        """A tab of the reply box."""
        await self.page.locator(".tab", has_text=name).click()

    async def say(self, text: str) -> None:
        """Speak to the customer, having read what they wrote."""
        newer = self.page.locator("#newer")
        if await newer.is_visible():
            await newer.click()
        await self.page.locator("#text").fill(text)
        await self.press("Send")
        await expect(self.page.locator("#text")).to_have_value("", timeout=MOST_MS)
