"""Nobody repeats themselves: what a person would ask first is in the note, for every reason there is."""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest

from shared import contracts as c
from shared.adapters import embedded
from shared.adapters.embedded.judge import open_judge
from shared.adapters.embedded.reply_templates import load_templates
from shared.hand_over import Note, render
from tests.journeys.hand_overs.stories import PAGE, STORIES, Story, Told, tell

NOTES = Path(__file__).parent / "notes.md"
REPLIES = Path(embedded.__path__[0]) / "replies"
LANGUAGES: tuple[c.Language, ...] = ("en", "fr", "es")


async def _all() -> list[Told]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("conversation.steps.ASK_SECONDS", 2.0)
        return [await tell(story, Path(folder) / str(n)) for n, story in enumerate(STORIES)]


@pytest.fixture(scope="module")
def told() -> dict[str, Told]:
    """Every story, told once."""
    return {each.story.name: each for each in asyncio.run(_all())}


def text_of(note: Note) -> str:
    """All that staff read."""
    parts = [f"**{note.headline}**", "", *note.summary]
    for title, lines in note.sections:
        parts += ["", f"*{title}*", "", *(f"- {line}" for line in lines)]
    return "\n".join(parts)


def page_of(stories: list[Told]) -> str:
    """The page a support lead reads: each story with the note at its end."""
    parts = [
        "# What staff read when they take over",
        "Made by `python -m tests.journeys.hand_overs.test_hand_overs`. Tokens stand for personal values.",
    ]
    for each in stories:
        note = render(each.case.packet, each.story.staff)
        lines = "\n".join(f"> {line}  " for line in each.lines)
        place = f"{each.case.reason}, priority {each.case.priority}, queue {each.case.queue}"
        parts += [f"## {each.story.name} ({place})", lines, text_of(note)]
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_a_person_would_ask_first_is_answered(told: dict[str, Told], story: Story) -> None:
    """Order, proof, item, what happened, since when: what was said or is known is in the note."""
    case = told[story.name].case
    text = text_of(render(case.packet, story.staff))
    assert case.reason == story.reason
    missing = {question: words for question, words in story.asked.items() if words not in text}
    assert not missing, text


def test_every_reason_has_a_story() -> None:
    """All of PRODUCT section 5, and every way in which something of ours can be down."""
    assert {story.reason for story in STORIES} >= {
        "asked_for_person", "legal_threat", "safety", "hardship", "missing_delivery", "defect", "wholesale",
        "refund_limit", "third_contact", "unclear", "rejected_drafts", "strong_negative", "fraud",
        "order_change", "shop_down", "engine_down", "critic_down", "action_failed",
    }  # fmt: skip


def test_the_notes_are_those_of_the_page(told: dict[str, Told]) -> None:
    """A support lead reads what staff get; after a change: see the page's first line."""
    assert page_of(list(told.values())) == NOTES.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_can_be_read_in_every_language(told: dict[str, Told], language: c.Language) -> None:
    """No code, no brace, no name of a field is left; the customer's words are the same in all."""
    for each in told.values():
        note = render(each.case.packet, language)
        text = "\n".join((note.headline, *note.summary, note.next, note.why, *note.customer, *note.tried))
        assert not re.search(r"[{}]|\b[a-z]+_[a-z]+\b(?!\S*TOKEN)", text.replace("TOKEN_", "")), text
        said = "\n".join((*note.summary, *map(str, note.said)))
        assert all(quote.text in said for quote in each.case.packet.words)


def test_every_fact_says_where_it_is_from(told: dict[str, Told]) -> None:
    """The field at the shop, the passage with title and section, the customer's message."""
    for each in told.values():
        note = render(each.case.packet, "en")
        assert all(line.source for line in (*note.facts, *note.said))
        assert all("ms" not in step.split() for step in note.tried)


def test_a_quote_is_what_the_customer_wrote(told: dict[str, Told]) -> None:
    """Word for word, in the message it says."""
    for each in told.values():
        said = [line.removeprefix("Customer: ") for line in each.lines if line.startswith("Customer: ")]
        for quote in each.case.packet.words:
            assert quote.text.removesuffix(" …") in said[-1 - quote.ago]


async def test_what_is_suggested_passes_the_critic(told: dict[str, Told]) -> None:
    """In the customer's language, each statement with its source; to say nothing at all would pass too."""
    rules = open_judge()
    for each in told.values():
        packet = each.case.packet
        assert packet.suggested, each.story.name
        assert packet.suggested_reply == " ".join(sentence.text for sentence in packet.suggested)
        judge = c.JudgeReply(
            conversation_id="c-1", turn_id="t-1", step_id="t-1.judge", sentences=packet.suggested,
            language=packet.language, text=each.story.say[-1], facts=packet.facts, passages=(PAGE,),
            allowed_values=(packet.first_name,),
        )  # fmt: skip
        assert (await rules.judge(judge)).findings == (), each.story.name


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_sentence_a_person_is_offered_passes_the_critic(language: c.Language) -> None:
    """In every wording; a sentence the critic refuses would leave staff without a suggestion."""
    rules = open_judge()
    for name, goal in load_templates(REPLIES)[language].items():
        if not name.startswith("suggested."):
            continue
        said = [text[-1] for variant in goal.all() for text in variant]
        judge = c.JudgeReply(
            conversation_id="c-1", turn_id="t-1", step_id="t-1.judge", text="", language=language,
            sentences=tuple(c.Sentence(text=text) for text in said),
        )  # fmt: skip
        assert (await rules.judge(judge)).findings == (), name


def test_a_packet_of_before_can_be_read() -> None:
    """Rows that were stored before a packet had structure decode, and say what they say."""
    old = {
        "summary": "REFUND_STATUS about order #1005", "facts": [], "tried": ["screen 12 ms"], "promised": [],
        "suggested_reply": "Hello", "sentiment": "neutral", "language": "en",
    }  # fmt: skip
    packet = msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=c.Packet)
    note = render(packet, "fr")
    assert note.summary == ("REFUND_STATUS about order #1005",)
    assert [title for title, _ in note.sections] == ["Client", "Déjà essayé", "Réponse proposée"]


if __name__ == "__main__":
    NOTES.write_text(page_of(asyncio.run(_all())), encoding="utf-8")
    sys.stdout.write(f"{NOTES}\n")
