"""Asks axe-core whether a page can be used by everybody: WCAG A and AA, and what is good practice besides."""

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
"""axe-core itself, as Deque publishes it (MPL-2.0)."""
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that another colour scheme can break; everything else depends on the width alone."""
WIDE, PHONE = (1440, 900), (390, 844)
_LOOK = """async (rules) => {
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, impact, nodes }) => [id, impact, nodes.map(({ html }) => html.slice(0, 90))]);
}"""


async def violations(page: Page) -> list[str]:
    """What is wrong at both widths, in light and in dark: `rule (impact) WxH scheme: elements`.

    Every rule is asked once at each width, what concerns colours in each of the four.
    """
    found = []
    await page.evaluate(f"{AXE};undefined")
    for (width, height), scheme, rules in (
        (WIDE, "dark", COLOURS),
        (WIDE, "light", None),
        (PHONE, "light", COLOURS),
        (PHONE, "dark", None),
    ):
        await as_seen(page, (width, height), scheme)
        wrong: list[Any] = await page.evaluate(_LOOK, rules)
        found += [f"{rule} ({impact}) {width} px, {scheme}: {where}" for rule, impact, where in wrong]
    return found


async def as_seen(page: Page, size: tuple[int, int], scheme: str = "light") -> None:
    """On a screen of this size, with its style sheets: after a form the words come before the colours."""
    await page.wait_for_load_state()
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
