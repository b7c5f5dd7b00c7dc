"""A statement that rests on the shop's records names them, in the customer's language and without values."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from conversation.citing import citations
from shared import contracts as c
from tests.conversation.desk import ids, running, understood
from tests.products import product, variant

TENT = product("Heron Tent", variant("Moss", "HP-H-M"), handle="heron")
ORDER = c.Order(
    number="1001", status="shipped", payment="paid", placed_on="2026-11-01", total="249.00", currency="USD",
    items=(), carrier="UPS", ship_to="TOKEN_00000000-0000-4000-8000-000000000000", shipped_on="2026-11-03",
)  # fmt: skip
PAGE = c.Passage(
    id="kb:shipping#times", source="en/shipping.md", title="Shipping", section="Times", locale="en",
    version=1, text="Standard takes a week.", category="shipping", score=0.9,
)  # fmt: skip


def cited(*sources: str, language: c.Language = "en") -> list[tuple[str, str, str, tuple[str, ...]]]:
    sentence = c.Sentence(text="Standard takes a week.", sources=sources)
    found = citations([sentence], [PAGE], [*TENT.facts(), *ORDER.facts()], language=language)
    assert all(each.quote == "" for each in found if each.fields)
    return [(each.source, each.title, each.section, each.fields) for each in found]


@pytest.mark.parametrize(
    ("language", "order", "tent"),
    [
        ("en", ("Order #1001", "status, delivery address"), "price and stock"),
        ("fr", ("Commande n° 1001", "état, adresse de livraison"), "prix et stock"),
        ("es", ("Pedido n.º 1001", "estado, dirección de entrega"), "precio y existencias"),
    ],
)
def test_a_record_is_cited_once_by_its_fields(
    language: c.Language, order: tuple[str, str], tent: str
) -> None:
    """Beside the documents, in the order they are said."""
    said = ("order:1001/number", "order:1001/status", PAGE.id, "order:1001/ship_to", "product:heron/HP-H-M")
    assert cited(*said, language=language) == [
        ("order:1001", *order, ("status", "ship_to")),
        ("en/shipping.md", "Shipping", "Times", ()),
        ("product:heron", "Heron Tent", tent, ("variants",)),
    ]


def test_every_field_of_an_order_has_a_name_in_every_language() -> None:
    """A new field of orders is cited too."""
    item = c.OrderItem(
        title="Tern 2 Tent", variant="Moss", sku="HP-T", quantity=1, price="249.00", returnable=True
    )
    later = dict.fromkeys(("expected_on", "delivered_on", "cancelled_on", "refunded_on"), "2026-11-05")
    filled = structs.replace(ORDER, items=(item,), tracking_number="1Z", refunded="9.00", **later)
    ids_of = [fact.id for fact in filled.facts()]
    sentence = c.Sentence(text="All of it.", sources=tuple(ids_of))
    for language in c.LANGUAGES:
        [order] = citations([sentence], [], filled.facts(), language=language)
        assert len(order.fields) == len(order.section.split(", ")) == len(ids_of) - 1


@pytest.mark.parametrize("source", ["order:1001/number", "product:heron/title", "order:9/status", "x"])
def test_a_name_is_no_proof(source: str) -> None:
    """Nor is what nothing was read of."""
    assert cited(source) == []


async def test_a_price_is_cited(tmp_path: Path) -> None:
    """Through the whole conversation, up to the result."""

    async def shelf(ask: c.FetchFacts) -> c.FactsFetched:
        return c.FactsFetched(**ids(ask), products=(TENT,) if "products" in ask.wants else ())

    answers: dict[Any, Any] = {c.CLASSIFY: understood("PRODUCT_INQUIRY"), c.FETCH: shelf}
    async with running(tmp_path, answers) as desk:
        result = await desk.say("how much is the Heron tent?")
    assert [(each.source, each.fields) for each in result.citations] == [("product:heron", ("variants",))]
