"""What staff say reaches the customer once, tokenized, after it was looked at."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.checks import Warned, Written
from shared.personal_data import tokens_in
from tests.console.writing import Writing, alerts, form_of, open_writing


@pytest.fixture
async def writing(tmp_path: Path) -> AsyncIterator[Writing]:
    async with open_writing(tmp_path) as made:
        yield made


async def test_said_once(writing: Writing) -> None:
    """The same form sent twice is one message; values in it are tokens, the same as before."""
    vault = writing.desk.desk.intake.vault
    known = await vault.token("jo@example.com", conversation_id="c-1", owner="c-1")
    await writing.desk.said(f"I am {known}", turn="t-0", at=80.0)
    fields = await writing.fields() | {"text": "I wrote to jo@example.com."}
    for _ in range(2):
        answer = await writing.send("say", fields)
        assert answer.status_code == 303, alerts(answer.text)
    (spoke,) = await writing.said()
    assert spoke.text == f"I wrote to {known}."


async def test_a_paste_that_is_too_long(writing: Writing) -> None:
    """It is refused with its length and the limit, and stays in the box, with scripts and without."""
    pasted = "🙂é" * 10_000
    for htmx in (False, True):
        answer = await writing.post("say", htmx=htmx, text=pasted)
        assert answer.status_code == 422
        assert "has 20000 characters" in alerts(answer.text)
        assert "5000" in alerts(answer.text)
        assert form_of(answer.text)["text"] == pasted
    assert not await writing.said()


async def test_what_is_pasted_is_harmless(writing: Writing) -> None:
    """Emoji, right-to-left text and HTML are text; a turn of direction is left out."""
    text = "\nמה שלומך <script>alert(1)</script> </textarea>\u202e🙂"
    shown = await writing.post("compose", text=text, do="keep")
    assert "<script>alert" not in shown.text
    assert form_of(shown.text)["text"] == text
    assert (await writing.post("say", text=text)).status_code == 303
    (spoke,) = await writing.said()
    assert spoke.text == text.strip().replace("\u202e", "")
    assert "<script>alert" not in await writing.desk.page()


async def test_the_customer_wrote_meanwhile(writing: Writing) -> None:
    """Words that answer what was there before are held back once, then sent as they are."""
    fields = await writing.fields() | {"text": "It comes tomorrow."}
    await writing.desk.said("Forget it, I cancelled!", turn="t-9", at=130.0)
    first = await writing.send("say", fields)
    assert first.status_code == 409
    assert "Forget it, I cancelled!" in alerts(first.text)
    assert not await writing.said()
    again = await writing.send("say", form_of(first.text))
    assert again.status_code == 303
    assert len(await writing.said()) == 1


async def test_a_warning_is_of_these_words(writing: Writing) -> None:
    """Who changes the text after a warning is warned of the new one."""
    first = await writing.post("say", text="That is a stupid question.")
    assert "may offend" in alerts(first.text)
    changed = await writing.send("say", form_of(first.text) | {"text": "That is a stupid idiot."})
    assert changed.status_code == 409
    assert not await writing.said()


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("Merci beaucoup pour votre patience, nous allons regarder.", "not the customer's language"),
        ("I promise we will refund you $500 today.", "promises something"),
        ("Please send me your password.", "asks for a password"),
        ("I will call you back.", "say by when"),
        ("Your parcel goes to jane.roe@example.org.", "never said here"),
        ("Your parcel TOKEN_00000000-0000-4000-8000-000000000000 is there.", "not of this conversation"),
    ],
)  # fmt: skip
async def test_warnings(writing: Writing, text: str, warning: str) -> None:
    """Each is told once, and never in the way of who knows better."""
    first = await writing.post("say", text=text)
    assert first.status_code == 409
    assert warning in alerts(first.text)
    assert (await writing.send("say", form_of(first.text))).status_code == 303
    assert len(await writing.said()) == 1


async def test_good_words_are_not_warned_of(writing: Writing) -> None:
    """Among them the member's own name, the order's number and the customer's values."""
    vault = writing.desk.desk.intake.vault
    token = await vault.token("jo@example.com", conversation_id="c-1", owner="c-1")
    await writing.desk.said(f"I am {token}", turn="t-0", at=80.0)
    text = "Hello, my name is agent. I write to jo@example.com. Your order 1001 is on its way."
    answer = await writing.post("say", text=text)
    assert answer.status_code == 303, alerts(answer.text)


