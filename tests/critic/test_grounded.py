"""The critic against the shop's own words: templates and documents pass, altered ones do not."""

import random
import re
from pathlib import Path

import pytest

from shared.adapters.embedded.judge import EmbeddedJudge, open_judge
from shared.adapters.embedded.quoting import sentences_of
from shared.adapters.embedded.writer import open_writer
from shared.adapters.knowledge.chunks import chunks_of
from shared.contracts import (
    LANGUAGES,
    Finding,
    Intent,
    JudgeReply,
    Language,
    Order,
    OrderItem,
    Passage,
    Product,
    Sentence,
    Topic,
    Variant,
    WriteReply,
)
from tests.documents import parse_document

ROOT = Path(__file__).parents[2]
NAME = "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427"
TRACKING = "TOKEN_2b4e28ba-2fa1-41d2-883f-0016d3cca427"
YES: dict[Language, str] = {"en": "Yes, ", "fr": "Oui, ", "es": "Sí, "}
# The state an order is in when a goal is said, where it is not the goal's own name.
STATES = {
    "refund_status": "returned", "return": "delivered", "cancel": "shipped", "cancel.already": "cancelled",
    "return.window_closed": "delivered", "return.not_delivered": "shipped",
    "return.already": "return_in_progress",
    "action.cancel.done": "unfulfilled",
}  # fmt: skip
VALUES = {
    "items": "Tern 2 Tent, Wren Titanium Mug", "item": "Tern 2 Tent",
    "orders": "#1001 (shipped), #1003 (delivered)",
    "options": "a return, an exchange", "amount": "45.00 USD", "days": "30", "business_days": "5-7",
    "reference": "R-1001-1", "detail": "Order is already fulfilled", "minutes": "5", "position": "3",
    "due": "2026-11-21T17:00:00-05:00",
}  # fmt: skip
PRODUCT = Product(
    handle="tern-2-tent", title="Tern 2 Tent", category="Tents", currency="USD", final_sale=False,
    description="Freestanding two-person tent for three seasons.",
    variants=(
        Variant(title="Moss", sku="A", price="249.00", in_stock=18),
        Variant(title="Sand", sku="B", price="259.00", in_stock=0),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def judge() -> EmbeddedJudge:
    """The critic's local rules."""
    return open_judge()


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    """Every passage of the knowledge base."""
    found = []
    for file in sorted((ROOT / "knowledge_base").rglob("*.md")):
        if file.name == "README.md":
            continue
        document = parse_document(file.read_text(encoding="utf-8"))
        found += [
            Passage(
                id=chunk.id, source=file.name, title=chunk.title, section=chunk.section, text=chunk.text,
                locale=document.locale, category=document.category, version=document.version, score=1.0,
            )
            for chunk in chunks_of(document)
        ]  # fmt: skip
    return found


def order(status: str) -> Order:
    done = {"delivered", "returned", "return_in_progress"}
    gone = {"cancelled", "returned"}
    return Order(
        number="1001", status=status, payment="paid", placed_on="2026-11-02", total="317.00",  # type: ignore[arg-type]
        currency="USD", carrier="Northway Parcel", tracking_number=TRACKING,
        shipped_on="2026-11-04", expected_on="2026-11-09",
        delivered_on="2026-11-08" if status in done else "",
        cancelled_on="2026-11-03" if status == "cancelled" else "",
        refunded="317.00" if status in gone else "", refunded_on="2026-11-12" if status in gone else "",
        items=(
            OrderItem(
                title="Tern 2 Tent", variant="Moss", sku="A", quantity=1, price="249.00", returnable=True
            ),
            OrderItem(
                title="Wren Titanium Mug", variant="450 ml", sku="W", quantity=2, price="34.00",
                returnable=True,
            ),
        ),
    )  # fmt: skip


def state_of(goal: str) -> str:
    if goal.startswith("order_status."):
        return goal.removeprefix("order_status.")
    return STATES.get(goal) or STATES.get(goal.split(".", maxsplit=1)[0], "unfulfilled")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_sentence_of_our_templates_passes(judge: EmbeddedJudge, language: Language) -> None:
    """Each goal in each tone, variant and with many or few slots is sent as the writer wrote it."""
    writer = open_writer()
    objections = []
    for goal in sorted(writer.goals - {"opening.first"}):
        found = order(state_of(goal))
        facts = (*found.facts(), *PRODUCT.facts())
        slots = {fact.id.split("/")[1]: fact.id for fact in found.facts() if fact.id.count("/") == 1}
        if goal.startswith("product"):
            slots = {"title": "product:tern-2-tent/title"}
        for values in (VALUES, {name: VALUES[name] for name in ("orders", "minutes", "amount")}):
            topic = Topic(goal=goal, intent=Intent.ORDER_STATUS, facts=slots, values=values)
            for draft, register in ((1, "neutral"), (2, "casual"), (1, "formal"), (3, "upset")):
                name = NAME if values is VALUES else ""
                ask = WriteReply(
                    conversation_id="c1", turn_id=f"t{draft}", step_id="s", text="where is my order 1001?",
                    language=language, topics=(topic,), first_name=name, facts=facts, draft=draft,
                    register=register,  # type: ignore[arg-type]
                )  # fmt: skip
                draft_written = await writer.write(ask)
                judged = await judge.judge(
                    JudgeReply(
                        conversation_id="c1", turn_id="t1", step_id="t1.judge", language=language,
                        text=ask.text, sentences=draft_written.sentences, facts=facts,
                        allowed_values=(*topic.values.values(), name),
                    )
                )  # fmt: skip
                objections += [(goal, finding.rule, finding.span) for finding in judged.findings]
    assert objections == []


async def found_in(judge: EmbeddedJudge, said: str, source: Passage) -> tuple[Finding, ...]:
    judged = await judge.judge(
        JudgeReply(
            conversation_id="c1", turn_id="t1", step_id="t1.judge", language=source.locale, text="tell me",
            sentences=(Sentence(text=said, sources=(source.id,)),), passages=(source,),
        )
    )  # fmt: skip
    return judged.findings


async def test_our_documents_may_be_quoted_and_retold(judge: EmbeddedJudge, passages: list[Passage]) -> None:
    """Every sentence passes as a quote; with "Yes, " before it, no quote any more, at most 0.5 % do not."""
    retold = []
    for source in passages:
        for said in sentences_of(source.text):
            assert await found_in(judge, said, source) == ()
            again = YES[source.locale] + said[0].lower() + said[1:]
            retold.append(bool(await found_in(judge, again, source)))
    assert len(retold) > 1_000
    assert sum(retold) / len(retold) <= 0.005


async def test_an_altered_number_is_found(judge: EmbeddedJudge, passages: list[Passage]) -> None:
    """Of sentences of our documents with one digit changed, at least 98 % are sent back."""
    draw = random.Random(7)
    caught = []
    for source in passages:
        for said in sentences_of(source.text):
            digits = [match.start() for match in re.finditer(r"\d", said)]
            if digits:
                at = draw.choice(digits)
                other = draw.choice([digit for digit in "123456789" if digit != said[at]])
                caught.append(bool(await found_in(judge, said[:at] + other + said[at + 1 :], source)))
    assert len(caught) > 300
    assert sum(caught) / len(caught) >= 0.98


async def test_a_removed_negation_is_found(judge: EmbeddedJudge, passages: list[Passage]) -> None:
    """Of sentences of our documents that lost a "not", "pas" or "no", at least 78 % are sent back."""
    words = {"en": r"\b(?:not|never|cannot|no) ", "fr": r"\bpas ", "es": r"\b(?:no|nunca|sin) "}
    caught = []
    for source in passages:
        for said in sentences_of(source.text):
            turned = re.sub(words[source.locale], "", said, count=1)
            if source.locale == "fr" and turned != said:
                turned = re.sub(r"\b(?:ne |n['’])", "", turned, count=1)
            if turned != said:
                caught.append(bool(await found_in(judge, turned, source)))
    assert len(caught) > 300
    assert sum(caught) / len(caught) >= 0.78
