"""The console's scripts without a desk: no key meant for a text acts, and nothing that is read jumps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from gateway.console.keys import PRESS
from gateway.console.render import pages
from tests.approvals.test_store import request
from tests.web.conftest import browser

__all__ = ["browser"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
STATIC = Path(__file__).parents[2] / "gateway" / "static"
BOUND = "".join(
    f'<button type=button hx-post="/{name}" data-key="{key}" id="{name}">{name}</button>'
    for name, key in PRESS.items()
    if name != "reply"
)
PAGE = f"""<!doctype html><title>Keys</title><body>
<ol id=rows><li class="row waiting"><a href="#next">Next</a></ol>
<section class=talk data-case=h-1><form id=reply>{BOUND}<label data-key=r for=text>Reply</label>
<textarea id=text></textarea><button type=button data-send=text id=send>Send</button></form>
<p id=words contenteditable>Words</p><select id=how><option>a<option>c</select><h1>Case</h1></section>
<form id=closing popover><p>Closing</p></form>
<dialog id=keys><form method=dialog><button>Close</button></form></dialog>
<input type=checkbox id=keys-on><button id=keys-open hidden>Keys</button><p id=told></p>
<script type=module src="/composer.js"></script>
<script type=module>import {{ listenToKeys }} from "/console-keys.js"; listenToKeys(); window.did = [];
document.addEventListener("click", ({{ target }}) => did.push(target.id || target.textContent));</script>"""  # noqa: S608  a select is no SELECT
LETTERS = "tacxdnmbrgTACXDNMBRG"
SWAP = "document.dispatchEvent(new Event('htmx:after:swap'))"


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """The keys alone, on a page with everything they press; its clock stands."""
    page, complaints = await browser.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    async def answer(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name.endswith((".js", ".css")):
            kind = "text/javascript" if name.endswith(".js") else "text/css"
            await route.fulfill(path=STATIC / name, content_type=kind)
        else:
            await route.fulfill(body=PAGE, content_type="text/html")

    await page.route("**/*", answer)
    await page.clock.install(time=0)
    await page.goto("http://keys.test/")
    await page.clock.pause_at(60)  # seconds; a clock that is only installed goes on
    yield page
    await page.close()
    assert complaints == [], "the box of somebody who no longer has the case knows no caret"


async def did(page: Page, keys: str = "", *more: str) -> list[str]:
    """What was pressed by these keys: a word letter by letter, or keys by name."""
    await page.evaluate("did.length = 0")
    await page.keyboard.type(keys)
    for each in more:
        await page.keyboard.press(each)
    found: list[str] = await page.evaluate("did")
    return found


async def test_no_single_key_is_read_by_a_customer(page: Page) -> None:
    """Sending a draft and joining need Ctrl; one letter leads somewhere, or asks."""
    pressed = {key: await did(page, key) for key in "tacxdnmbg"}
    harmless = {PRESS[name]: [name] for name in ("close", "reject", "edit", "note", "macros", "knowledge")}
    assert pressed == harmless | {"t": [], "a": [], "g": ["Next"]}
    assert await did(page, "", "Control+Enter") == ["claim"]
    assert await did(page, "", "Control+Shift+Enter") == ["approve"]
    assert (
        await did(page, "", *(f"{held}+{key}" for held in ("Control", "Alt", "Meta") for key in "cxd")) == []
    )
    await page.evaluate("document.querySelector('#approve').hidden = true")
    assert await did(page, "", "Control+Shift+Enter") == [], "what is not seen is not sent"


@pytest.mark.parametrize("field", ["#text", "#words", "#how"])
async def test_fields_keep_their_keys(page: Page, field: str) -> None:
    """So do selects, what can be edited, and a letter that an input method composes."""
    await page.locator(field).focus()
    assert await did(page, LETTERS) == []
    await page.locator("h1").click()
    assert await did(page, "c") == ["close"], "who clicks elsewhere has left"
    composing = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', bubbles: true, %s}))"
    await did(page)
    for what in ("isComposing: true", "repeat: true", "key: 'Enter', ctrlKey: true, repeat: true"):
        await page.evaluate(composing % what)
    assert await page.evaluate("did") == []


async def test_the_rest_of_a_word_whose_field_has_gone(page: Page) -> None:
    """A box that news replaces takes the focus along: what is typed on is nobody's order."""
    await page.locator("#text").focus()
    await page.keyboard.type("Dear")
    await page.evaluate(
        "document.querySelector('#text').replaceWith(document.querySelector('#text').cloneNode())"
    )
    await page.clock.run_for(4_000)
    assert await did(page, LETTERS) == []
    await page.locator("h1").click()
    assert await did(page, "x") == ["reject"]
    await page.locator("#text").focus()
    await page.keyboard.type("Dear")
    await page.evaluate("document.querySelector('#rows a').focus()")
    assert await did(page, LETTERS) == [], "the focus went by itself, not by Tab"
    await page.clock.run_for(2_000)
    assert await did(page, "x") == ["reject"]


