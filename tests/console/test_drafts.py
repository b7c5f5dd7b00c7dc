"""The bot's replies that nobody sent: approved, edited or rejected, once, by one person, never blindly."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared import contracts as c
from tests.console.writing import SUGGESTION, Writing, alerts, form_of, open_writing


@pytest.fixture
async def writing(tmp_path: Path) -> AsyncIterator[Writing]:
    async with open_writing(tmp_path) as made:
        await made.held("It is on its way to Paris.")
        yield made


async def test_a_held_reply_is_a_draft(writing: Writing) -> None:
    """With what it answers; who does not have the case sees no way to send it."""
    page = await writing.desk.page()
    assert page.count("drafts/t-2/approve") == 2, "with and without scripts"
    assert "And now?" in page
    assert "drafts/t-2" not in await writing.desk.page(role="lead")


async def test_approved(writing: Writing) -> None:
    """It goes as it is, as the member's words, and is no draft any more."""
    answer = await writing.post("drafts/t-2/approve")
    assert answer.status_code == 303, alerts(answer.text)
    (spoke,) = await writing.said()
    assert (spoke.text, spoke.draft, spoke.edited) == ("It is on its way to Paris.", "t-2", False)
    assert (await writing.case()).drafts == ()
    assert "drafts/t-2" not in await writing.desk.page()


async def test_approved_twice(writing: Writing) -> None:
    """A double click is one message; another form of the same draft is told that it was decided."""
    first, second = await writing.fields(), await writing.fields()
    for _ in range(2):
        assert (await writing.send("drafts/t-2/approve", first)).status_code == 303
    late = await writing.send("drafts/t-2/approve", second)
    assert late.status_code == 409
    assert "decided about already" in alerts(late.text)
    assert len(await writing.said()) == 1


async def test_approved_by_two(writing: Writing) -> None:
    """Only who has the case; the other is told who that is."""
    fields = await writing.fields()
    answer = await writing.send("drafts/t-2/approve", fields, role="lead")
    assert answer.status_code == 409
    assert "agent has it" in alerts(answer.text)
    assert not await writing.said()


@pytest.mark.parametrize(("act", "says"), [("close", "is closed"), ("give-back", "with the bot again")])
async def test_of_an_ended_case(writing: Writing, act: str, says: str) -> None:
    """It is not sent, and not offered."""
    fields = await writing.fields()
    await writing.desk.act(act)
    answer = await writing.send("drafts/t-2/approve", fields)
    assert answer.status_code == 409
    assert says in alerts(answer.text)
    assert not await writing.said()
    assert "drafts/t-2" not in await writing.desk.page()


async def test_the_customer_wrote_since(writing: Writing) -> None:
    """The card and the box say so before it goes, with their words; once more sends it."""
    await writing.desk.said("No wait, I cancelled that order", turn="t-3", at=140.0)
    assert "No wait, I cancelled" in await writing.desk.page()
    first = await writing.post("drafts/t-2/approve")
    assert first.status_code == 409
    assert "I cancelled that order" in alerts(first.text)
    assert not await writing.said()
    fields = form_of(first.text)
    assert (fields["text"], fields["draft"]) == ("It is on its way to Paris.", "t-2")
    await writing.desk.said("Are you there?", turn="t-4", at=150.0)
    second = await writing.send("say", fields)
    assert second.status_code == 409, "there is something newer again"
    assert (await writing.send("say", form_of(second.text))).status_code == 303
    (spoke,) = await writing.said()
    assert (spoke.draft, spoke.edited) == ("t-2", False)


async def test_edited(writing: Writing) -> None:
    """It stands in the box to be changed; what was sent says that it was."""
    box = await writing.post("compose", do="edit:t-2")
    fields = form_of(box.text)
    assert fields["text"] == "It is on its way to Paris."
    assert "drafts/t-2/approve" not in box.text, "it is in the box"
    answer = await writing.send("say", fields | {"text": "It is on its way to Lyon."})
    assert answer.status_code == 303, alerts(answer.text)
    (spoke,) = await writing.said()
    assert (spoke.text, spoke.draft, spoke.edited) == ("It is on its way to Lyon.", "t-2", True)


async def test_nothing_written_is_thrown_away(writing: Writing) -> None:
    """A draft is put behind what stands there, and approving one asks to finish that first."""
    box = await writing.post("compose", text="Hello!", do="edit:t-2")
    assert form_of(box.text)["text"] == "Hello! It is on its way to Paris."
    answer = await writing.post("drafts/t-2/approve", text="Half a sent")
    assert answer.status_code == 409
    assert form_of(answer.text)["text"] == "Half a sent"
    assert not await writing.said()


