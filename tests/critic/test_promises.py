"""Deeds that a reply claims, and those it only seems to claim."""

import pytest

from shared.adapters.embedded.judge import open_judge
from shared.contracts import JudgeReply, Language, Sentence


async def promised(text: str, language: Language) -> bool:
    """True when the critic finds a promise in this sentence, which has no source."""
    ask = JudgeReply(
        conversation_id="c-1",
        turn_id="t-1",
        step_id="t-1.judge",
        language=language,
        text="ok",
        sentences=(Sentence(text=text),),
    )
    return "output.promise" in {finding.rule for finding in (await open_judge().judge(ask)).findings}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("All right, I have changed nothing.", "en"),
        ("D'accord, je n'ai rien modifié.", "fr"),
        ("De acuerdo, no he cambiado nada.", "es"),
    ],
)
async def test_to_have_done_nothing_is_no_deed(text: str, language: Language) -> None:
    """What the bot says after a no needs no receipt."""
    assert not await promised(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("All right, I have changed your address.", "en"),
        ("D'accord, j'ai modifié votre adresse.", "fr"),
        ("De acuerdo, he cambiado su dirección.", "es"),
    ],
)
async def test_a_deed_needs_a_receipt(text: str, language: Language) -> None:
    """What the bot says it did has to have been done."""
    assert await promised(text, language)
