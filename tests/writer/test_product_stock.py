"""Who asks for the stock is told that of what they mean, in numbers where they ask for numbers."""

import pytest

from shared.adapters.embedded.product_variants import picked
from shared.contracts import Intent, Language, Topic, WriteReply
from tests.products import catalogue, product, variant
from tests.writer.scene import writer

SHELF = {each.title: each for each in catalogue()}
WRITER = writer()


@pytest.mark.parametrize(
    ("title", "question", "meant", "missing"),
    [
        ("Saltspray Rain Jacket", "do you have the Saltspray in M?", ["Women's M", "Men's M"], ""),
        ("Saltspray Rain Jacket", "La Saltspray est-elle disponible en homme L ?", ["Men's L"], ""),
        ("Loam Merino Crew", "do you have the Loam Crew in men's XL?", [], "men's XL"),
        ("Cairn Mid Boot", "¿Tienen las botas Cairn en talla 9 de mujer?", ["Women's 9"], ""),
        ("Cairn Mid Boot", "Cairn Mid in size 12?", [], "12"),
        ("Tern 3 Tent", "Quand la Tern 3 sable revient-elle ?", ["Sand"], ""),
        ("Tern 3 Tent", "is the Tern 3 in pink?", [], "pink"),
        ("Glimmer 350 Headlamp", "¿Está agotada la Glimmer naranja?", ["Signal Orange"], ""),
        ("Longshore 65 Pack", "¿Hay la Longshore 65 en mediana/grande?", ["Medium/Large"], ""),
        ("Ember 20 Sleeping Bag", "how long is the Ember 20?", [], ""),
        ("Longshore 65 Pack", "is the Longshore 65 there in green?", [], ""),
        ("Heron 4 Family Tent", "it's a 4 person tent, isn't it?", [], ""),
    ],
)
def test_the_version_that_is_meant(title: str, question: str, meant: list[str], missing: str) -> None:
    """By its words in three languages; one that is not sold is told as it was asked for."""
    names = [each.title for each in SHELF[title].variants]
    found = picked(question, title, names)
    assert ([names[place] for place in found.places], found.missing) == (meant, missing)


TENT = product(
    "Heron Tent",
    variant("Moss", "HP-M", in_stock=3),
    variant("Sand", "HP-S", in_stock=0),
    handle="heron",
)


async def _said(question: str, language: Language = "en") -> str:
    topic = Topic(
        goal="product.answer", intent=Intent.PRODUCT_INQUIRY, facts={"title": "product:heron/title"}
    )
    ask = WriteReply(
        conversation_id="c", turn_id="t", step_id="s", text=question, language=language, topics=(topic,),
        facts=TENT.facts(),
    )  # fmt: skip
    written = await WRITER.write(ask)
    told = [sentence for sentence in written.sentences if any(char.isdigit() for char in sentence.text)]
    assert all(sentence.sources for sentence in told)
    return " ".join(sentence.text for sentence in written.sentences)


@pytest.mark.parametrize(
    ("language", "question", "says", "silent"),
    [
        ("en", "how many Heron tents are left?", ("Moss (3)", "Sand"), "know"),
        ("fr", "Combien de tentes Heron reste-t-il ?", ("Moss (3)",), "pas quand"),
        ("es", "¿Cuántas Heron quedan?", ("Moss (3)",), "sé"),
        ("en", "when is the Heron tent in sand back in stock?", ("Sand", "back"), "Moss"),
        ("es", "¿Cuándo vuelve la Heron arena?", ("Sand", "cuándo"), "Moss"),
        ("en", "do you have the Heron tent in pink?", ("“pink”", "Moss and Sand"), "in stock"),
        ("fr", "Avez-vous la tente Heron en rose ?", ("« rose »", "Moss et Sand"), "stock"),
    ],
)
async def test_what_is_said_of_the_stock(
    language: Language, question: str, says: tuple[str, ...], silent: str
) -> None:
    """Numbers, the one version, that nobody knows when, or that there is no such version."""
    said = (await _said(question, language)).replace("\u00a0", " ")
    assert all(part in said for part in says), said
    assert silent not in said, said
