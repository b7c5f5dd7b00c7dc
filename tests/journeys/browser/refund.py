"""A refund above the limit: the customer asks, a lead says yes with one click, the customer's page knows."""

from playwright.async_api import expect

from tests.journeys.browser.journey import MOST_MS, Journey
from tests.journeys.browser.people import Customer, Staff
from tests.journeys.browser.stage import Stage


async def refund(stage: Stage, journey: Journey) -> None:
    """Emma wants 159 dollars back, less the label; 50 are given without a person.

    At the lead's yes a return is opened with its label; the money follows when the parcel is back.
    """
    journey.title = "A refund above the limit"
    emma = Customer(await journey.page("customer"), journey)
    lead = Staff(await journey.page("lead"), journey, "The lead")
    journey.chapter("Emma asks for her money back")
    await emma.arrive("Emma")
    await emma.ask_for_a_person("I'd like my money back for order 1005, please")
    await journey.look(emma.page, "asked", axe=False)
    journey.chapter("A lead decides")
    await lead.sign_in(stage.accounts["lead"], "/console/approvals")
    asked = lead.page.locator("main section").first
    await expect(asked).to_contain_text("1005")
    what, why = await asked.locator("h2").inner_text(), await asked.locator("strong").first.inner_text()
    journey.tells(f"Approvals, {what} Needs a person: {why}.")
    await journey.look(lead.page, "approvals")
    there = await emma.replies.count()
    await lead.press("Approve")
    await expect(lead.page.get_by_text("Nothing waits for a decision.")).to_be_visible(timeout=MOST_MS)
    journey.tells("One click, and nothing waits for a decision any more.")
    journey.chapter("Emma hears of it, without a reload")
    await expect(emma.replies).to_have_count(there + 1, timeout=MOST_MS)
    journey.says("Assistant", await emma.replies.last.locator(".text").inner_text())
    receipt = emma.replies.last.locator(".receipt")
    journey.tells(f"With a receipt: {await receipt.inner_text()}")
    order = stage.shop.order("1005")
    assert (order["status"], order["payment"]) == ("return_in_progress", "paid")
    journey.tells(f"At the shop order 1005 has a return in progress; its payment is {order['payment']}.")
    await journey.look(emma.page, "refunded")
    await emma.page.reload()
    await expect(receipt).to_contain_text("1005", timeout=MOST_MS)
    await lead.page.goto("/console?view=over")
    await lead.open_case("1005")
    await expect(lead.page.locator("#belongs .decided")).to_contain_text("Approved", timeout=MOST_MS)
    journey.tells(f"The case: {await lead.heading.inner_text()}, and the decision stands beside it.")
    await journey.look(lead.page, "decided")
