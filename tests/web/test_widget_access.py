"""The chat widget for everybody: keyboard, screen reader, phone, contrast, languages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.web.conftest import Shop, Visit
from tests.web.scripted_api import ScriptedApi, Turn

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE: ViewportSize = {"width": 360, "height": 640}

# Every visible text with its contrast to what is behind it (WCAG 2.2, relative luminance).
CONTRASTS = """() => {
  const channel = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) =>
    0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const root = document.querySelector("answer-desk").shadowRoot;
  const found = [];
  for (const scope of [root, document.body]) {
    for (const element of scope.querySelectorAll("*")) {
      const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
      if (!own || !element.checkVisibility() || element.closest("svg, script, option")) continue;
      const pair = [light(parse(getComputedStyle(element).color)), light(behind(element))];
      const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
      const what = element.textContent.slice(0, 40);
      found.push([Math.round(ratio * 100) / 100, element.className, what]);
    }
  }
  return found;
}"""

# Everything that can be pressed, with the smaller side of its box.
TARGETS = """() => {
  const root = document.querySelector("answer-desk").shadowRoot;
  return [...root.querySelectorAll("button, input, textarea, summary")]
    .filter((element) => element.checkVisibility())
    .map((element) => {
      const { width, height } = element.getBoundingClientRect();
      return [Math.min(width, height), element.className || element.tagName];
    });
}"""

OVERFLOWS = """() => {
  const root = document.querySelector("answer-desk").shadowRoot;
  const wide = [...root.querySelectorAll("*")].filter((element) => {
    const { right } = element.getBoundingClientRect();
    return element.checkVisibility() && !element.closest(".unseen") && right > innerWidth + 0.5;
  });
  const names = wide.map((element) => element.className || element.tagName);
  return [document.documentElement.scrollWidth - innerWidth, names];
}"""


async def rich(turn: Turn) -> AsyncIterator[bytes]:
    """Give an answer with everything an answer can have."""
    quote = "Within 30 days of delivery, " + "unused" * 30
    citation = {"source": "returns.md", "title": "Returns", "section": "Period", "quote": quote}
    actions = [
        {"kind": "return", "status": "done", "order_number": "#1007", "summary": "Label sent."},
        {"kind": "refund", "status": "refused", "order_number": "#1007", "summary": "x" * 80},
    ]
    escalation = {"id": "h", "position": 2, "ticket": "T" * 60, "sla_due": None}
    changes = {"status": "answered", "citations": [citation], "actions": actions}
    yield turn.done("Fine. " + "longword" * 40, **changes, escalation=escalation)


async def full_chat(shop: Shop, api: ScriptedApi) -> None:
    """Fill the panel with every kind of content."""
    api.script(rich)
    await shop.open()
    await shop.say("a" * 300)
    await expect(shop.replies).to_have_count(1)
    await shop.log.get_by_text("Sources").click()
    talk = api.talks["c1"]
    talk.tell("message", {"id": "s1", "who": "staff", "text": "Hi, this is Robin."})
    await expect(shop.log.get_by_text("Robin")).to_be_visible()
    await shop.log.get_by_role("button", name="No, not helpful").click()
    await expect(shop.log.get_by_role("textbox")).to_be_focused()


async def focused(page: Page) -> str:
    """Tell the accessible name of what has the focus."""
    name: str = await page.evaluate(
        """() => {
          let at = document.activeElement;
          while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return at.getAttribute("aria-label") ?? at.textContent;
        }"""
    )
    return name


async def test_the_keyboard_is_enough(visit: Visit) -> None:
    """Tab reaches the launcher, Enter opens and sends, Shift+Enter breaks a line, Esc closes."""
    shop = await visit()
    keyboard = shop.page.keyboard
    for _ in range(40):
        await keyboard.press("Tab")
        if await focused(shop.page) == "Open the chat with customer service":
            break
    await keyboard.press("Enter")
    await expect(shop.input).to_be_focused()
    await keyboard.type("first line")
    await keyboard.press("Shift+Enter")
    await keyboard.type("second line")
    await keyboard.press("Enter")
    await expect(shop.mine).to_have_text("first line\nsecond line", use_inner_text=True)
    await expect(shop.replies).to_have_count(1)
    await expect(shop.input).to_be_focused()
    await keyboard.press("Escape")
    await expect(shop.panel).to_be_hidden()
    assert await focused(shop.page) == "Open the chat with customer service"
    await keyboard.press("Enter")
    await expect(shop.input).to_be_focused()


async def test_the_focus_is_always_seen(visit: Visit, api: ScriptedApi) -> None:
    """Whatever the Tab key reaches in the open panel shows an outline of at least 2 px."""
    shop = await visit()
    await full_chat(shop, api)
    names = set()
    for _ in range(20):
        await shop.page.keyboard.press("Shift+Tab")
        name, outline = await shop.page.evaluate(
            """() => {
              const at = document.activeElement.shadowRoot?.activeElement;
              if (!at) return ["outside", 9];
              const { outlineStyle, outlineWidth } = getComputedStyle(at);
              const name = at.getAttribute("aria-label") || at.textContent.trim();
              return [name, outlineStyle === "none" ? 0 : parseFloat(outlineWidth)];
            }"""
        )
        names.add(name)
        assert outline >= 2, f"no visible focus on {name!r}"
    assert {"Close the chat", "New conversation", "Conversation"} <= names


async def test_an_input_method_confirms_words_with_enter(visit: Visit, api: ScriptedApi) -> None:
    """Enter that ends a composition (Japanese, dead keys) does not send the message."""
    shop = await visit()
    await shop.open()
    await shop.input.fill("こん")
    await shop.input.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(shop.input).to_have_value("こん")
    await expect(shop.mine).to_have_count(0)
    assert api.chats == []


async def test_screen_readers_get_names_and_a_log(visit: Visit) -> None:
    """The panel is a named dialog with a polite log; nobody has to guess who said what."""
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_count(1)
    await expect(shop.page.get_by_role("dialog", name="How can we help?")).to_be_visible()
    await expect(shop.page.get_by_role("log", name="Conversation")).to_have_attribute("aria-live", "polite")
    await expect(shop.log).to_contain_text("You said:hello")
    await expect(shop.log).to_contain_text("AssistantYou wrote: hello")
    unnamed = await shop.page.evaluate(
        """() => [...document.querySelector("answer-desk").shadowRoot
          .querySelectorAll("button, input, textarea")]
          .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim()))
          .map((e) => e.className)"""
    )
    assert unnamed == []


async def test_a_small_phone_shows_a_full_sheet(visit: Visit, api: ScriptedApi) -> None:
    """At 360 px the panel fills the screen, nothing is wider than it, all targets have 44 px."""
    shop = await visit(viewport=PHONE, has_touch=True)
    wide, _ = await shop.page.evaluate(OVERFLOWS)
    assert wide <= 0, "the shop page scrolls sideways"
    await full_chat(shop, api)
    assert await shop.panel.bounding_box() == {"x": 0, "y": 0, **PHONE}
    wide, culprits = await shop.page.evaluate(OVERFLOWS)
    assert (wide <= 0, culprits) == (True, [])
    small = [target for target in await shop.page.evaluate(TARGETS) if target[0] < 44]
    assert small == []


async def test_a_full_sheet_keeps_the_focus_inside(visit: Visit) -> None:
    """On a phone the page behind the sheet cannot be reached by the Tab key."""
    shop = await visit(viewport=PHONE)
    await shop.open()
    for _ in range(15):
        await shop.page.keyboard.press("Tab")
        inside = await shop.page.evaluate(
            "() => ['ANSWER-DESK', 'BODY'].includes(document.activeElement.tagName)"
        )
        assert inside
    await shop.page.set_viewport_size({"width": 1280, "height": 800})
    await expect(shop.panel).to_be_visible()
    box = await shop.panel.bounding_box()
    assert box is not None
    assert box["width"] == 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_contrast_is_enough(visit: Visit, api: ScriptedApi, scheme: str) -> None:
    """Every text of page and widget has at least 4.5 to 1, in light and in dark."""
    shop = await visit(color_scheme=scheme)
    await shop.sign_in("Emma")
    await full_chat(shop, api)
    found = await shop.page.evaluate(CONTRASTS)
    assert len(found) > 40
    assert [entry for entry in found if entry[0] < 4.5] == []


async def test_motion_is_optional(visit: Visit, api: ScriptedApi) -> None:
    """With reduced motion nothing in the widget is animated; without, the dots are."""
    assert api.chats == []
    names = """() => {
      const root = document.querySelector("answer-desk").shadowRoot;
      return getComputedStyle(root.querySelector("dialog")).animationName;
    }"""
    calm = await visit(reduced_motion="reduce")
    await calm.open()
    assert await calm.page.evaluate(names) == "none"
    lively = await visit(reduced_motion="no-preference")
    await lively.open()
    assert await lively.page.evaluate(names) == "rise"


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fr-CA", ("Ouvrir la discussion", "Comment vous aider ?", "Où est ma commande ?")),
        ("es-ES", ("Abrir el chat", "¿En qué le ayudamos?", "¿Dónde está mi pedido?")),
        ("de-DE", ("Open the chat", "How can we help?", "Where is my order?")),
    ],
)
async def test_the_widget_speaks_the_pages_language(
    visit: Visit, api: ScriptedApi, locale: str, words: tuple[str, str, str]
) -> None:
    """Greeting, buttons and suggestions follow the page's language; another one gets English."""
    launcher, heading, chip = words
    shop = await visit(locale=locale)
    await shop.page.get_by_role("button", name=launcher).click()
    await expect(shop.panel.get_by_role("heading", name=heading)).to_be_visible()
    await shop.panel.get_by_role("button", name=chip).click()
    await expect(shop.replies).to_have_text(f"You wrote: {chip}")
    assert api.chats[0]["locale"] == (locale[:2] if locale[:2] in ("fr", "es") else "en")


async def test_the_language_can_change_on_the_way(visit: Visit) -> None:
    """When the page changes its language, the widget's words change, what was said does not."""
    shop = await visit()
    await shop.open()
    await shop.say("hello")
    await expect(shop.replies).to_have_count(1)
    await shop.page.locator("#language").select_option("fr")
    await expect(shop.panel.get_by_role("heading", name="Comment vous aider ?")).to_be_visible()
    await expect(shop.log.get_by_text("Cette réponse vous a-t-elle aidé ?")).to_be_visible()
    await expect(shop.replies).to_have_text("You wrote: hello")


async def test_the_shop_degrades_without_its_catalog(visit: Visit) -> None:
    """Without /demo/products the page says so; the customers and the chat still work."""
    shop = await visit()
    await shop.page.route("**/demo/products", lambda route: route.fulfill(status=404, body="{}"))
    await shop.page.reload()
    await expect(shop.page.locator("#products-note")).to_have_text("The catalog is not available right now.")
    await shop.sign_in("Emma")
    await shop.page.get_by_role("button", name="Ask about it: Order #1007").click()
    await expect(shop.input).to_have_value("Where is my order #1007?")