async def test_rejected(writing: Writing) -> None:
    """With a reason, and what staff say next is what should have been said."""
    card = await writing.post("compose", do="reject:t-2", text="Half a sentence")
    fields = form_of(card.text)
    assert 'name="why"' in card.text
    refused = await writing.send("drafts/t-2/reject", fields)
    assert refused.status_code == 422
    assert "Choose a reason" in alerts(refused.text)
    assert (await writing.case()).drafts == ("t-2",)
    fields |= {"why": "wrong_fact", "words": "It is in Lyon, says jo@example.com"}
    done = await writing.send("drafts/t-2/reject", fields)
    assert form_of(done.text)["text"] == "Half a sentence"
    assert (await writing.case()).drafts == ()
    await writing.post("say", text="It is on its way to Lyon.")
    (kept,) = await writing.corrections.of("c-1")
    assert (kept.kind, kept.why, kept.question, kept.reply) == (
        "rejected", "wrong_fact", "And now?", "It is on its way to Paris.",
    )  # fmt: skip
    assert kept.words.startswith("It is in Lyon, says TOKEN_")
    assert kept.instead == "It is on its way to Lyon."
    assert [said.text for said in kept.context] == ["where is my order?", "It is in Paris."]
    assert kept.by == "staff:m-agent"
    page = await writing.desk.page()
    assert "a fact is wrong: It is in Lyon" in page


async def test_rejected_by_two(writing: Writing) -> None:
    """The second is told that it was decided; the first one's reason stays."""
    for role, why, status in (("agent", "wrong_fact", 200), ("lead", "unsafe", 409)):
        answer = await writing.desk.act("drafts/t-2/reject", role=role, why=why)
        assert answer.status_code == status
    (kept,) = await writing.corrections.of("c-1")
    assert kept.why == "wrong_fact"


async def test_words_are_needed_for_something_else(writing: Writing) -> None:
    """A reason that says nothing teaches nothing."""
    answer = await writing.desk.act("drafts/t-2/reject", why="other", words=" ")
    assert answer.status_code == 422
    answer = await writing.desk.act("drafts/t-2/reject", why="other", words="Too long.")
    assert answer.status_code == 200
    events = await writing.desk.cases.events("c-1")
    assert [e.event.reason for e in events if isinstance(e.event, c.DraftRejected)] == ["Too long."]


async def test_a_draft_that_never_was(writing: Writing) -> None:
    """Neither approved, edited nor rejected."""
    for what in ("drafts/t-77/approve", "drafts/t-77/reject", "compose"):
        answer = await writing.post(what, do="edit:t-77", why="unsafe")
        assert answer.status_code == 409
        assert "no such draft" in answer.text
    assert not await writing.corrections.of("c-1")


async def test_the_suggested_reply(tmp_path: Path) -> None:
    """What the packet suggests is a draft until somebody spoke, and can be rejected like one."""
    async with open_writing(tmp_path, suggestion=SUGGESTION) as writing:
        assert "drafts/suggested/approve" in await writing.desk.page()
        await writing.desk.act("drafts/suggested/reject", why="wrong_tone", fault="missing")
        assert "drafts/suggested/approve" not in await writing.desk.page()
        (kept,) = await writing.corrections.of("c-1")
        assert (kept.reply, kept.question) == (SUGGESTION, "where is my order?")
        (gap,) = await writing.desk.store.gaps()
        assert gap.question == "where is my order?"


async def test_a_suggestion_that_promises_is_sent_without_a_warning(tmp_path: Path) -> None:
    """The house suggested it, and the critic's rules let it pass; changed, it is the member's own promise."""
    promise = "I'm looking this up in our shop and will answer you here."
    async with open_writing(tmp_path, suggestion=promise) as writing:
        changed = await writing.post("say", text=f"{promise} I will call you.", draft="suggested")
        assert "say by when" in alerts(changed.text)
        answer = await writing.post("drafts/suggested/approve")
        assert answer.status_code == 303, alerts(answer.text)
        assert [spoke.text for spoke in await writing.said()] == [promise]


async def test_the_suggested_reply_sent(tmp_path: Path) -> None:
    """As it is; then it is not suggested again."""
    async with open_writing(tmp_path, suggestion=SUGGESTION) as writing:
        answer = await writing.post("drafts/suggested/approve")
        assert answer.status_code == 303, alerts(answer.text)
        (spoke,) = await writing.said()
        assert (spoke.text, spoke.draft, spoke.edited) == (SUGGESTION, "", False)
        assert "drafts/suggested" not in await writing.desk.page()
