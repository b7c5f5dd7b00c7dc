"""A new address is read before it is shown: what it lacks is asked for, and the yes is for what was read."""

from pathlib import Path

import pytest

from shared import contracts as c
from shared.adapters.shopify_address import read_address
from shared.adapters.shopify_wire_work import WorkAddress
from tests.clock import Clock
from tests.conversation.desk import USAGE, ids, running, understood
from tests.conversation.test_actions import NOW, ORDERS
from tests.conversation.test_conversation import number
from tests.passages import passage

STREET, CODE, WHOLE = (f"TOKEN_0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("country", "text", "line", "missing"),
    [
        ("FR", "12 rue de la Paix, 75002 Paris", "12 rue de la Paix, 75002 Paris", ()),
        ("FR", "12 rue de la Paix 75002 Paris", "12 rue de la Paix, 75002 Paris", ()),
        ("FR", "5 rue Victor Hugo, Lyon 69002", "5 rue Victor Hugo, 69002 Lyon", ()),
        ("FR", "12 rue de la Paix", "12 rue de la Paix", ("postal_code", "town")),
        ("FR", "12 rue de la Paix, Paris", "12 rue de la Paix, Paris", ("postal_code",)),
        ("FR", "75002 Paris", "75002 Paris", ("street",)),
        ("ES", "calle Mayor 12, 2º B; 28013 Madrid, España", "calle Mayor 12, 2º B, 28013 Madrid", ()),
        ("US", "12 Alder Lane Boise ID 83702", "12 Alder Lane, Boise, ID 83702", ()),
        ("US", "12345 Main Street, Boise", "12345 Main Street, Boise", ("postal_code",)),
        ("US", "12 Alder Lane, 83702", "12 Alder Lane, 83702", ("town",)),
        ("FR", "Mme Dubois, 8 rue des Lilas", "8 rue des Lilas, Mme Dubois", ("postal_code", "town")),
        ("GB", "10 Mill Road, London SW1A 2AA, UK", "10 Mill Road, London SW1A 2AA", ()),
    ],
)
def test_the_parts_of_an_address_are_told(
    country: str, text: str, line: str, missing: tuple[str, ...]
) -> None:
    """With commas or without; what is read from the line that is shown is the same."""
    there = WorkAddress(country_code_v2=country)
    read = read_address(text, like=there)
    assert (read.line, read.missing, read.abroad) == (line, missing, False)
    assert missing or read_address(read.line, like=there) == read


@pytest.mark.parametrize("text", ["Hauptstr. 3, 10115 Berlin, Germany", "1 Main St, Boise, ID 83702, USA"])
def test_another_country_is_another_matter(text: str) -> None:
    """The parcel of an order to France does not silently go elsewhere."""
    assert read_address(text, like=WorkAddress(country_code_v2="FR")).abroad


async def test_what_an_address_lacks_is_asked_for_before_the_yes(tmp_path: Path) -> None:
    """A question in between is answered; the parts are put together, and the preview shows the whole."""
    done: list[c.Action] = []
    read = {
        STREET: c.AddressRead(text=STREET, missing=("postal_code", "town")),
        f"{STREET}, {CODE} Paris": c.AddressRead(text=WHOLE),
    }

    async def shop(ask: c.FetchFacts) -> c.FactsFetched:
        address = read.get(ask.address, c.AddressRead(text=ask.address, missing=("street",)))
        return c.FactsFetched(**ids(ask), order=ORDERS["1003"], address=address)

    async def execute(ask: c.ExecuteAction) -> c.ActionExecuted:
        done.append(ask.action)
        receipt = c.Receipt(kind="address", order_number="1003", status="done", reference="R-1")
        return c.ActionExecuted(**ids(ask), receipt=receipt)

    async def pages(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        page = passage("shipping#1", "We deliver to Belgium.", title="Shipping", section="Where", score=0.9)
        return c.PassagesRetrieved(**ids(ask), passages=(page,), usage=USAGE)

    async def classify(ask: c.ClassifyIntent) -> c.IntentClassified:
        asks = "Belgium" in ask.text
        intent = "SHIPPING_ESTIMATE" if asks else "ORDER_CHANGE" if "1003" in ask.text else "OUT_OF_SCOPE"
        return await understood(intent, entities=(number("1003"),) if "1003" in ask.text else ())(ask)

    calls = {c.CLASSIFY: classify, c.FETCH: shop, c.EXECUTE: execute, c.RETRIEVE: pages}
    async with running(tmp_path, calls, Clock(NOW)) as desk:
        said = [
            await desk.say(text, customer="TOKEN_x")
            for text in (
                f"send 1003 to another address: {STREET}",
                "do you deliver to Belgium?",
                f"{CODE} Paris",
            )
        ]
        lacks, between, whole = said
        assert ("postal code" in lacks.reply, "town" in lacks.reply, STREET in lacks.reply) == (True,) * 3
        assert ("Belgium" in between.reply, "postal code" in between.reply) == (True, True)
        assert (WHOLE in whole.reply, done) == (True, [])
        await desk.say("yes", customer="TOKEN_x")
    assert done == [c.ChangeAddress(order_number="1003", address=WHOLE)]


async def test_an_address_abroad_is_for_a_person(tmp_path: Path) -> None:
    """What it costs and whether it can be is not for a table to say."""

    async def shop(ask: c.FetchFacts) -> c.FactsFetched:
        return c.FactsFetched(**ids(ask), order=ORDERS["1003"], address=c.AddressRead(abroad=True))

    calls = {c.CLASSIFY: understood("ORDER_CHANGE", entities=(number("1003"),)), c.FETCH: shop}
    async with running(tmp_path, calls, Clock(NOW)) as desk:
        told = await desk.say(f"send 1003 to another address: {STREET}", customer="TOKEN_x")
    assert told.escalation is not None
    assert told.escalation.reason == "order_change"
