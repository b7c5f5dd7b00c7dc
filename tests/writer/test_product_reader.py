"""The reader tells which products are asked about, and whether what is asked stands anywhere."""

import json
from pathlib import Path

import pytest

from shared.adapters.embedded.product_reader import open_product_reader
from shared.contracts import Language, Passage, Product, Variant
from shared.ports import ProductReading

SHOP = Path("mock_apis/data/products.json")
READER = open_product_reader()
TENTS = {"tern-2-tent", "tern-3-tent", "heron-4-family-tent", "plover-solo-tent", "cormorant-4-season-tent"}


def _products() -> list[Product]:
    return [
        Product(
            handle=row["handle"],
            title=row["title"],
            category=row["category"],
            description=row["description"],
            currency="USD",
            final_sale=False,
            variants=tuple(
                Variant(title=v["title"], sku=v["sku"], price=v["price"], in_stock=3) for v in row["variants"]
            ),
            tags=tuple(row["tags"]),
        )
        for row in json.loads(SHOP.read_text(encoding="utf-8"))
    ]


PRODUCTS = _products()


def _read(
    question: str, language: Language = "en", *, passages: tuple[Passage, ...] = (), spoken_of: str = ""
) -> ProductReading:
    return READER.read(question, language=language, products=PRODUCTS, passages=passages, spoken_of=spoken_of)


def _passage(
    text: str, *, title: str = "Our tents compared", section: str = "", category: str = "products"
) -> Passage:
    return Passage(
        id="kb:page#s", source="page.md", title=title, section=section, text=text, locale="en",
        category=category, version=1, score=0.5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Do your tents contain PFAS?"),
        ("en", "Do your tents have PFAS in the waterproof coating?"),
        ("en", "is the heron tent fire retardant?"),
        ("en", "Do you have vegan boots?"),
        ("en", "Where is the Tern 2 Tent made?"),
        ("en", "Does the Heron tent include a fire extinguisher?"),
        ("en", "Do your tents come with a rain cover?"),
        ("en", "Will a rain cover fit the Longshore 45?"),
        ("en", "Is the hood of the Gale shell fire retardant?"),
        ("en", "Does the Gale Alpine Shell have pit zips?"),
        ("en", "Is the Wren mug microwave safe?"),
        ("en", "Are the Fernstep socks itchy?"),
        ("fr", "vos chaussures sont-elles véganes ?"),
        ("fr", "Vos tentes sont-elles ignifugées ?"),
        ("fr", "La tente Heron 4 contient-elle des PFAS ?"),
        ("fr", "Le sac Drift 22 a-t-il une housse de pluie ?"),
        ("fr", "Où est fabriquée la tente Tern 2 ?"),
        ("es", "¿la mochila trae cubierta para lluvia?"),
        ("es", "¿Sus tiendas de campaña son ignífugas?"),
        ("es", "¿Las botas Cairn son veganas?"),
        ("es", "¿Las chaquetas son de plástico reciclado?"),
        ("es", "¿Dónde está hecha la tienda de campaña Tern 2?"),
    ],
)
def test_what_no_page_says_is_told_nowhere(language: Language, question: str) -> None:
    """A property is asked of products of ours, and no sentence of another property passes for its answer."""
    reading = _read(question, language)
    assert reading.property_asked
    assert (reading.told, reading.silent) == ((), reading.products)


@pytest.mark.parametrize(
    ("language", "question", "handle", "says"),
    [
        ("en", "Is the Spring 2L Reservoir BPA free?", "spring-2l-reservoir", "Free of BPA."),
        ("en", "Can I put the Brook bottle in the dishwasher?", "brook-insulated-bottle", "dishwasher safe"),
        ("en", "How tall is the Heron tent?", "heron-4-family-tent", "185 cm peak height"),
        ("en", "Does the Drift daypack have a laptop sleeve?", "drift-22-daypack", "laptop sleeve"),
        ("en", "What size should I get in the Cairn Low Hiker?", "cairn-low-hiker", "half a size small"),
        ("en", "What fuel does the Kestrel Duo Stove run on?", "kestrel-duo-stove", "propane cylinders"),
        ("en", "Is the hood of the Saltspray jacket detachable?", "saltspray-rain-jacket", "detachable with"),
        ("en", "How long does the Glimmer battery last?", "glimmer-350-headlamp", "Runs 4 hours"),
        ("fr", "Le Tern 2 est-il livré avec un tapis de sol ?", "tern-2-tent", "footprint included"),
        ("fr", "La veste Saltspray a-t-elle une capuche amovible ?", "saltspray-rain-jacket", "detachable"),
        ("fr", "Le réservoir Spring contient-il du BPA ?", "spring-2l-reservoir", "Free of BPA."),
        ("es", "¿El saco Tidepool 40 se puede lavar a máquina?", "tidepool-40-sleeping-bag", "machine wash"),
        ("es", "¿De qué está hecha la chaqueta Kindling?", "kindling-fleece", "recycled polyester"),
        ("es", "¿la mochila Drift 22 tiene bolsillos para botellas?", "drift-22-daypack", "bottle pockets"),
        ("es", "¿La botella Brook va al lavavajillas?", "brook-insulated-bottle", "dishwasher safe"),
    ],
)
def test_what_a_page_says_is_found_there(language: Language, question: str, handle: str, says: str) -> None:
    """With the id of the description, and its words as they stand."""
    [place] = _read(question, language).told
    assert (place.source, place.handles) == (f"product:{handle}/description", (handle,))
    assert says in place.text


