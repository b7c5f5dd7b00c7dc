"""What the writer says of the shop's products is what the critic lets pass."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.embedded.judge import open_judge
from shared.adapters.embedded.values import values_of
from shared.adapters.embedded.writer import open_writer
from shared.contracts import (
    LANGUAGES,
    Intent,
    JudgeReply,
    Language,
    Passage,
    Product,
    Sentence,
    Topic,
    Variant,
    WriteReply,
)

CATALOGUE = Path(__file__).parents[2] / "mock_apis" / "data" / "products.json"
ASKS: dict[Language, tuple[str, ...]] = {
    "en": ("How much is the {title}, and is it in stock?", "How much does the {title} weigh?"),
    "fr": ("Combien coûte le {title}, et est-il en stock ?", "Quel est le poids du {title} ?"),
    "es": ("¿Cuánto cuesta {title} y hay existencias?", "¿Cuánto pesa {title}?"),
}


def products() -> Iterator[Product]:
    """Every product of the mock shop as the desk knows it."""
    found: list[dict[str, Any]] = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    for entry in found:
        variants = tuple(
            Variant(title=v["title"], sku=v["sku"], price=v["price"], in_stock=v["inventory"])
            for v in entry["variants"]
        )
        yield Product(
            handle=entry["handle"], title=entry["title"], category=entry["category"], currency="USD",
            description=entry["description"], final_sale=entry["final_sale"], variants=variants,
        )  # fmt: skip


BOOTS = Product(
    handle="boots", title="Heron Boot", category="Footwear", currency="USD", final_sale=False,
    description="A boot.",
    variants=(
        Variant(title="Women's 7", sku="W7", price="139.00", in_stock=3),
        Variant(title="Women's 8", sku="W8", price="139.00", in_stock=0),
    ),
)  # fmt: skip


def page(product: Product) -> Passage:
    """The product's page as conversation/flows.py gives it to the critic."""
    return Passage(
        id=f"product:{product.handle}/description", source=product.title, title=product.title, section="",
        text=product.description, locale="en", category="products", version=1, score=1.0,
    )  # fmt: skip


def asks(product: Product, language: Language) -> Iterator[WriteReply]:
    """The price and stock of a product and of each of its variants, then its weight."""
    topic = Topic(
        goal="product.answer", intent=Intent.PRODUCT_INQUIRY,
        facts={"title": f"product:{product.handle}/title"},
    )  # fmt: skip
    offer, weight = ASKS[language]
    named = (product.title, *(f"{product.title} {variant.title}" for variant in product.variants))
    for n, text in enumerate((*(offer.format(title=name) for name in named), weight.format(title=named[0]))):
        yield WriteReply(
            conversation_id="c1", turn_id=f"t{n}", step_id="s", text=text, language=language,
            topics=(topic,), facts=product.facts(), draft=1 + n % 3,
        )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
async def test_price_and_stock_of_every_product_pass(language: Language) -> None:
    """What a product costs, which variants there are, and what its page says is never sent back."""
    writer, judge = open_writer(), open_judge(detect=lambda _text, _hint: language)
    refused, replies = [], 0
    for product in (*products(), BOOTS):
        for ask in asks(product, language):
            written = await writer.write(ask)
            judged = await judge.judge(
                JudgeReply(
                    conversation_id="c1", turn_id="t1", step_id="t1.judge", language=language, text=ask.text,
                    sentences=written.sentences, facts=ask.facts, passages=(page(product),),
                    allowed_values=(str(sum(variant.in_stock for variant in product.variants)),),
                )
            )  # fmt: skip
            replies += any("$" in sentence.text for sentence in written.sentences)
            refused += [(product.title, finding.rule, finding.span) for finding in judged.findings]
    assert refused == []
    assert replies > 100


@pytest.mark.parametrize(
    ("said", "spans"),
    [
        ("It costs $139.00.", []),
        ("In stock: Women's 7.", []),
        ("It costs $7,139.00.", ["$7,139.00"]),
        ("In stock: Women's 9.", ["9"]),
    ],
)
async def test_a_size_beside_a_price_is_no_thousand(said: str, spans: list[str]) -> None:
    """`Women's 7 139.00 USD 3` states 7, 139 and 3, whatever stands beside what."""
    judged = await open_judge(detect=lambda _text, _hint: "en").judge(
        JudgeReply(
            conversation_id="c1", turn_id="t1", step_id="t1.judge", language="en", text="?",
            sentences=(Sentence(text=said, sources=("product:boots/W7",)),), facts=BOOTS.facts(),
        )
    )  # fmt: skip
    assert [finding.span for finding in judged.findings if finding.rule == "output.value"] == spans


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_french_and_spanish_part_thousands_with_a_space(language: Language) -> None:
    """`1 249` is one number where people write it so; groups of other than three digits never are."""
    numbers = [amount.span for amount in values_of("1\u00a0249,90 $", language).amounts]
    assert numbers == (["1", "249,90"] if language == "en" else ["1 249,90"])
    assert [amount.span for amount in values_of("7 13 9", language).amounts] == ["7", "13", "9"]


async def test_a_number_at_the_end_of_a_name_is_no_stock() -> None:
    """A product called "Tern 0" is not sold out."""
    product = Product(
        handle="t", title="Tern 0", category="Tents", currency="USD", final_sale=False, description="A tent.",
        variants=(Variant(title="Moss", sku="M", price="9.00", in_stock=4),),
    )  # fmt: skip
    judged = await open_judge(detect=lambda _text, _hint: "en").judge(
        JudgeReply(
            conversation_id="c1", turn_id="t1", step_id="t1.judge", language="en", text="?",
            sentences=(Sentence(text="The Tern 0 is in stock.", sources=("product:t/title",)),),
            facts=product.facts(),
        )
    )  # fmt: skip
    assert judged.findings == ()
