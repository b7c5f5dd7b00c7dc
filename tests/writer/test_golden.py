"""The replies a reviewer has read are the ones customers get; templates keep to their language's rules."""

import re

import pytest

from shared.adapters.embedded.reply_templates import SLOT, load_templates
from shared.contracts import LANGUAGES, Language
from tests.writer.golden import FILE, page, scenes
from tests.writer.scene import writer
from tests.writer.test_templates import SHIPPED

TEMPLATES = load_templates(SHIPPED)
# More than this is not read in a chat; safety says three things before it says who takes over.
MOST_SENTENCES = 3
MOST_WORDS = 40
_ENGLISH = re.compile(
    r"\b(the|your|you|is|are|was|and|of|for|with|order|orders|shop|please|refund|return|shipped|delivery|tracking"
    r"|we|our|it|this|that|not|stock only|sorry|hello|help)\b",
    re.IGNORECASE,
)
_FILLER = {
    "en": r"hope (this|that) helps|happy to assist|don't hesitate|rest assured|valued customer|we strive",
    "fr": r"n'hésitez pas|j'espère que|cher client|soyez assuré|ravi de",
    "es": r"no dude en|espero que (esto|le)|estimado cliente|nos esforzamos|encantad[oa] de",
}
_FAMILIAR = {
    "fr": r"\b(tu|toi|ton|ta|tes|t')\b",
    "es": r"\b(tú|tu|tus|te|ti|contigo|puedes|tienes|quieres|vos)\b",
}


def texts(language: Language) -> list[tuple[str, str]]:
    """Every wording of a language with the goal it belongs to."""
    return [(goal.name, text) for goal in TEMPLATES[language].values() for text in goal.texts()]


async def test_the_golden_file_is_what_the_writer_says() -> None:
    """A changed template shows in `golden.md`; `python -m tests.writer.golden` writes it anew."""
    assert await page() == FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_ordinary_reply_is_short_and_asks_one_thing(language: Language) -> None:
    """At most three sentences besides a greeting or apology, at most one question mark."""
    for name, given in scenes(language):
        said = (await writer().write(given)).sentences
        opened = bool(given.first_name)
        assert len(said) <= MOST_SENTENCES + opened, (name, said)
        assert sum(s.text.count("?") for s in said) <= 1, (name, said)


# What a customer says yes to: the amount, what it is made of, what stays paid, what they do, the question.
PART_BY_PART = {"ask.confirm_refund": 5, "action.refund_back.done": 4}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variant_is_short(language: Language) -> None:
    """No variant is longer than three sentences, no sentence longer than forty words, none asks twice."""
    for goal in TEMPLATES[language].values():
        for variant in goal.all():
            assert len(variant) <= PART_BY_PART.get(goal.name, MOST_SENTENCES), goal.name
            assert sum(sentence[0].count("?") for sentence in variant) <= 1, variant
            assert all(len(text.split()) <= MOST_WORDS for sentence in variant for text in sentence), variant


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_marks_of_each_language(language: Language) -> None:
    """Single spaces everywhere; no-break spaces in French; both marks in Spanish."""
    for goal, text in texts(language):
        assert not re.search(r"  |\s$|^\s| [,.]|!!|\?\?|\.\.", text), (goal, text)
        if language == "fr":
            assert not re.search(r"(?<!\u00a0)[;:!?»]|«(?!\u00a0)", text), (goal, text)
        else:
            assert not re.search(r"\s[;:!?]", text), (goal, text)
        if language == "es":
            assert (text.count("?"), text.count("!")) == (text.count("¿"), text.count("¡")), (goal, text)


@pytest.mark.parametrize("language", ["fr", "es"])
def test_no_english_word_slips_in(language: Language) -> None:
    """French and Spanish templates hold no word of everyday English."""
    for goal, text in texts(language):
        bare = SLOT.sub("", text)
        found = {word.lower() for word in _ENGLISH.findall(bare)}
        assert found <= {"stock"}, (goal, text, found)


@pytest.mark.parametrize("language", ["fr", "es"])
def test_the_customer_is_vous_and_usted_in_every_tone(language: Language) -> None:
    """The help pages are quoted word for word and say vous and usted, so every tone does (ADR 0017)."""
    for goal, text in texts(language):
        assert not re.search(_FAMILIAR[language], text, re.IGNORECASE), (goal, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_filler_and_no_gushing(language: Language) -> None:
    """No phrase that fills a letter without telling anything."""
    for goal, text in texts(language):
        assert not re.search(_FILLER[language], text, re.IGNORECASE), (goal, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everyday_goals_have_two_wordings_in_each_tone(language: Language) -> None:
    """What is said all day has at least two variants for casual and formal customers as well."""
    for name in ("greeting", "thanks", "goodbye", "ask.order_number", "ask.order_proof", "feedback.thanks"):
        goal = TEMPLATES[language][name]
        assert all(len(goal.variants[tone]) >= 2 for tone in ("neutral", "casual", "formal")), name
