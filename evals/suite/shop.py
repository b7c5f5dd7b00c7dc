"""Finds customers and orders of the mock shop by what they are like, straight from the vendor's records."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from evals.suite.scenario import Between, CustomerQuery, OrderQuery, Scenario
from mock_apis.shopify import open_shop
from mock_apis.store import Store
from shared.contracts import Language, Value
from shared.errors import SettingsError

Doc = dict[str, Any]


# Written down by whichever connection changes a document: comparing them all takes 40 ms.
_WATCH = (
    "CREATE TABLE IF NOT EXISTS touched (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    *(
        f"CREATE TRIGGER IF NOT EXISTS touched_{act} AFTER {act} ON doc "  # noqa: S608  three literals
        f"BEGIN INSERT OR IGNORE INTO touched VALUES ({row}.kind, {row}.id); END"
        for act, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old"))
    ),
)


class Bought(Value, frozen=True, kw_only=True):
    """One line of an order: the price on the list, of one; what was paid for one; the tax on all of them."""

    title: str
    price: str
    quantity: int = 1
    paid: str = ""
    tax: str = "0.00"


class Placed(Value, frozen=True, kw_only=True):
    """An order as the vendor holds it; days are ISO or empty, amounts decimal strings."""

    number: str
    customer: str
    email: str
    status: str
    payment: str
    placed_on: str
    shipped_on: str
    expected_on: str
    delivered_on: str
    cancelled_on: str
    refunded_on: str
    total: str
    refunded: str
    shipping: str = "0.00"
    carrier: str
    tracking_number: str
    items: tuple[Bought, ...]
    final_sale: bool


class Person(Value, frozen=True, kw_only=True):
    """A customer as the vendor holds them; no id is a guest."""

    id: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    locale: Language = "en"
    country: str = ""


class Cast(Value, frozen=True, kw_only=True):
    """Who takes part in a scenario: the customer, and the orders it speaks of by name."""

    customer: Person
    orders: dict[str, Placed]


class TrueShop:
    """The mock shop's file, read beside the product and put back as it was after a scenario."""

    def __init__(self, file: Path) -> None:
        self._store: Store = open_shop(file, datetime.now(UTC).date())
        self._pristine = file.with_suffix(".pristine.db")
        self._pristine.unlink(missing_ok=True)
        self._store.sql("VACUUM INTO ?", str(self._pristine))
        self._store.sql("ATTACH ? AS pristine", str(self._pristine))
        for statement in _WATCH:
            self._store.sql(statement)
        self.today = date.fromisoformat(self._store.meta("today"))
        self.products = tuple(self._store.all("product"))
        self._sale = {p["id"] for p in self.products if "final-sale" in p["tags"] or p["isGiftCard"]}
        # As it was at the start, and is again after each scenario: reading a thousand orders takes a while.
        self._all = tuple(self._placed(doc) for doc in self._store.all("order"))

    @property
    def store(self) -> Store:
        """The vendor's records, for setting faults."""
        return self._store

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def restore(self) -> None:
        """Undo whatever was done to customers and orders."""
        with self._store.writing():
            self._store.sql("DELETE FROM doc WHERE (kind, id) IN touched")
            self._store.sql("INSERT INTO doc SELECT * FROM pristine.doc WHERE (kind, id) IN touched")
            self._store.sql("DELETE FROM touched")
            self._store.sql("DELETE FROM main.idempotency")

    def order(self, number: str) -> Placed:
        """The order of this number as it is now."""
        doc = self._store.named("order", f"#{number}")
        if doc is None:
            raise SettingsError(f"the mock shop has no order {number}; was its file replaced?")
        return self._placed(doc)

    def orders_of(self, customer: str) -> tuple[Placed, ...]:
        """Everything a customer ordered."""
        return tuple(map(self._placed, self._store.owned("order", f"gid://shopify/Customer/{customer}")))

    def cast(self, scenario: Scenario) -> Cast:
        """The first customer of the shop, by number, whose orders are like the scenario says.

        Raises:
            SettingsError: the shop has nobody like that.
        """
        for person in self._people(scenario):
            orders: dict[str, Placed] = {}
            for name, query in scenario.orders.items():
                found = self._find(query, person, taken={order.number for order in orders.values()})
                if found is None:
                    break
                orders[name] = found
            else:
                given = [name for name, query in scenario.orders.items() if query.of == "given"]
                return Cast(
                    customer=person, orders=orders | {n: self._give(orders[n], person) for n in given}
                )
        raise SettingsError(
            f"{scenario.name}: nobody in the mock shop is like that; loosen [customer] or [orders]"
        )

    def _give(self, order: Placed, person: Person) -> Placed:
        doc = self._store.named("order", f"#{order.number}")
        assert doc is not None  # it was found a moment ago
        owner = f"gid://shopify/Customer/{person.id}"
        mine = doc | {"customerId": owner, "email": person.email}
        with self._store.writing():
            self._store.put("order", doc["id"], mine, number=doc["number"], name=doc["name"], owner=owner)
        return self._placed(mine)

    def _people(self, scenario: Scenario) -> Iterator[Person]:
        if scenario.who == "guest":
            yield Person()
            return
        for doc in self._store.all("customer"):
            person = _person(doc)
            if scenario.who == "customer" and "demo" not in doc["tags"]:
                if self._fits(scenario.customer, person):
                    yield person
            elif person.first_name == scenario.who:
                yield person

    def _fits(self, query: CustomerQuery, person: Person) -> bool:
        orders = [order for order in self._all if order.customer == person.id]
        refunds = sum(bool(o.refunded_on) and self._days(o.refunded_on) <= 90 for o in orders)
        return (
            (query.locale is None or person.locale == query.locale)
            and (not query.country or person.country == query.country)
            and _between(len(orders), query.orders)
            and _between(refunds, query.refunds_90d)
        )

    def _find(self, query: OrderQuery, person: Person, *, taken: Collection[str]) -> Placed | None:
        fitting = [
            order
            for order in self._all
            if order.number not in taken
            and (query.of == "anybody" or (order.customer == person.id) == (query.of == "customer"))
            and order.status in (_several(query.status) or {order.status})
            and order.payment in (_several(query.payment) or {order.payment})
            and self._between_days(order.delivered_on, query.delivered_days)
            and self._between_days(order.placed_on, query.placed_days)
            and _between(float(order.total), query.total)
            and _between(len(order.items), query.items)
            and (query.final_sale is None or order.final_sale == query.final_sale)
            and any(query.product.casefold() in item.title.casefold() for item in order.items)
        ]
        ordered = sorted(fitting, key=lambda order: (order.placed_on, order.number))
        return (ordered[-1] if query.pick == "newest" else ordered[0]) if ordered else None

    def _between_days(self, day: str, wanted: Between | None) -> bool:
        return wanted is None or (bool(day) and _between(self._days(day), wanted))

    def _days(self, day: str) -> int:
        return (self.today - date.fromisoformat(day)).days

    def _placed(self, doc: Doc) -> Placed:
        parcel = doc["fulfillments"][-1] if doc["fulfillments"] else {}
        track = (parcel.get("trackingInfo") or [{}])[0]
        return Placed(
            number=doc["name"].removeprefix("#"),
            customer=doc["customerId"].rpartition("/")[2],
            email=doc["email"],
            status=_status(doc, parcel),
            payment=doc["displayFinancialStatus"].lower(),
            placed_on=doc["processedAt"][:10],
            shipped_on=(parcel.get("createdAt") or "")[:10],
            expected_on=(parcel.get("estimatedDeliveryAt") or "")[:10],
            delivered_on=(parcel.get("deliveredAt") or "")[:10],
            cancelled_on=(doc["cancelledAt"] or "")[:10],
            refunded_on=doc["refunds"][-1]["createdAt"][:10] if doc["refunds"] else "",
            total=_amount(doc["totalPriceSet"]),
            refunded=_amount(doc["totalRefundedSet"]),
            shipping=_amount(doc["totalShippingPriceSet"]),
            carrier=track.get("company", ""),
            tracking_number=track.get("number", ""),
            items=tuple(map(_bought, doc["lineItems"])),
            final_sale=any(line["productId"] in self._sale for line in doc["lineItems"]),
        )


