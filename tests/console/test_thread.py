"""The thread: everything that happened, once, in order, and harmless."""

from shared import contracts as c
from tests.console.desk import HTMX, ConsoleDesk

TOKEN = "TOKEN_1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
EVIL = "<script>alert(1)</script> \u202eevil\u202c 🙂 שלום &amp;"


async def test_nothing_of_it_becomes_markup(console: ConsoleDesk) -> None:
    """Of the customer, of staff, of the bot's sources, of the case: text, its direction shown."""
    source = c.Citation(source="faq", title=EVIL, section=EVIL, quote=EVIL)
    await console.said(EVIL, EVIL, turn="t-2", citations=(source,))
    await console.act("note", text=EVIL)
    await console.waits("h-2", "c-2", summary=EVIL)
    await console.act("claim")
    await console.act("say", text=EVIL)
    for page in (await console.page(), await console.page(htmx=True), await console.page("h-2")):
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; [U+202E]evil[U+202C] 🙂 שלום &amp;amp;" in page


async def test_personal_values_stay_closed(console: ConsoleDesk) -> None:
    """A label that is the same for the same value; the token itself is nowhere."""
    await console.said(f"I am {TOKEN}, really {TOKEN}", turn="t-2")
    await console.waits("h-2", "c-2", summary=f"{TOKEN} waits")
    page = await console.page()
    assert page.count("‹hidden 1b9d›") == 3
    assert TOKEN not in page


async def test_long_threads_page(console: ConsoleDesk) -> None:
    """The last hundred lines; those before on demand, each once; an open page keeps its first line."""
    for n in range(130):
        await console.said(f"message {n:03d}.", turn=f"t-long-{n}", conversation="c-2", at=1000.0 + n)
    await console.waits("h-2", "c-2", at=2000.0)
    page = await console.page("h-2", htmx=True)
    assert "message 129." in page
    assert "message 030." not in page
    link = page.partition('hx-get="/console/cases/h-2/thread?before=')[2].partition('"')[0]
    earlier = await console.http().get(f"/console/cases/h-2/thread?before={link}", headers=HTMX)
    whole = earlier.text + page
    assert [whole.count(f"message {n:03d}.") for n in range(130)] == [1] * 130
    since = page.partition('data-since="')[2].partition('"')[0]
    await console.said("one more.", turn="t-long-x", conversation="c-2", at=3000.0)
    fresh = await console.http().get(f"/console/cases/h-2/thread?since={since}", headers=HTMX)
    assert fresh.text.count("message ") == page.count("message ")
    assert "one more." in fresh.text


async def test_what_staff_said_stands_there_once(console: ConsoleDesk) -> None:
    """From the moment it was said, and still once when the customer has it; sent twice it is said once."""
    turn = "s-" + "1" * 32
    await console.act("claim")
    await console.act("say", text="Hello there.", turn_id=turn)
    await console.act("say", text="Hello there.", turn_id=turn)
    assert (await console.page()).count("Hello there.") == 1
    await console.said("", "Hello there.", turn=turn, speaker="staff", speaker_name="agent", status="told")
    page = await console.page()
    assert page.count("Hello there.") == 1
    assert page.count(f'id="m-{turn}-staff"') == 1


async def test_held_replies_and_what_became_of_them(console: ConsoleDesk) -> None:
    """Each says that the customer did not get it, and later who decided what."""
    await console.act("claim")
    for turn in ("t-a", "t-b", "t-c"):
        await console.cases.append("h-1", c.ReplyHeld(at=300.0, turn_id=turn, text=f"Draft {turn}."))
    assert (await console.page()).count("the customer did not get this") == 3
    await console.act("say", text="Draft t-a.", draft="t-a")
    await console.act("say", text="Draft, better.", draft="t-b", edited="1")
    case = await console.cases.case("h-1")
    assert case is not None
    await console.cases.append(
        "h-1", c.DraftRejected(at=400.0, by="staff:m-agent", turn_id="t-c", reason="wrong order")
    )
    page = await console.page()
    for fate in ("sent by staff", "sent after edits", "rejected", "Reason: <bdi>wrong order</bdi>"):
        assert fate in page
    assert "the customer did not get this" not in page
