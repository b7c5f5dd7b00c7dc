"""Drafts for the critic, what they may rest on, and what it finds in them."""

from typing import Any

from shared.adapters.embedded.judge import EmbeddedJudge
from shared.contracts import Fact, Finding, JudgeReply, Language, Passage, Sentence
from tests.orders import item, order
from tests.passages import passage
from tests.products import product, variant

TRACKING = "TOKEN_11111111-2222-4333-8444-555555555555"
ORDER = order(
    "1001",
    item("Tern 2 Tent", "Moss", "HP-T2", quantity=2, price="624.95"),
    total="1249.90",
    shipped_on="2026-11-03",
    expected_on="2026-11-24",
    carrier="Northway Parcel",
    tracking_number=TRACKING,
)
SHIPPED = ("order:1001/number", "order:1001/shipped_on", "order:1001/carrier")
PRODUCT = product(
    "Tern 2 Tent",
    variant("Moss", "A", in_stock=0),
    variant("Sand", "B", in_stock=7),
    description="Weighs 1.9 kg.",
)
RETURNS = passage(
    "returns#s",
    "You can return most items within 30 days of delivery. The return label costs $5.95. Gift cards cannot "
    "be returned. Refunds take 5-7 business days after we receive the parcel.",
    title="Returns",
)
RETURNS_FR = passage(
    "retours#s",
    "Vous pouvez renvoyer un article dans les 30 jours. L'étiquette coûte 5,95 $.",
    title="Retours",
    locale="fr",
)


def draft(*sentences: Sentence, language: Language = "en", text: str = "?", **grounds: Any) -> JudgeReply:
    """A draft in answer to `text`; `grounds` are the passages, facts and allowed values it may rest on."""
    return JudgeReply(
        conversation_id="c1",
        turn_id="t1",
        step_id="t1.judge-1",
        sentences=sentences,
        language=language,
        text=text,
        **grounds,
    )


async def against(
    judge: EmbeddedJudge,
    *sentences: tuple[str, tuple[str, ...]],
    language: Language = "en",
    text: str = "Where is my order #1001?",
    allowed: tuple[str, ...] = (),
    facts: tuple[Fact, ...] = (*ORDER.facts(), *PRODUCT.facts()),
    passages: tuple[Passage, ...] = (RETURNS, RETURNS_FR),
) -> list[Finding]:
    """The critic's objections to a reply; each sentence is its text and the ids it cites."""
    judged = await judge.judge(
        draft(
            *(Sentence(text=said, sources=sources) for said, sources in sentences),
            language=language,
            text=text,
            passages=passages,
            facts=facts,
            allowed_values=allowed,
        )
    )
    assert judged.usage.engine == "embedded"
    assert judged.passed == (not judged.findings)
    return list(judged.findings)


async def against_quote(judge: EmbeddedJudge, said: str, source: Passage) -> list[str]:
    """The rules broken by a sentence that rests on this passage alone."""
    found = await against(judge, (said, (source.id,)), text="hi", facts=(), passages=(source,))
    return [finding.rule for finding in found]