def test_some_of_a_kind_tell_it() -> None:
    """Which do, and which do not."""
    reading = _read("Vos sacs de couchage passent-ils en machine ?", "fr")
    assert [place.handles for place in reading.told] == [("tidepool-40-sleeping-bag",)]
    assert [p.handle for p in reading.silent] == ["ember-20-sleeping-bag", "ember-0-sleeping-bag"]


def test_one_sentence_may_tell_it_of_several() -> None:
    """It is quoted before the pages of each, and is no answer for a product it does not name."""
    line = "A footprint is included with the Tern 2 Tent, the Tern 3 Tent and the Heron 4 Family Tent."
    reading = _read("Which of your tents have a footprint?", passages=(_passage(line),))
    assert (reading.told[0].source, len(reading.told[0].handles)) == ("kb:page#s", 3)
    assert "plover-solo-tent" in {product.handle for product in reading.silent}


def test_more_tell_it_than_are_quoted() -> None:
    """Three places are quoted; a fourth product that has one is not said to have none."""
    reading = _read("Are your jackets waterproof or water-repellent?")
    told = {handle for place in reading.told for handle in place.handles}
    assert len(reading.told) <= 3
    assert not told & {product.handle for product in reading.silent}


@pytest.mark.parametrize(
    ("question", "page", "text", "told"),
    [
        (
            "Are your water bottles BPA free?",
            "Bottles and reservoirs",
            "The reservoir is free of BPA.",
            False,
        ),
        ("Can I machine wash the Cairn boots?", "Caring for your tent", "Never machine wash a tent.", False),
        ("Can I machine wash my tent?", "Caring for your tent", "Never machine wash a tent.", True),
        ("Is the Heron tent windproof?", "Tents", "Only the Cormorant 4-Season Tent is windproof.", False),
    ],
)
def test_a_passage_answers_for_what_it_speaks_of(question: str, page: str, text: str, *, told: bool) -> None:
    """Not for another product, nor for another kind."""
    reading = _read(question, passages=(_passage(text, title=page),))
    assert any(place.source == "kb:page#s" for place in reading.told) is told


def test_what_is_true_of_all_products_needs_no_name() -> None:
    """A page on the warranty speaks of whatever the shop sells."""
    page = _passage("The warranty is two years.", title="Warranty", category="warranty")
    [place] = _read("Does the Tern 2 Tent have a warranty?", passages=(page,)).told
    assert place.text == "The warranty is two years."


def test_a_mark_of_the_shop_tells_it() -> None:
    """Where the description does not."""
    boot = Product(
        handle="moor-boot", title="Moor Boot", category="Footwear", description="A boot.", currency="USD",
        final_sale=False, variants=(), tags=("boots", "vegan"),
    )  # fmt: skip
    reading = READER.read("vos bottes sont-elles véganes ?", language="fr", products=[boot], passages=())
    assert [(place.source, place.text) for place in reading.told] == [("product:moor-boot/tags", "vegan")]


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "how much is the heron tent?"),
        ("en", "What colors does the Tern 2 Tent come in?"),
        ("en", "Is the Tern 2 Tent available in Sand?"),
        ("en", "Does the Heron tent come in green?"),
        ("en", "Is the Saltspray Rain Jacket on sale?"),
        ("en", "Do you have the Cairn Mid Boot in Men's 9?"),
        ("fr", "Combien coûte la tente Heron ?"),
        ("es", "¿Tienen botas en talla 45?"),
        ("en", "Tell me about the Tern 2 Tent"),
    ],
)
def test_price_stock_and_variants_are_no_property(language: Language, question: str) -> None:
    """Nor is a wish to hear of a product at all."""
    reading = _read(question, language)
    assert reading.products
    assert not reading.property_asked


@pytest.mark.parametrize(
    ("question", "spoken_of", "handles"),
    [
        ("the heron tent", "", {"heron-4-family-tent"}),
        ("Is the Kestrel stove loud?", "", {"kestrel-canister-stove", "kestrel-duo-stove"}),
        ("Are your tents loud?", "", TENTS | {"saltmarsh-tarp"}),
        ("Can the Tern 2 be used with a stove?", "", {"tern-2-tent"}),
        ("is it flame retardant?", "Saltspray Rain Jacket", {"saltspray-rain-jacket"}),
        ("does it fit in a pack?", "Tern 2 Tent", {"tern-2-tent"}),
        ("and are they loud?", "tents", TENTS | {"saltmarsh-tarp"}),
        ("and the Kindling Fleece?", "Saltspray Rain Jacket", {"kindling-fleece"}),
        ("do you sell kayaks?", "", set()),
    ],
)
def test_the_products_asked_about(question: str, spoken_of: str, handles: set[str]) -> None:
    """A name in any letter case, all of a kind, or what was spoken of before."""
    assert {product.handle for product in _read(question, spoken_of=spoken_of).products} == handles


def test_the_shop_is_searched_in_its_own_language() -> None:
    """A French customer's tent is a tent on the shop's pages."""
    assert "tent" in READER.search_words("Vos tentes sont-elles ignifugées ?", language="fr").split()
    assert "backpack" in READER.search_words("¿la mochila trae funda?", language="es").split()


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "do you have a tent for 4 people?"),
        ("fr", "avez-vous une tente pour quatre personnes ?"),
        ("es", "¿tienen tiendas de campaña para 4 personas?"),
    ],
)
def test_a_number_asked_for_is_the_number_told(language: Language, question: str) -> None:
    """A two-person tent is no answer to who asks for four, and nothing is unknown of it."""
    reading = _read(question, language)
    told = {handle for place in reading.told for handle in place.handles}
    assert "heron-4-family-tent" in told
    assert not told & {"tern-2-tent", "tern-3-tent", "plover-solo-tent"}
    assert reading.silent == ()