async def test_a_broken_check_blocks_nobody(writing: Writing) -> None:
    """Its fault counts as no warning."""

    async def broken(written: Written) -> list[Warned]:
        raise RuntimeError(written.text)

    desk = writing.desk.desk
    composing = replace(desk.composing, checkers=(broken,))
    writing.desk.app.state.desk = replace(desk, composing=composing)
    assert (await writing.post("say", text="Hello there.")).status_code == 303


@pytest.mark.parametrize(
    ("act", "says"),
    [("close", "is closed"), ("give-back", "with the bot again"), ("release", "claim it first")],
)
async def test_too_late(writing: Writing, act: str, says: str) -> None:
    """The case ended, or went elsewhere, while somebody wrote: it says so, and the text is kept."""
    fields = await writing.fields() | {"text": "One moment."}
    await writing.desk.act(act)
    answer = await writing.send("say", fields)
    assert answer.status_code == 409
    assert says in alerts(answer.text)
    assert "One moment." in answer.text
    assert not await writing.said()


async def test_another_has_it(writing: Writing) -> None:
    """Only the owner speaks, whoever has the form."""
    fields = await writing.fields() | {"text": "Me too."}
    answer = await writing.send("say", fields, role="lead")
    assert answer.status_code == 409
    assert "agent has it" in alerts(answer.text)
    assert "Me too." in answer.text


async def test_signed_out_while_writing(writing: Writing) -> None:
    """The page says so and has the text to copy."""
    client = writing.desk.http("nobody")
    headers = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post(
        "/console/cases/h-1/say", data={"text": "My <b>long</b> answer"}, headers=headers
    )
    assert answer.status_code == 401
    assert "My &lt;b&gt;long&lt;/b&gt; answer</textarea>" in answer.text


async def test_a_note_stays_inside(writing: Writing) -> None:
    """It has a form, a field and a route of its own: nothing that is typed there can be sent."""
    page = await writing.desk.page()
    start = page.index('<form id="note-form"')
    note = page[start : page.index("</form>", start)]
    assert 'action="/console/cases/h-1/note"' in note
    assert "/say" not in note
    assert 'name="note"' in note
    assert 'name="text"' not in note
    fields = await writing.fields() | {"text": "Half a sentence", "note": "She is ‹hidden ffff› right."}
    kept = await writing.send("note", fields)
    assert form_of(kept.text)["text"] == "Half a sentence", "what is being written stays"
    assert not await writing.said()
    assert "She is ‹hidden ffff› right." in await writing.desk.page(role="lead")


async def test_ones_own_name_and_number_are_nobody_elses(writing: Writing) -> None:
    """Nor a colleague's; what is of nobody here is still asked about."""
    members = writing.desk.desk.staff.members
    await members.introduce("m-agent", "Zelda Quist", "+33 1 42 68 53 00, zelda@desk.example")
    await members.introduce("m-lead", "Bartholomew Finch")
    mine = "I am Zelda Quist, call 01 42 68 53 00, or zelda@desk.example.\nBest, Bartholomew Finch"
    assert (await writing.post("say", text=mine)).status_code == 303
    (spoke,) = await writing.said()
    assert tokens_in(spoke.text), "they are personal data all the same"
    asked = await writing.post("say", text="Write to bo.strange@example.org.")
    assert "was never said here" in alerts(asked.text)


async def test_closed_values_stay_closed(writing: Writing) -> None:
    """The box shows labels; they are the same tokens again when it is sent. Unknown ones are refused."""
    vault = writing.desk.desk.intake.vault
    token = await vault.token("jo@example.com", conversation_id="c-1", owner="c-1")
    await writing.desk.said(f"I am {token}", turn="t-0", at=80.0)
    await writing.held(f"I wrote to {token}.")
    box = await writing.post("compose", do="edit:t-2")
    text = form_of(box.text)["text"]
    assert "TOKEN_" not in text
    assert text == f"I wrote to ‹e-mail ·{token[6:10]}›."
    page = await writing.desk.page()
    label = f'<span class="unseen">hidden </span>‹e-mail ·{token[6:10]}›'
    assert page.count(label) >= 2, "in the thread and in the draft, said to who hears the page"
    fields = form_of(box.text) | {"text": f"{text} Bye."}
    assert (await writing.send("say", fields)).status_code == 303
    (spoke,) = await writing.said()
    assert tokens_in(spoke.text) == [token]
    refused = await writing.post("say", text="To ‹hidden ffff›")
    assert "‹hidden ffff› stands for nothing" in alerts(refused.text)
