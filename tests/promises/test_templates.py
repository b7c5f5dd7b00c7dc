"""Our own templates promise only what they mean to: a false promise would come due and look broken."""

import re
from pathlib import Path

import pytest

from shared.adapters import embedded
from shared.adapters.embedded.reply_templates import SLOT, load_templates
from shared.contracts import LANGUAGES, Language, Sentence
from shared.promises import promises_in

NOW = 1_795_262_400.0
WHEN = {"en": "November 21 at 5 p.m.", "fr": "21 novembre à 17 h", "es": "21 de noviembre a las 17:00"}
# What commits us, and is kept track of: answers and calls by a time, what a task will do, what a receipt
# proves, and what a person may send in their own name.
MEANT = re.compile(
    r"(?:contact|follow_up|suggested)\."
    r"|action\.(?:refund|refund_back|refund_paid|resend|store_credit|exchange)\.done"
    r"|handed_over\.next|ask\.call_time|with_person"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_promises_what_it_does_not_mean(language: Language) -> None:
    """Of who hands over, only the answer by its time is a promise."""
    goals = load_templates(Path(embedded.__file__).parent / "replies")[language]
    false = [
        f"{name}: {text}"
        for name, goal in goals.items()
        if not MEANT.match(name)
        for variant in goal.all()
        for sentence in variant
        for text in sentence
        for promise in promises_in([_sentence(text, language)], language, now=NOW)
        if promise.binding and promise.due is None
    ]
    assert false == []


def _sentence(text: str, language: Language) -> Sentence:
    """As the writer says it, with the order's own field where it reports one."""
    said = SLOT.sub(lambda slot: WHEN[language] if slot[1] == "due" else "Tern", text)
    reports = {name for name in SLOT.findall(text) if name.startswith("refunded")}
    return Sentence(text=said, sources=tuple(f"order:1001/{name}" for name in sorted(reports)))
