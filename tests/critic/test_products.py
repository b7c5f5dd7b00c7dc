"""What the writer says of the shop's products is what the critic lets pass."""

from collections.abc import Iterator

import pytest

from shared.adapters.embedded.judge import open_judge
from shared.adapters.embedded.values import values_of
from shared.adapters.embedded.writer import open_writer
from shared.contracts import LANGUAGES, Intent, Language, Passage, Product, Topic, WriteReply
from tests.critic.drafts import against, draft
from tests.products import catalogue, product, variant

ASKS: dict[Language, tuple[str, ...]] = {
    "en": ("How much is the {title}, and is it in stock?", "How much does the {title} weigh?"),
    "fr": ("Combien coûte le {title}, et est-il en stock ?", "Quel est le poids du {title} ?"),
    "es": ("¿Cuánto cuesta {title} y hay existencias?", "¿Cuánto pesa {title}?"),
}
BOOTS = product(
    "Heron Boot",
    variant("Women's 7", "W7", price="139.00", in_stock=3),
    variant("Women's 8", "W8", price="139.00", in_stock=0),
    handle="boots",
    category="Footwear",
    description="A boot.",
)
ENGLISH = open_judge(detect=lambda _text, _hint: "en")
"""Names of products are in no language; these drafts are English."""


def page(product: Product) -> Passage:
    """The product's page as conversation/planning/flows.py gives it to the critic."""
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
    for sold in (*catalogue(), BOOTS):
        for ask in asks(sold, language):
            written = await writer.write(ask)
            judged = await judge.judge(
                draft(
                    *written.sentences,
                    language=language,
                    text=ask.text,
                    facts=ask.facts,
                    passages=(page(sold),),
                    allowed_values=(str(sum(form.in_stock for form in sold.variants)),),
                )
            )
            replies += any("$" in sentence.text for sentence in written.sentences)
            refused += [(sold.title, finding.rule, finding.span) for finding in judged.findings]
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
    found = await against(ENGLISH, (said, ("product:boots/W7",)), facts=BOOTS.facts(), passages=())
    assert [finding.span for finding in found if finding.rule == "output.value"] == spans


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_french_and_spanish_part_thousands_with_a_space(language: Language) -> None:
    """`1 249` is one number where people write it so; groups of other than three digits never are."""
    numbers = [amount.span for amount in values_of("1\u00a0249,90 $", language).amounts]
    assert numbers == (["1", "249,90"] if language == "en" else ["1 249,90"])
    assert [amount.span for amount in values_of("7 13 9", language).amounts] == ["7", "13", "9"]


async def test_a_number_at_the_end_of_a_name_is_no_stock() -> None:
    """A product called "Tern 0" is not sold out."""
    tern = product("Tern 0", variant("Moss", "M", price="9.00"), handle="t")
    said = ("The Tern 0 is in stock.", ("product:t/title",))
    assert await against(ENGLISH, said, facts=tern.facts(), passages=()) == []
