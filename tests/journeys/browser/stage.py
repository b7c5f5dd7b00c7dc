"""The whole shop, running, with everybody who takes part in the journeys."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, async_playwright, expect

from gateway.staff.members import Members
from mock_apis.faults import clear_fault, set_fault
from mock_apis.shopify import open_shop
from shared.adapters.sqlite.staff import open_staff
from tests.journeys.browser.journey import MOST_MS, Journey
from tests.shop import Shop
from tests.web.conftest import SWITCHES

SETTINGS = {
    "CONVERSATION_SECRET": "the-same-ids-and-words-in-each-run-of-the-journeys",
    "RATE_ADDRESS_PER_MINUTE": "100000",
    "RATE_NEW_CONVERSATIONS_PER_MINUTE": "0",
}


@dataclass
class Stage:
    """A running shop, a browser, and accounts by name: one for each role, and `robin`, a second agent."""

    shop: Shop
    browser: Browser
    accounts: dict[str, tuple[str, str]]

    def journey(self, name: str) -> Journey:
        """A story that begins."""
        return Journey(name, self.browser, self.shop.url)

    def customer_id(self, name: str) -> str:
        """Of a demo customer, by first name."""
        return next(str(each["id"]) for each in self.shop.customers() if each["name"].startswith(name))

    @contextmanager
    def shop_does_not_answer(self) -> Iterator[Callable[[], bool]]:
        """Whoever asks the shop's API tries again and again meanwhile; whether somebody does."""
        store = open_shop(self.shop.data_dir / "mock" / "shopify.db", datetime.now(UTC).date())
        set_fault(store, status=503, times=1000)
        try:
            yield lambda: store.sql("SELECT times FROM fault")[0][0] < 1000
        finally:
            clear_fault(store)
            store.close()


@asynccontextmanager
async def open_stage(shop: Shop) -> AsyncIterator[Stage]:
    """A browser, and a second agent; without Chromium an error in CI and a loud skip elsewhere."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        missing = "no chromium or google-chrome on PATH: install one for the journeys"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    async with open_staff(shop.data_dir / "staff.db") as store:
        robin = await Members(store).add("robin", "agent")
    expect.set_options(timeout=MOST_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield Stage(shop, browser, shop.staff | {"robin": ("robin", robin.password)})
        await browser.close()
