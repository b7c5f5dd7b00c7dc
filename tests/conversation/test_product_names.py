"""A product's name is no stranger's word."""

from pathlib import Path

import pytest

from shared import contracts as c
from shared.errors import VendorDown
from tests.conversation.desk import ids, running, understood
from tests.products import product, variant

MUG = product("Wren Titanium Mug", variant("One Size", "HP-WM", price="39.00"), category="Kitchen")


async def shelf(ask: c.FetchFacts) -> c.FactsFetched:
    return c.FactsFetched(**ids(ask), products=(MUG,) if "products" in ask.wants else ())


async def closed(ask: c.FetchFacts) -> c.FactsFetched:
    raise VendorDown("the shop does not answer")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how much is the wren titanium mug?", c.Intent.PRODUCT_INQUIRY),
        ("how much is a titanium mine?", c.Intent.OUT_OF_SCOPE),
    ],
)
async def test_who_names_a_product_of_ours_asks_the_shop(tmp_path: Path, text: str, intent: c.Intent) -> None:
    """However sure the intent agent is that nobody sells such a thing; part of a name is not enough."""
    async with running(tmp_path, {c.CLASSIFY: understood("OUT_OF_SCOPE", 0.95), c.FETCH: shelf}) as desk:
        result = await desk.say(text)
    assert (result.intent, result.status) == (intent, "answered")


async def test_a_question_none_of_ours_is_answered_without_the_shop(tmp_path: Path) -> None:
    """The look at the shelf may fail: what is out of scope stays so."""
    async with running(tmp_path, {c.CLASSIFY: understood("OUT_OF_SCOPE", 0.95), c.FETCH: closed}) as desk:
        result = await desk.say("how much is the wren titanium mug?")
    assert (result.intent, result.status) == (c.Intent.OUT_OF_SCOPE, "answered")
