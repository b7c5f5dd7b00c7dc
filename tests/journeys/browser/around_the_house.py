"""A visitor, a developer, an administrator and an operator look around: every other page of the house."""

import re
from urllib.parse import urlsplit

from playwright.async_api import Page, expect

from tests.journeys.browser.journey import MOST_MS, Journey
from tests.journeys.browser.people import Customer, Staff
from tests.journeys.browser.stage import Stage

UNANSWERABLE = "Do you run an affiliate programme for bloggers, and what commission do you pay?"


async def around_the_house(stage: Stage, journey: Journey) -> None:
    """Nobody else is there."""
    journey.title = "Around the house"
    visitor = Customer(await journey.page("visitor"), journey)
    admin = Staff(await journey.page("admin"), journey, "The administrator")
    await _visits(visitor, journey)
    await _signs_in(admin, stage, journey)
    await _opens_everything(admin, journey)
    await _watches(admin.page, journey)
    await _erases(admin, stage, journey)
    await _operates(await journey.page("operator"), stage, journey)


async def _visits(visitor: Customer, journey: Journey) -> None:
    journey.chapter("A visitor, and a developer who wants to know how it works")
    await visitor.page.goto("/")
    await expect(visitor.page.locator("#product-list li").first).to_be_visible(timeout=MOST_MS)
    journey.tells(f"The demo shop: {await visitor.page.locator('h1').inner_text()}")
    await journey.look(visitor.page, "shop")
    await visitor.page.locator("#language").select_option("fr")
    await visitor.open()
    journey.tells("The same in French, with the chat open.")
    await journey.look(visitor.page, "boutique")
    await visitor.page.locator("#language").select_option("en")
    await visitor.ask(UNANSWERABLE)
    await visitor.page.get_by_role("button", name="Close the chat").click()
    await visitor.page.get_by_role("link", name="API documentation").click()
    await expect(visitor.page.get_by_text("/v1/chat").first).to_be_visible(timeout=MOST_MS)
    journey.tells("From the foot of the shop to the API's documentation, which lists POST /v1/chat.")
    await journey.look(visitor.page, "docs", axe=False)  # Swagger's own page


async def _signs_in(admin: Staff, stage: Stage, journey: Journey) -> None:
    journey.chapter("The administrator signs in, at the second attempt")
    page = admin.page
    await page.goto("/console")
    await journey.look(page, "sign-in", axe=False)
    journey.expected.append("401")
    await page.get_by_label("Name").fill("admin")
    await page.get_by_label("Password").fill("not the password")
    await page.keyboard.press("Enter")
    wrong = page.get_by_role("alert")
    await expect(wrong).to_be_visible(timeout=MOST_MS)
    journey.tells(f"A wrong password: {await wrong.inner_text()}")
    await journey.look(page, "wrong-password")
    await page.get_by_label("Password").fill(stage.accounts["admin"][1])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console")
    await page.locator(".who a").click()
    await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible(timeout=MOST_MS)
    journey.tells("The right one leads on to the console. Their own page says where they are signed in.")
    await journey.look(page, "account")


async def _opens_everything(admin: Staff, journey: Journey) -> None:
    journey.chapter("Every page of the console")
    page = admin.page
    await page.goto("/console/tasks")
    form = page.locator("form", has=page.get_by_role("button", name="Add", exact=False)).last
    await form.locator("[name=title]").fill("Ask the carrier about order 1009")
    await form.locator("[name=due]").fill("2030-01-01T09:00")
    await form.get_by_role("button").last.click()
    await expect(page.get_by_role("heading", name="Ask the carrier about order 1009")).to_be_visible()
    ways = page.get_by_role("navigation", name="Console").locator("a")
    there = [await each.get_attribute("href") or "" for each in await ways.all()]
    for href in there:
        await page.goto(href)
        title = (await page.title()).removesuffix(" · Console")
        if href.endswith("/search"):
            await page.get_by_label("Words of the conversation").fill("order")
            await admin.press("Search")
            await expect(page.locator(".history li").first).to_be_visible(timeout=MOST_MS)
        journey.tells(title)
        await journey.look(page, re.sub(r"\W+", "-", title).strip("-").lower())


async def _watches(page: Page, journey: Journey) -> None:
    """The wall goes on by itself, until somebody wants to read in peace; alarms come all the same."""
    await page.clock.install()
    await page.goto("/console/wall")
    figures = await page.locator("main").element_handle()
    async with page.expect_response("**/console/wall"):
        await page.clock.run_for(16_000)
    await page.wait_for_function("main => !main.isConnected", arg=figures)
    asked: list[str] = []
    page.on("request", lambda each: asked.append(urlsplit(each.url).path))
    await page.get_by_role("button", name="Pause updates").click()
    await page.clock.run_for(60_000)
    assert set(asked) == {"/console/due/alarms"}
    journey.tells("The wall brings itself up to date, and stands still when it is told to.")


async def _erases(admin: Staff, stage: Stage, journey: Journey) -> None:
    journey.chapter("A customer wants to be forgotten")
    page, customer = admin.page, stage.customer_id("James")
    await page.goto("/console/customers")
    await page.get_by_label("Customer id", exact=True).focus()
    await page.keyboard.type(customer)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="What is kept of")).to_be_visible(timeout=MOST_MS)
    assert customer not in page.url, "addresses are written down by proxies"
    await journey.look(page, "kept")
    await page.get_by_label("Type the customer id again").focus()
    await page.keyboard.type(customer)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    genuine = page.get_by_role("status").filter(has_text="signed by")
    await expect(genuine).to_have_text("Genuine: signed by this installation, unchanged.", timeout=MOST_MS)
    journey.tells("By keyboard alone: looked up, erased, and the receipt is genuine.")
    await journey.look(page, "receipt")
    await page.goto("/console/customers/receipts")
    await expect(page.get_by_text("genuine", exact=True)).to_have_count(1)
    await journey.look(page, "receipts")


async def _operates(page: Page, stage: Stage, journey: Journey) -> None:
    journey.chapter("The operator looks whether it runs")
    await page.goto("/health/ready")
    journey.tells(f"/health/ready: {(await page.locator('body').inner_text())[:15]}…")
    operator = Staff(page, journey, "The operator")
    await operator.sign_in(stage.accounts["operator"], "/staff")
    await expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible(timeout=MOST_MS)
    await journey.look(page, "operator")
    await page.goto("/metrics")
    await expect(page.get_by_text("desk_turns_total").first).to_be_attached(timeout=MOST_MS)
    journey.tells("Signed in, they read the figures at /metrics.")
