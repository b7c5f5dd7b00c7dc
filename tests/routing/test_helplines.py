"""Whom somebody in need can call: each language has every line, its own first; a wrong file is refused."""

from pathlib import Path

import pytest

from shared.adapters.embedded.judge import open_judge
from shared.adapters.embedded.writer import open_writer
from shared.contracts import LANGUAGES, Intent, JudgeReply, Language, Topic, WriteReply
from shared.errors import SettingsError
from shared.routing.helplines import FILE, helplines, load, slots_for

WRITER, JUDGE = open_writer(), open_judge()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_line(language: Language) -> None:
    """The numbers of where the shop delivers, and none of them in a reply to another reason."""
    told = slots_for("self_harm", language)
    assert all(number in told["helplines"] for number in ("988", "116-123", "3114", "024"))
    assert all(number in told["emergency"] for number in ("911", "112"))
    assert slots_for("safety", language) == {}


def test_the_line_of_ones_own_language_comes_first() -> None:
    """Who writes French is most likely to need the French number."""
    begins = {language: helplines().slots(language)["helplines"][:3] for language in LANGUAGES}
    assert begins == {"en": "988", "fr": "311", "es": "024"}


@pytest.mark.parametrize(
    ("cut", "put", "message"),
    [
        ('call = "988"', "", "call"),
        (', es = "en Francia"', "", "no `where` in 'es'"),
        ("[[emergency]]", "[[emergencies]]", "emergencies"),
        ("[[crisis]]", "[[crisis]", "helplines.toml"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, cut: str, put: str, message: str) -> None:
    """With what is wrong, before anybody needs it."""
    file = tmp_path / "helplines.toml"
    file.write_text(FILE.read_text("utf-8").replace(cut, put, 1), "utf-8")
    with pytest.raises(SettingsError, match=message):
        load(file)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("goal", ["handed_over.self_harm", "with_person.self_harm", "suggested.be_there"])
async def test_the_critic_lets_every_wording_pass(language: Language, goal: str) -> None:
    """With the shop's own numbers and without: what the critic rejects is told otherwise, or not at all."""
    for values in ({"due": "2026-11-21T17:00:00-05:00", **helplines().slots(language)}, {}):
        topic = Topic(goal=goal, intent=Intent.GENERAL_INQUIRY, values=values)
        for draft in (1, 2):
            ids = {"conversation_id": "c", "turn_id": "t", "step_id": "s", "text": "i want to die"}
            written = await WRITER.write(WriteReply(**ids, language=language, topics=(topic,), draft=draft))
            allowed = tuple(values.values())
            judged = await JUDGE.judge(
                JudgeReply(**ids, language=language, sentences=written.sentences, allowed_values=allowed)
            )
            assert judged.findings == ()