def _bought(line: Doc) -> Bought:
    taxes = (Decimal(_amount(each["priceSet"])) for each in line.get("taxLines", ()))
    return Bought(
        title=line["title"],
        price=_amount(line["originalUnitPriceSet"]),
        quantity=line["quantity"],
        paid=_amount(line.get("discountedUnitPriceAfterAllDiscountsSet") or line["originalUnitPriceSet"]),
        tax=str(sum(taxes, Decimal("0.00"))),
    )


def _status(order: Doc, parcel: Doc) -> str:
    """Read here once more on purpose: the product's own reading is what is being measured."""
    if order["cancelledAt"]:
        return "cancelled"
    if any(row["status"] in {"OPEN", "REQUESTED"} for row in order["returns"]):
        return "return_in_progress"
    if order["returnStatus"] == "RETURNED":
        return "returned"
    told = str(order["displayFulfillmentStatus"]).lower()
    if told == "partially_fulfilled":
        return "partially_shipped"
    road = str(parcel.get("displayStatus", "")).lower()
    return road.replace("in_transit", "shipped") if parcel else told


def _person(doc: Doc) -> Person:
    return Person(
        id=doc["legacyResourceId"],
        first_name=doc["firstName"],
        last_name=doc["lastName"],
        email=doc["email"],
        locale=doc["locale"],
        country=doc["defaultAddress"]["countryCodeV2"],
    )


def _amount(bag: Doc) -> str:
    return str(bag["shopMoney"]["amount"])


def _several(wanted: str | tuple[str, ...]) -> set[str]:
    return {wanted} if isinstance(wanted, str) else set(wanted)


def _between(value: float, wanted: Between | None) -> bool:
    return wanted is None or wanted[0] <= value <= wanted[1]
