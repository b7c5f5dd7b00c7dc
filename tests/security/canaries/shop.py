"""Makes fake people customers of the mock shop, so that their record is known and vendors answer with it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mock_apis.shop_people import CUSTOMER_BASE
from tests.security.canaries.people import Person
from tests.security.canaries.sabotage import stores

FIRST = 20
"""Of the shop's customers; those before have stable names for docs and demos."""


def enrol(data_dir: Path, guests: Sequence[Person]) -> list[Person]:
    """The same people as customers with orders; their values replace those of invented customers."""
    enrolled = []
    with stores(data_dir) as (shop, _), shop.writing():
        for place, person in enumerate(guests):
            gid = f"gid://shopify/Customer/{CUSTOMER_BASE + FIRST + place}"
            doc = shop.need("customer", gid)
            orders = shop.owned("order", gid)
            number = orders[-1]["name"] if orders else ""
            enrolled.append(replace(person, customer_id=doc["legacyResourceId"], order=number))
            address = doc["defaultAddress"] | {
                "name": person.name, "firstName": person.first, "lastName": person.last,
                "address1": person.street, "phone": person.phone, "countryCodeV2": person.country,
            }  # fmt: skip
            doc |= {
                "firstName": person.first, "lastName": person.last, "displayName": person.name,
                "email": person.email, "phone": person.phone, "locale": person.language,
                "note": f"Card {person.card}", "defaultAddress": address,
            }  # fmt: skip
            shop.change("customer", gid, doc)
            shop.sql("UPDATE doc SET name = ? WHERE kind = 'customer' AND id = ?", person.email, gid)
            for order in orders:
                order |= {"email": person.email, "shippingAddress": address, "note": f"Call {person.phone}"}
                shop.change("order", order["id"], order)
    return enrolled
