"""A journey: people at their pages at the same time, what each did and saw, and pictures of it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from tests.journeys.browser.axe import PHONE, WIDE, as_seen, violations

HERE = Path(__file__).parent
PICTURES = HERE.parents[2] / "artefacts" / "journeys"
MOST_MS = 40_000
TROUBLE = {"error", "warning"}
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_MASKS = (
    (r"\b\d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?\b", "‹time›"),
    (rf"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?{_MONTH} \d{{1,2}}\b", "‹day›"),
    (r"‹hidden \w+›", "‹hidden›"),
    (r"\bh-[st]-[0-9a-f]+\b", "‹case›"),
)
"""What is another on another day."""
# The widget names its messages; with names that are the same each time the bot chooses the same words.
_NAMES = """(() => { let n = 0; const seed = %r;
  crypto.randomUUID = () => `${seed}-0000-4000-8000-${String(++n).padStart(12, "0")}`; })()"""


def plain(text: str) -> str:
    """On one line, without what changes from run to run."""
    text = " ".join(text.split())
    for pattern, mask in _MASKS:
        text = re.sub(pattern, mask, text)
    return text


@dataclass
class Journey:
    """One story. `name` is its file's and its pictures'; `lines` are the transcript so far."""

    name: str
    browser: Browser
    url: str
    title: str = ""
    lines: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of complaints of the browser that a step is meant to cause: a refusal is one to it."""
    barriers: list[str] = field(default_factory=list)
    taken: int = 0

    async def page(self, who: str) -> Page:
        """A browser of their own; what its console complains of fails the journey."""
        context = await self.browser.new_context(
            base_url=self.url, locale="en-US", reduced_motion="reduce", timezone_id="America/New_York"
        )
        context.set_default_timeout(MOST_MS)
        await context.add_init_script(_NAMES % f"{abs(hash_of(self.name + who)):08x}")
        page = await context.new_page()
        page.on("console", lambda line: self._complain(who, line.type, line.text))
        page.on("pageerror", lambda error: self._complain(who, "error", str(error)))
        self.contexts.append(context)
        return page

    def chapter(self, title: str) -> None:
        """What comes next, as a heading."""
        self.lines += ["", f"## {title}", ""]

    def says(self, who: str, text: str) -> None:
        """Words of the conversation, as they stand on the other's page."""
        self.lines.append(f"> {who}: {plain(text)}  ")

    def tells(self, text: str) -> None:
        """What somebody did, or sees on their page."""
        gap = [""] if self.lines and self.lines[-1].startswith(">") else []
        self.lines += [*gap, f"- {plain(text)}"]

    async def look(self, page: Page, step: str, *, axe: bool = True) -> None:
        """A picture at both widths; and whether everybody can use what it shows."""
        self.taken += 1
        stem = PICTURES / f"{self.name}-{self.taken:02d}-{step}"
        if axe:
            self.barriers += [f"{self.name}, {step}: {each}" for each in await violations(page)]
        for size in (PHONE, WIDE):
            await as_seen(page, size)
            await page.screenshot(path=stem.with_name(f"{stem.name}-{size[0]}.png"), animations="disabled")

    async def picture_all(self, step: str) -> None:
        """What everybody has before them."""
        for n, page in enumerate(page for each in self.contexts for page in each.pages):
            await page.screenshot(path=PICTURES / f"{self.name}-{step}-{n}.png")

    async def end(self) -> str:
        """Close everything; the transcript."""
        for context in self.contexts:
            await context.close()
        made = "Made by `python -m tests.journeys.browser`. ‹…› is another in each run."
        text = re.sub(r"\n(- .*)\n\n(?=> )", r"\n\1\n\n", "\n".join(self.lines))
        return f"# {self.title}\n\n{made}\n{text}\n"

    def _complain(self, who: str, kind: str, text: str) -> None:
        if kind in TROUBLE and not any(each in text for each in self.expected):
            self.complaints.append(f"{who}: {text}")


def hash_of(text: str) -> int:
    """The same in each run."""
    return int.from_bytes(text.encode(), "big") % 0xFFFFFFFF


async def hidden(page: Page, yes: bool) -> None:
    """As when another tab is before it: it lets go of its stream, and catches up later."""
    await page.evaluate(
        "yes => { Object.defineProperty(document, 'hidden', { get: () => yes, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        yes,
    )
