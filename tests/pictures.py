"""`python -m tests.pictures FOLDER` takes the pictures of docs/support-guide.md in a shop of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.shop import ROOT, Shop, running_shop
from tests.web.conftest import SWITCHES

WIDE, PHONE = (1280, 800), (390, 844)
_COLOURS = 64
"""Of the palette: text stays sharp, and a picture of a page stays under 150 KB."""
_MOST_MS = 30_000


def main(folder: Path) -> None:
    """Let the shop's morning happen, and look at each page as a lead does."""
    with browsing(folder) as (shop, browser):
        page = signed_in(browser, shop, "lead", "/console", WIDE)
        for name, look in LOOKS.items():
            look(page)
            take(page, folder / f"{name}.png")
        phone = signed_in(browser, shop, "lead", "/console", PHONE)
        _open_case(phone, "safety")
        take(phone, folder / "phone.png")


@contextmanager
def browsing(folder: Path) -> Iterator[tuple[Shop, Browser]]:
    """A shop of its own after its morning, a browser, and a folder for what it sees."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("pictures: no chromium or google-chrome on PATH; install one (apt install chromium)")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running_shop(Path(home)) as shop,
        sync_playwright() as playwright,
    ):
        morning(shop)
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield shop, browser
        browser.close()


def morning(shop: Shop) -> None:
    """The demo's customers write in, as `launch demo-morning` lets them."""
    settings = {"PORT": shop.url.rpartition(":")[2], "DATA_DIR": str(shop.data_dir)}
    subprocess.run(
        [sys.executable, "-m", "launch", "demo-morning"], cwd=ROOT, env=os.environ | settings, check=True
    )


def signed_in(browser: Browser, shop: Shop, who: str, path: str, size: tuple[int, int]) -> Page:
    """A page of a member of staff, from the first minute."""
    width, height = size
    context = browser.new_context(base_url=shop.url, viewport={"width": width, "height": height})
    context.set_default_timeout(_MOST_MS)
    page = context.new_page()
    name, password = shop.staff[who]
    page.goto(path)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.get_by_label("Password").wait_for(state="detached")
    return page


def _open_case(page: Page, queue: str) -> None:
    page.goto("/console")
    page.locator("#rows > li", has_text=queue).first.locator("a").first.click()
    page.locator("#composer textarea").first.wait_for()


def _waiting(page: Page) -> None:
    """What is there when somebody begins their day: the queue, and the most urgent case open."""
    _open_case(page, "safety")


def _claimed(page: Page) -> None:
    """A case of one's own, with the bot's suggestion."""
    _open_case(page, "legal")
    if page.locator("#act-claim").count():
        page.locator("#act-claim").click()
    page.get_by_text("Suggested reply").first.wait_for()


def _found(page: Page) -> None:
    page.goto("/console/search")
    page.get_by_label("Words of the conversation").fill("1009")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("ound", exact=False).first.wait_for()


def _at(path: str) -> Callable[[Page], None]:
    def look(page: Page) -> None:
        page.goto(path)

    return look


LOOKS: dict[str, Callable[[Page], None]] = {
    "queue": _waiting,
    "case": _claimed,
    "approvals": _at("/console/approvals"),
    "follow-ups": _at("/console/tasks"),
    "promises": _at("/console/promises"),
    "gaps": _at("/console/gaps"),
    "knowledge": _at("/console/knowledge/documents/returns-policy"),
    "search": _found,
    "bulk": _at("/console/bulk"),
    "wall": _at("/console/wall"),
    "availability": _at("/staff"),
}
"""Each picture by its name, and how a lead comes to what it shows."""


def take(page: Page, path: Path) -> None:
    """What the page shows now, in few colours."""
    page.wait_for_load_state()
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(path, optimize=True)
    print(f"{path} {path.stat().st_size // 1024} KB")  # noqa: T201  a command


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.pictures FOLDER")
    main(Path(sys.argv[1]))