async def test_another_case_or_draft_under_the_finger(page: Page) -> None:
    """What the page has just become is read before a key does it, and a repeated press waits, too."""
    await page.evaluate(f"document.querySelector('.talk').dataset.case = 'h-2'; {SWAP}")
    assert await did(page, "cxd", "Control+Enter", "Control+Shift+Enter") == []
    assert "has just changed" in await page.locator("#told").inner_text()
    assert await did(page, "n") == []
    await page.clock.run_for(1_500)
    assert await did(page, "x", "Control+Enter", "Control+Shift+Enter") == ["reject", "claim", "approve"]
    await page.evaluate(f"document.querySelector('#approve').setAttribute('hx-post', '/other'); {SWAP}")
    assert await did(page, "x", "Control+Shift+Enter") == ["reject"], "only what has changed waits"
    await page.locator("#text").fill("Dear customer")
    assert await did(page, "", "Control+Shift+Enter") == [], "what is written is no draft"
    await page.evaluate(f"document.querySelector('#send').textContent = 'Send all the same'; {SWAP}")
    assert await did(page, "", "Control+Enter") == [], "the warning is read first"
    await page.clock.run_for(1_500)
    assert await did(page, "", "Control+Enter") == ["send"]
    await page.locator("h1").click()
    await page.evaluate("document.querySelector('#rows a').classList.add('htmx-request')")
    assert await did(page, "xcr", "Control+Enter", "Control+Shift+Enter") == [], "another case is on its way"


async def test_while_something_is_asked(page: Page) -> None:
    """In front of the page is a question, and no key goes past it."""
    for opening, closing in (
        ("#closing').showPopover", "#closing').hidePopover"),
        ("#keys').showModal", "#keys').close"),
    ):
        await page.evaluate(f"document.querySelector('{opening}()")
        assert await did(page, "cxdg", "Control+Enter", "Control+Shift+Enter") == []
        await page.evaluate(f"document.querySelector('{closing}()")
        await page.locator("h1").click()
        assert await did(page, "x") == ["reject"]
    await page.evaluate("document.querySelector('#closing').append(document.querySelector('#how'))")
    await page.evaluate("document.activeElement.blur(); document.querySelector('#closing').showPopover()")
    await page.locator("#how").focus()
    assert await did(page, "c", "Escape", "x") == ["reject"], "Escape has left the question"


async def test_enter_in_a_field_decides_nothing(page: Page) -> None:
    """It would press the first button of its form: words of a denial would approve."""
    approval = pages().get_template("approval_form.html").module.approval_form(request(), "", {"rule": "no"})  # type: ignore[attr-defined]
    closing = pages().get_template("console/closing.html").render(case=SimpleNamespace(id="h-1"), csrf="")
    await page.evaluate(
        "forms => { document.body.innerHTML = forms; window.sent = 0; }", f"{approval}{closing}"
    )
    await page.evaluate(
        "() => { addEventListener('submit', (event) => { event.preventDefault(); sent += 1; });"
        " document.querySelectorAll('details').forEach((each) => (each.open = true));"
        " document.querySelector('#closing').showPopover(); }"
    )
    await page.locator("#outcome").select_option(index=1)
    fields = page.locator("input:visible, select:visible")
    assert await fields.count() == 6, "amount, as, reason, words; outcome, resolution"
    for each in await fields.all():
        await each.press("Enter")
        await page.keyboard.press("Escape")
        await page.evaluate("document.querySelector('#closing').showPopover()")
    assert await page.evaluate("sent") == 0
    await page.get_by_role("button", name="Close the case").click()
    assert await page.evaluate("sent") == 1


TALK = """<body style="height: 500px; display: flex; flex-direction: column; margin: 0">
<section class=talk data-case=h-1 id=thread style="flex: 1; min-height: 0; display: flex">
<ol id=lines style="flex: 1; overflow-y: auto; margin: 0"><li id=l-0 style="height: 90px"></ol></section>
<button id=newer hidden>New</button><div id=composer style="height: 100px"></div><p id=told>"""
SAID = """async (height) => {
  const page = await import("/console-page.js");
  page.followEnd();
  const swap = (change) => { page.noteScroll(); change(); page.keepScroll(); page.followEnd(); };
  swap(() => document.querySelector("#lines").insertAdjacentHTML("beforeend",
    [1, 2, 3].map((n) => `<li id=l-${height}-${n} style="height: 90px">`).join("")));
  swap(() => (document.querySelector("#composer").style.height = height));
  swap(() => {});
}"""
LEFT = "it => it.scrollHeight - it.scrollTop - it.clientHeight < 2"


async def test_who_reads_the_end_reads_it_still(page: Page) -> None:
    """Lines come, and the box below grows in the same moment, as when a case is taken."""
    await page.evaluate("it => (document.documentElement.innerHTML = it)", TALK)
    lines, newer = page.locator("#lines"), page.locator("#newer")
    for height in ("250px", "300px"):
        await page.evaluate(SAID, height)
        await page.wait_for_function(f"({LEFT})(document.querySelector('#lines'))")
        await expect(newer).to_be_hidden()
    await lines.hover()
    await page.mouse.wheel(0, -200)
    await page.wait_for_function(f"!({LEFT})(document.querySelector('#lines'))")
    before = await lines.evaluate("it => it.scrollTop")
    await page.evaluate(SAID, "200px")
    await expect(newer).to_be_visible()
    assert await lines.evaluate("it => it.scrollTop") == before
    await page.mouse.wheel(0, 2000)
    await expect(newer).to_be_hidden()


async def test_closed_values_below_the_fold_make_the_page_no_longer(page: Page) -> None:
    """A focus would push the bar out of sight; each pane scrolls by itself."""
    row = "<li class=row><a href=#>Asks <span class=token><span class=unseen>hidden</span>‹n›</span></a></li>"
    await page.evaluate(
        "rows => new Promise((done) => { document.head.innerHTML = '<link rel=stylesheet href=/console.css>';"
        " document.head.firstChild.onload = done;"
        " document.body.innerHTML = `<header class=bar>Bar</header><main class=panes><nav class=queue>"
        "<ol class=rows>${rows}</ol></nav><div class=work></div></main>`; })",
        row * 60,
    )
    assert await page.locator(".queue").evaluate("it => it.scrollHeight > it.clientHeight")
    assert await page.evaluate("document.documentElement.scrollHeight === innerHeight")
